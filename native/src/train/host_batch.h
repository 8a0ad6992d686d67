// One replica's batch in host memory: its prefix tree, as the arrays that a model reads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "ops/batch.h"
#include "train/dataset.h"
#include "train/prefix_tree.h"

namespace groklab {

/// The largest batch within the bounds: sizes without arrays.
Batch batch_of(const TreeBounds& bounds);

class HostBatch {
 public:
  /// @param vocabulary, @param positions rows of the token and position tables.
  /// @param needs the lists that a backward pass reads.
  /// @param memory where the arrays are taken from.
  HostBatch(std::int64_t vocabulary, std::int64_t positions, const BatchNeeds& needs,
            std::pmr::memory_resource* memory)
      : vocabulary_(vocabulary),
        positions_(positions),
        needs_(needs),
        builder_(memory),
        tree_(memory),
        pair_paths_(memory),
        numbers_(memory),
        lists_(memory) {}

  /// Makes room for batches within the bounds, so that `build` allocates nothing.
  void reserve(const Dataset& dataset, const TreeBounds& bounds, bool gradients);

  /// @param share whether rows share prefixes; @param gradients whether to make the lists.
  void build(const Dataset& dataset, std::span<const std::int32_t> rows, bool share,
             bool gradients);

  /// Valid until the next `build`.
  [[nodiscard]] const Batch& batch() const { return batch_; }

 private:
  struct Wanted;
  static constexpr std::size_t kLists = 9;

  /// The lists that a batch can have, and from which keys.
  [[nodiscard]] std::array<Wanted, kLists> all_lists(Batch& batch) const;

  void view_tree();
  void make_lists();

  std::int64_t vocabulary_;
  std::int64_t positions_;
  BatchNeeds needs_;
  PrefixTreeBuilder builder_;
  PrefixTree tree_;
  std::pmr::vector<std::int32_t> pair_paths_;  // [nodes, T]
  std::pmr::vector<std::int32_t> numbers_;     // 0, 1, 2, …
  std::pmr::vector<std::int32_t> lists_;       // offsets and items, one list after the other
  Batch batch_;
};

}  // namespace groklab
