// The prefix tree of one batch of one replica, on the host. See ops/batch.h for what it means.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "train/dataset.h"

namespace groklab {

/// Sizes of the largest tree that any batch of so many rows can have.
struct TreeBounds {
  /// @param rows most rows of the batch; @param share whether they share prefixes.
  TreeBounds(const Dataset& dataset, std::int64_t rows, bool share);

  [[nodiscard]] std::int64_t pairs() const { return first_pairs.back(); }
  [[nodiscard]] std::int64_t nodes() const { return first_nodes.back(); }

  std::int64_t rows;
  std::int64_t leaves;
  std::vector<std::int64_t> first_pairs{0};  ///< [T + 1] of each position
  std::vector<std::int64_t> first_nodes{0};  ///< [T + 1] of each level
};

struct PrefixTree {
  template <class T>
  using Array = std::pmr::vector<T>;

  explicit PrefixTree(std::pmr::memory_resource* memory)
      : pair_tokens(memory),
        pair_positions(memory),
        node_pairs(memory),
        node_paths(memory),
        node_parents(memory),
        leaf_targets(memory),
        leaf_counts(memory),
        first_pairs(memory),
        first_nodes(memory) {}

  /// Makes room for trees within the bounds.
  void reserve(const TreeBounds& bounds);

  std::int64_t sequence_length = 0;
  Array<std::int32_t> pair_tokens;     ///< [pairs]
  Array<std::int32_t> pair_positions;  ///< [pairs]
  Array<std::int32_t> node_pairs;      ///< [nodes], level by level; the leaves are last
  Array<std::int32_t> node_paths;      ///< [nodes, T] node at each position, −1 beyond
  Array<std::int32_t> node_parents;    ///< [nodes] −1 at the first level
  Array<std::int32_t> leaf_targets;    ///< [leaves]
  Array<std::int32_t> leaf_counts;     ///< [leaves]
  Array<std::int64_t> first_pairs;     ///< [T + 1] of each position
  Array<std::int64_t> first_nodes;     ///< [T + 1] of each level

  [[nodiscard]] std::int64_t pairs() const { return static_cast<std::int64_t>(pair_tokens.size()); }
  [[nodiscard]] std::int64_t nodes() const { return static_cast<std::int64_t>(node_pairs.size()); }
  [[nodiscard]] std::int64_t leaves() const {
    return static_cast<std::int64_t>(leaf_targets.size());
  }
};

/// Builds trees, one after the other, without allocating once it has seen the largest.
class PrefixTreeBuilder {
 public:
  explicit PrefixTreeBuilder(std::pmr::memory_resource* memory)
      : order_(memory), shared_(memory), level_(memory), path_(memory), pair_of_(memory) {}

  /// Makes room for batches of so many rows.
  void reserve(const Dataset& dataset, std::int64_t rows);

  /// @param rows the batch, any order, repeats allowed.
  /// @param share false: a dense batch, its rows in the order given, nothing shared.
  void build(const Dataset& dataset, std::span<const std::int32_t> rows, bool share,
             PrefixTree& tree);

 private:
  std::pmr::vector<std::int32_t> order_;    // the batch by rank
  std::pmr::vector<std::int32_t> shared_;   // [leaves] tokens shared with the leaf before
  std::pmr::vector<std::int32_t> level_;    // [T] next node of each level
  std::pmr::vector<std::int32_t> path_;     // [T] present leaf's nodes
  std::pmr::vector<std::int32_t> pair_of_;  // [T, V] pair of a (position, token), or −1
};

}  // namespace groklab
