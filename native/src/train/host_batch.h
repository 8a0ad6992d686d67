// One replica's batch in host memory: its prefix tree, as the arrays that a model reads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ops/batch.h"
#include "train/dataset.h"
#include "train/prefix_tree.h"

namespace groklab {

class HostBatch {
 public:
  /// @param vocabulary, @param positions rows of the token and position tables.
  /// @param needs the lists that a backward pass reads.
  HostBatch(std::int64_t vocabulary, std::int64_t positions, const BatchNeeds& needs)
      : vocabulary_(vocabulary), positions_(positions), needs_(needs) {}

  /// @param share whether rows share prefixes; @param gradients whether to make the lists.
  void build(const Dataset& dataset, std::span<const std::int32_t> rows, bool share,
             bool gradients);

  /// Valid until the next `build`.
  [[nodiscard]] const Batch& batch() const { return batch_; }

 private:
  void view_tree();
  void make_lists();

  std::int64_t vocabulary_;
  std::int64_t positions_;
  BatchNeeds needs_;
  PrefixTreeBuilder builder_;
  PrefixTree tree_;
  std::vector<std::int32_t> pair_paths_;  // [nodes, T]
  std::vector<std::int32_t> numbers_;     // 0, 1, 2, …
  std::vector<std::int32_t> lists_;       // offsets and items, one list after the other
  Batch batch_;
};

}  // namespace groklab
