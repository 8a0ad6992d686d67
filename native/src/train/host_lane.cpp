#include "train/host_lane.h"

#include "models/models.h"
#include "train/dry_pass.h"
#include "train/loss.h"

namespace groklab {

template <class T>
HostLane<T>::HostLane(const std::shared_ptr<Backend>& backend, const ModelShape& shape,
                      std::pmr::memory_resource* memory)
    : model_(make_model<T>(shape)),
      workspace_([backend](std::size_t bytes) { return backend->allocate(bytes); },
                 [backend](void* memory) { backend->release(memory); }),
      batch_(shape.vocabulary, shape.positions, model_->needs(), memory) {}

template <class T>
void HostLane<T>::reserve(const Dataset& dataset, const TreeBounds& bounds, const LanePass& pass) {
  const Batch batch = batch_of(bounds);
  const auto walk = [&](const PassContext<T>& context, FlatBuffer<T> flat) {
    const Answers<T> answers = model_->forward(context, batch, flat);
    loss_of(context, batch, answers, pass.gradients);
    if (pass.gradients) model_->backward(context, batch, flat, answers.logits, flat);
  };
  workspace_.reset();
  workspace_.reserve(
      static_cast<std::size_t>(dry_pass<T>(*model_, dataset, 1, pass.dropout, walk)));
  batch_.reserve(dataset, bounds, pass.gradients);
}

template <class T>
void HostLane<T>::forward(Ops<T>& ops, FlatBuffer<const T> weights, const DataTables<T>& data,
                          const DropoutKey* dropout, bool keep_gradient) {
  workspace_.reset();
  data_ = data;
  drops_ = dropout != nullptr;
  if (drops_) dropout_ = *dropout;
  const Answers<T> answers = model_->forward(context(ops), batch_.batch(), weights);
  logits_ = answers.logits;
  CrossEntropy<T> args = loss_of(context(ops), batch_.batch(), answers, keep_gradient);
  args.loss = {&loss_, 1, 1, 1};
  args.correct = {&correct_, 1, 1, 1};
  ops.cross_entropy(args);
}

template <class T>
void HostLane<T>::backward(Ops<T>& ops, FlatBuffer<const T> weights, FlatBuffer<T> gradients) {
  model_->backward(context(ops), batch_.batch(), weights, logits_, gradients);
}

template class HostLane<float>;
template class HostLane<double>;

}  // namespace groklab
