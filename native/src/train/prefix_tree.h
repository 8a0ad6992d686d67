// The prefix tree of one batch of one replica, on the host. See ops/batch.h for what it means.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "train/dataset.h"

namespace groklab {

struct PrefixTree {
  std::int64_t sequence_length = 0;
  std::vector<std::int32_t> pair_tokens;     ///< [pairs]
  std::vector<std::int32_t> pair_positions;  ///< [pairs]
  std::vector<std::int32_t> node_pairs;      ///< [nodes], level by level; the leaves are last
  std::vector<std::int32_t> node_paths;      ///< [nodes, T] node at each position, −1 beyond
  std::vector<std::int32_t> node_parents;    ///< [nodes] −1 at the first level
  std::vector<std::int32_t> leaf_targets;    ///< [leaves]
  std::vector<std::int32_t> leaf_counts;     ///< [leaves]
  std::vector<std::int64_t> first_pairs;     ///< [T + 1] of each position
  std::vector<std::int64_t> first_nodes;     ///< [T + 1] of each level

  [[nodiscard]] std::int64_t pairs() const { return static_cast<std::int64_t>(pair_tokens.size()); }
  [[nodiscard]] std::int64_t nodes() const { return static_cast<std::int64_t>(node_pairs.size()); }
  [[nodiscard]] std::int64_t leaves() const {
    return static_cast<std::int64_t>(leaf_targets.size());
  }
};

/// Builds trees, one after the other, without allocating once it has seen the largest.
class PrefixTreeBuilder {
 public:
  /// @param rows the batch, any order, repeats allowed.
  /// @param share false: a dense batch, its rows in the order given, nothing shared.
  void build(const Dataset& dataset, std::span<const std::int32_t> rows, bool share,
             PrefixTree& tree);

 private:
  std::vector<std::int32_t> order_;    // the batch by rank
  std::vector<std::int32_t> shared_;   // [leaves] tokens shared with the leaf before
  std::vector<std::int32_t> level_;    // [T] next node of each level
  std::vector<std::int32_t> path_;     // [T] present leaf's nodes
  std::vector<std::int32_t> pair_of_;  // [T, V] pair of a (position, token), or −1
};

}  // namespace groklab
