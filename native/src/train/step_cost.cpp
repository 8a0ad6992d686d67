#include "train/step_cost.h"

#include <cstddef>
#include <memory>

#include "models/models.h"
#include "ops/counting_ops.h"
#include "train/data_tables.h"
#include "train/host_batch.h"
#include "train/loss.h"

namespace groklab {

namespace {

// Addresses without memory: flat buffers from here on, scratch memory above them.
constexpr std::uintptr_t kFlat = std::uintptr_t{1} << 20;
constexpr std::uintptr_t kScratch = std::uintptr_t{1} << 60;

template <class T>
T* at(std::uintptr_t address) {
  return reinterpret_cast<T*>(address);
}

/// The batch with every position of every row in the place of a leaf.
Batch with_all_nodes_as_leaves(const Batch& batch) {
  Batch all = batch;
  all.leaves = batch.nodes;
  all.pairs_from_leaves = batch.pairs_from_nodes;
  all.nodes_from_leaves = batch.nodes_from_nodes;
  return all;
}

template <class T>
class Walk {
 public:
  Walk(const ModelShape& shape, const Dataset& dataset)
      : dataset_(dataset),
        model_(make_model<T>(shape)),
        batch_(shape.vocabulary, shape.positions, model_->needs(),
               std::pmr::get_default_resource()) {}

  /// Forward and backward over distinct prefixes, or over all rows, and the update.
  OpCounts step(std::span<const std::int32_t> rows, const StepKind& kind) {
    batch_.build(dataset_, rows, kind.share && !kind.dropout, /*gradients=*/true);
    CountingOps<T> ops(at<void>(kFlat), at<void>(kScratch));
    pass(ops, batch_.batch(), kind.dropout);
    if (kind.optimizer.clips()) ops.sum_of_squares(flat(1), {});
    OptimizerState<T> state;
    if (kind.optimizer.has_first_moments()) state.first_moments = flat(2);
    if (kind.optimizer.has_second_moments()) state.second_moments = flat(3);
    if (kind.optimizer.has_momentum()) state.momentum = flat(4);
    ops.optimizer_step({}, flat(1), {}, flat(0), state);
    return ops.counts();
  }

  /// Multiply-adds of forward and backward as a framework does them that sees a dense tensor: of a
  /// model with a state at every position, all of them, but the readout at the last position alone.
  double dense_multiply_adds(std::span<const std::int32_t> rows, bool dropout) {
    batch_.build(dataset_, rows, /*share=*/false, /*gradients=*/true);
    const Batch& batch = batch_.batch();
    CountingOps<T> ops(at<void>(kFlat), at<void>(kScratch));
    if (!model_->has_states_at_nodes()) {
      pass(ops, batch, dropout);
      return ops.counts().multiply_adds;
    }
    const Matrices<T> logits = pass(ops, with_all_nodes_as_leaves(batch), dropout);
    const double readouts = ops.multiply_adds_of(logits.data);
    return ops.counts().multiply_adds -
           readouts * (1 - static_cast<double>(batch.leaves) / static_cast<double>(batch.nodes));
  }

 private:
  /// Forward and backward; returns the logits, whose place their gradients take.
  Matrices<T> pass(CountingOps<T>& ops, const Batch& batch, bool dropout) {
    std::uintptr_t next = kScratch;
    Workspace workspace(
        [&next](std::size_t bytes) {
          next += bytes;
          return at<void>(next - bytes);
        },
        [](void*) {});
    const DropoutKey key;
    Vectors<const DropoutKey> keys;
    if (dropout) keys = {&key, 1, 1, 1};
    const PassContext<T> context{ops, workspace, keys, shape_of_tables<T>(dataset_, 1)};
    const Answers<T> answers = model_->forward(context, batch, flat(0));
    ops.cross_entropy(loss_of(context, batch, answers, /*keep_gradient=*/true));
    model_->backward(context, batch, flat(0), answers.logits, flat(1));
    return answers.logits;
  }

  /// Flat buffers that lie one after the other, from kFlat on.
  [[nodiscard]] FlatBuffer<T> flat(std::int64_t number) const {
    const std::int64_t size = model_->parameters().size();
    return {at<T>(kFlat) + number * size, 1, size, size};
  }

  const Dataset& dataset_;
  std::unique_ptr<Model<T>> model_;
  HostBatch batch_;
};

}  // namespace

template <class T>
StepCost count_step(const ModelShape& shape, const Dataset& dataset,
                    std::span<const std::int32_t> rows, const StepKind& kind) {
  Walk<T> walk(shape, dataset);
  const OpCounts counts = walk.step(rows, kind);
  return {2 * counts.multiply_adds, 2 * walk.dense_multiply_adds(rows, kind.dropout),
          counts.parameter_bytes, counts.activation_bytes};
}

template StepCost count_step<float>(const ModelShape&, const Dataset&,
                                    std::span<const std::int32_t>, const StepKind&);
template StepCost count_step<double>(const ModelShape&, const Dataset&,
                                     std::span<const std::int32_t>, const StepKind&);

}  // namespace groklab
