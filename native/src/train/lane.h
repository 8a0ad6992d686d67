// Everything that one lane of the backend needs to compute a step: a model with its activations,
// scratch memory, and the batch under way. Lanes share nothing, so they need no locks.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/model.h"
#include "ops/backend.h"
#include "train/batch_plan.h"
#include "train/prefix_tree.h"
#include "train/trainer.h"

namespace groklab {

template <class T>
class Lane {
 public:
  /// @param replicas the most replicas that a group on this lane can have.
  Lane(const std::shared_ptr<Backend>& backend, const TransformerShape& shape,
       std::int64_t replicas);

  [[nodiscard]] const ParameterLayout& parameters() const { return model_->parameters(); }

  /// Makes the batch for the passes that follow: one list of rows per replica of the group.
  void set_batch(const Dataset& dataset, std::span<const std::span<const std::int32_t>> rows,
                 bool share, bool gradients);

  /// Forward pass and loss. @param dropout [R], or empty. @param keep_gradient whether the logits
  /// are then replaced by the gradient of the loss, for `backward`.
  void forward(Ops<T>& ops, FlatBuffer<const T> weights, std::span<const DropoutKey> dropout,
               bool keep_gradient);
  void backward(Ops<T>& ops, FlatBuffer<const T> weights, FlatBuffer<T> gradients);

  /// Of the latest forward pass: mean loss and number of right rows of a replica of the group.
  [[nodiscard]] double loss(std::int64_t replica) const;
  [[nodiscard]] double correct(std::int64_t replica) const;

  /// Logits of the latest forward pass that did not keep gradients, [R, leaves, V].
  [[nodiscard]] Matrices<const T> logits() const { return logits_; }

  void adamw(Ops<T>& ops, std::span<const AdamWStep> steps, FlatBuffer<const T> gradients,
             FlatBuffer<T> weights, FlatBuffer<T> first_moments, FlatBuffer<T> second_moments);

  /// Σ w² of one replica.
  [[nodiscard]] double sum_of_squares(Ops<T>& ops, Vectors<const T> weights);

 private:
  std::shared_ptr<Backend> backend_;
  std::unique_ptr<Model<T>> model_;
  Workspace workspace_;
  PrefixTreeBuilder builder_;
  std::vector<PrefixTree> trees_;
  BatchPlan plan_;
  const Batch* batch_ = nullptr;
  Matrices<T> logits_;
  DeviceArray<DropoutKey> dropout_;
  DeviceArray<AdamWStep> steps_;
  DeviceArray<double> results_;  // [3, R]: losses, right rows, sums of squares
  Vectors<const DropoutKey> dropout_in_use_;
  std::int64_t capacity_;
};

extern template class Lane<float>;
extern template class Lane<double>;

}  // namespace groklab
