// The fixed shape of every batch of one capacity: what a device needs to make its batches by
// itself, step by step, in arrays whose places never change. See TreeRows in ops/batch_ops.h.
#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <vector>

#include "ops/backend.h"
#include "ops/batch.h"
#include "ops/batch_ops.h"
#include "train/dataset_tree.h"

namespace groklab {

/// A data set's tokens and targets in the backend's memory.
class DeviceDataset {
 public:
  DeviceDataset(const std::shared_ptr<Backend>& backend, const Dataset& dataset);

  [[nodiscard]] Matrices<const std::int32_t> tokens() const {
    return contiguous<const std::int32_t>(array_.data(), 1, rows_, length_);
  }
  [[nodiscard]] Indices targets() const {
    return contiguous<const std::int32_t>(array_.data() + rows_ * length_, 1, rows_);
  }

  /// Brings over targets that have changed.
  void upload(Backend& backend, const Dataset& dataset);

  /// Bytes that it takes.
  [[nodiscard]] static std::int64_t bytes(const Dataset& dataset);

 private:
  std::int64_t rows_;
  std::int64_t length_;
  DeviceArray<std::int32_t> array_;
};

/// A batch in the making: the views that a model reads, and how to fill them at each step.
struct PlannedBatch {
  Batch batch;
  TreeRows rows;               ///< all but `rows` and `sizes`, which the step brings
  std::vector<ListsOf> lists;  ///< to be made from what `rows` fills
};

class TreePlan {
 public:
  /// @param positions rows of the position table. @param capacity B, most rows of a batch.
  /// @param dense whether rows share nothing.
  TreePlan(const DatasetTree& tree, std::int64_t positions, std::int64_t capacity, bool dense);

  /// Elements of the arrays of a batch of so many replicas. @param needs null: no gradients.
  [[nodiscard]] std::int64_t size(std::int64_t replicas, const BatchNeeds* needs) const;

  /// A batch of so many replicas that has sizes, but no memory.
  [[nodiscard]] Batch shape(std::int64_t replicas, const BatchNeeds* needs) const;

  /// Bytes of the tables that `upload_tables` makes.
  [[nodiscard]] std::int64_t table_bytes() const;

  /// Brings what all batches share to the backend's memory, if it is not there yet; before any
  /// `lay_out`.
  void upload_tables(const std::shared_ptr<Backend>& backend);

  /// Lays a batch out in `size` elements of the backend's memory, and writes what is the same in
  /// every batch.
  [[nodiscard]] PlannedBatch lay_out(Backend& backend, const DeviceDataset& dataset,
                                     std::int32_t* memory, std::int64_t replicas,
                                     const BatchNeeds* needs) const;

 private:
  std::int64_t arrange(std::int64_t replicas, const BatchNeeds* needs, std::int32_t* base,
                       PlannedBatch& out) const;
  void fill_shared(const PlannedBatch& host) const;
  [[nodiscard]] std::int32_t pair(std::int32_t row, std::int64_t t) const;
  [[nodiscard]] bool any_own_pairs() const;

  const DatasetTree& tree_;
  std::int64_t positions_;
  std::int64_t capacity_;
  std::int64_t length_;             // T
  std::int64_t shared_levels_ = 0;  // S
  std::int64_t nodes_ = 0;
  std::int64_t pairs_ = 0;
  std::vector<std::int64_t> first_nodes_;        // [T + 1] of each level
  std::vector<std::int64_t> first_pairs_;        // [T + 1] of each position
  std::pmr::vector<std::int32_t> shared_pairs_;  // [T, V], as in TreeRows
  std::pmr::vector<std::int32_t> row_pairs_;     // [T], as in TreeRows
  DeviceArray<std::int32_t> tables_;             // shared nodes, shared pairs, row pairs
};

}  // namespace groklab
