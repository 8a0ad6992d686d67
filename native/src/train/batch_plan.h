// Packs the prefix trees of a group of replicas into one Batch in the backend's memory.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/batch.h"
#include "ops/backend.h"
#include "train/prefix_tree.h"

namespace groklab {

class BatchPlan {
 public:
  /// @param vocabulary, @param positions rows of the token and position tables.
  BatchPlan(std::shared_ptr<Backend> backend, std::int64_t vocabulary, std::int64_t positions)
      : backend_(std::move(backend)), vocabulary_(vocabulary), positions_(positions) {}

  /// Trees of different sizes are padded to the largest: a padding node attends to itself, and a
  /// padding leaf counts for no row, so nothing that is read depends on them.
  /// @param gradients whether to make the lists that only a backward pass reads.
  /// The result is valid until the next call.
  const Batch& pack(std::span<const PrefixTree> trees, bool gradients);

 private:
  /// Lays the arrays of a batch of `shape`'s sizes out from `base` on; returns their total size.
  std::int64_t lay_out(const Batch& shape, bool gradients, std::int32_t* base, Batch& out) const;

  void fill(const Batch& host, const PrefixTree& tree, std::int64_t replica);
  void fill_gradient_lists(const Batch& host, const PrefixTree& tree, std::int64_t replica);

  std::shared_ptr<Backend> backend_;
  std::int64_t vocabulary_;
  std::int64_t positions_;
  std::vector<std::int32_t> host_;    // all arrays of the batch, one after the other
  DeviceArray<std::int32_t> device_;  // the same, where the ops read them
  Batch batch_;                       // views into device_
};

}  // namespace groklab
