// Everything that one lane of the CPU needs to compute a step of one replica: a model with its
// activations, scratch memory, and the batch under way. Lanes share nothing, so they need no locks.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/workspace.h"
#include "models/model.h"
#include "ops/backend.h"
#include "train/host_batch.h"

namespace groklab {

/// What decides on the memory of a pass, beside its batch.
struct LanePass {
  bool dropout = false;
  bool gradients = false;
};

template <class T>
class HostLane {
 public:
  /// @param memory where the arrays of batches are taken from.
  HostLane(const std::shared_ptr<Backend>& backend, const ModelShape& shape,
           std::pmr::memory_resource* memory);

  /// Makes room for passes over batches within the bounds: they then allocate nothing.
  void reserve(const Dataset& dataset, const TreeBounds& bounds, const LanePass& pass);

  [[nodiscard]] const ParameterLayout& parameters() const { return model_->parameters(); }

  /// Makes the batch for the passes that follow.
  void set_batch(const Dataset& dataset, std::span<const std::int32_t> rows, bool share,
                 bool gradients) {
    batch_.build(dataset, rows, share, gradients);
  }

  /// Forward pass and loss. @param data the data set's tables, which stay for `backward`.
  /// @param dropout null: none. @param keep_gradient whether the logits are then replaced by the
  /// gradient of the loss, for `backward`.
  void forward(Ops<T>& ops, FlatBuffer<const T> weights, const DataTables<T>& data,
               const DropoutKey* dropout, bool keep_gradient);

  /// Who looks at the passes that follow; null: nobody.
  void set_observer(Observer<T>* observer) { observer_ = observer; }

  void backward(Ops<T>& ops, FlatBuffer<const T> weights, FlatBuffer<T> gradients);

  /// Of the latest forward pass: mean loss and number of right rows.
  [[nodiscard]] double loss() const { return loss_; }
  [[nodiscard]] double correct() const { return correct_; }

  /// Logits of the latest forward pass that did not keep gradients,
  /// [1, answers, classes].
  [[nodiscard]] Matrices<const T> logits() const { return logits_; }

 private:
  std::unique_ptr<Model<T>> model_;
  Workspace workspace_;
  HostBatch batch_;
  Matrices<T> logits_;
  DataTables<T> data_;
  Observer<T>* observer_ = nullptr;
  DropoutKey dropout_;
  bool drops_ = false;
  double loss_ = 0;
  double correct_ = 0;

  [[nodiscard]] PassContext<T> context(Ops<T>& ops) {
    Vectors<const DropoutKey> dropout;
    if (drops_) dropout = {&dropout_, 1, 1, 1};
    return {ops, workspace_, dropout, data_, observer_};
  }
};

extern template class HostLane<float>;
extern template class HostLane<double>;

}  // namespace groklab
