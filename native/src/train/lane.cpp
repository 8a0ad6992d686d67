#include "train/lane.h"

namespace groklab {

template <class T>
Lane<T>::Lane(const std::shared_ptr<Backend>& backend, const TransformerShape& shape,
              std::int64_t replicas)
    : backend_(backend),
      model_(make_transformer<T>(shape)),
      workspace_([backend](std::size_t bytes) { return backend->allocate(bytes); },
                 [backend](void* memory) { backend->release(memory); }),
      plan_(backend, shape.vocabulary, shape.positions),
      dropout_(backend, replicas),
      steps_(backend, replicas),
      results_(backend, 3 * replicas),
      capacity_(replicas) {}

template <class T>
void Lane<T>::set_batch(const Dataset& dataset, std::span<const std::span<const std::int32_t>> rows,
                        bool share, bool gradients) {
  if (trees_.size() < rows.size()) trees_.resize(rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) builder_.build(dataset, rows[r], share, trees_[r]);
  batch_ = &plan_.pack(std::span(trees_).first(rows.size()), gradients);
}

template <class T>
void Lane<T>::forward(Ops<T>& ops, FlatBuffer<const T> weights, std::span<const DropoutKey> dropout,
                      bool keep_gradient) {
  workspace_.reset();
  dropout_in_use_ = {};
  if (!dropout.empty()) {
    backend_->upload(dropout_.data(), dropout.data(), dropout.size_bytes());
    dropout_in_use_ = contiguous<const DropoutKey>(dropout_.data(), batch_->replicas, 1);
  }
  logits_ = model_->forward({ops, workspace_, dropout_in_use_}, *batch_, weights);
  CrossEntropy<T> args;
  args.logits = logits_;
  args.targets = batch_->leaf_targets;
  args.counts = batch_->leaf_counts;
  if (keep_gradient) args.dlogits = logits_;
  args.loss = contiguous(results_.data(), batch_->replicas, 1);
  args.correct = contiguous(results_.data() + capacity_, batch_->replicas, 1);
  ops.cross_entropy(args);
}

template <class T>
void Lane<T>::backward(Ops<T>& ops, FlatBuffer<const T> weights, FlatBuffer<T> gradients) {
  model_->backward({ops, workspace_, dropout_in_use_}, *batch_, weights, logits_, gradients);
}

template <class T>
double Lane<T>::loss(std::int64_t replica) const {
  double loss = 0;
  backend_->download(&loss, results_.data() + replica, sizeof loss);
  return loss;
}

template <class T>
double Lane<T>::correct(std::int64_t replica) const {
  double correct = 0;
  backend_->download(&correct, results_.data() + capacity_ + replica, sizeof correct);
  return correct;
}

template <class T>
void Lane<T>::adamw(Ops<T>& ops, std::span<const AdamWStep> steps, FlatBuffer<const T> gradients,
                    FlatBuffer<T> weights, FlatBuffer<T> first_moments,
                    FlatBuffer<T> second_moments) {
  backend_->upload(steps_.data(), steps.data(), steps.size_bytes());
  ops.adamw(contiguous<const AdamWStep>(steps_.data(), weights.replicas, 1), gradients, weights,
            first_moments, second_moments);
}

template <class T>
double Lane<T>::sum_of_squares(Ops<T>& ops, Vectors<const T> weights) {
  double* const out = results_.data() + 2 * capacity_;
  ops.sum_of_squares(weights, contiguous(out, 1, 1));
  double sum = 0;
  backend_->download(&sum, out, sizeof sum);
  return sum;
}

template class Lane<float>;
template class Lane<double>;

}  // namespace groklab
