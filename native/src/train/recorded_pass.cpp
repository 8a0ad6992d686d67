#include "train/recorded_pass.h"

#include <cstddef>
#include <new>
#include <numeric>
#include <vector>

#include "train/dry_pass.h"
#include "train/loss.h"

namespace groklab {

namespace {

constexpr auto kWordBytes = static_cast<std::int64_t>(sizeof(std::int32_t));
constexpr auto kHeaderWords = static_cast<std::int64_t>(sizeof(StepInputs)) / kWordBytes;
static_assert(offsetof(StepInputs, update) == 0);
static_assert(sizeof(StepResults) == 2 * sizeof(double));

/// Words of one replica's inputs: views of its header's parts step from replica to replica in whole
/// OptimizerSteps and DropoutKeys.
std::int64_t input_words(std::int64_t capacity) {
  constexpr auto kGrain =
      static_cast<std::int64_t>(std::lcm(sizeof(OptimizerStep), sizeof(DropoutKey))) / kWordBytes;
  static_assert(offsetof(StepInputs, dropout) % alignof(DropoutKey) == 0);
  return (kHeaderWords + capacity + kGrain - 1) / kGrain * kGrain;
}

const BatchNeeds* needs_of(const PassDescription& description, const BatchNeeds& needs) {
  return description.kind == PassKind::kEvaluation ? nullptr : &needs;
}

/// Room for the squared norm of each replica's gradient, if it is needed.
Vectors<double> squares_of(const PassDescription& description, Workspace& workspace) {
  if (!description.clips) return {};
  return workspace.vectors<double>(description.replicas, 1);
}

template <class T>
CrossEntropy<T> cross_entropy_of(const PassContext<T>& context, const PassDescription& description,
                                 const Batch& batch, const Answers<T>& answers,
                                 StepResults* results) {
  CrossEntropy<T> args =
      loss_of(context, batch, answers, description.kind != PassKind::kEvaluation);
  constexpr std::int64_t kStride = sizeof(StepResults) / sizeof(double);
  args.loss = {&results->loss, batch.replicas, 1, kStride};
  args.correct = {&results->correct, batch.replicas, 1, kStride};
  args.row_results =
      context.workspace.template matrices<double>(batch.replicas, answers.logits.rows, 2);
  return args;
}

}  // namespace

template <class T>
RecordedPass<T>::RecordedPass(const std::shared_ptr<Backend>& backend, Queue& queue,
                              Model<T>& model, Workspace& workspace, const DeviceDataset& dataset,
                              const DataTables<T>& tables, const PassDescription& description,
                              const PassBuffers<T>& buffers, std::int64_t steps,
                              ActivationCopy<T>* observer)
    : queue_(queue),
      model_(model),
      workspace_(workspace),
      tables_(tables),
      observer_(observer),
      description_(description),
      buffers_(buffers),
      steps_(steps),
      words_(input_words(description.capacity)) {
  const std::int64_t replicas = description.replicas;
  const BatchNeeds needs = model.needs();
  const BatchNeeds* const needed = needs_of(description, needs);
  staged_inputs_ = {backend, steps * replicas * words_};
  staged_results_ = {backend, steps * replicas};
  zero_ = {backend, 1};
  *zero_.data() = 0;
  input_table_ = {backend, steps * replicas * words_};
  result_table_ = {backend, steps * replicas};
  cursor_ = {backend, 1};
  present_inputs_ = {backend, replicas * words_};
  present_results_ = {backend, replicas};
  tree_ = {backend, description.plan->size(replicas, needed)};
  planned_ = description.plan->lay_out(*backend, dataset, tree_.data(), replicas, needed);
  planned_.rows.sizes = {
      present_inputs_.data() + offsetof(StepInputs, batch_size) / sizeof(std::int32_t), replicas, 1,
      words_};
  planned_.rows.rows = {present_inputs_.data() + kHeaderWords, replicas, description.capacity,
                        words_};
  recording_ = queue.record([this] { compute(queue_.ops().template get<T>()); });
}

template <class T>
void RecordedPass<T>::compute(Ops<T>& ops) {
  const std::int64_t replicas = description_.replicas;
  const Batch& batch = planned_.batch;
  workspace_.reset();
  ops.begin_step(cursor_.data(),
                 {input_table_.data(), replicas, steps_, words_, replicas * words_, words_},
                 {present_inputs_.data(), replicas, words_, words_});
  ops.fill_tree(planned_.rows);
  if (!planned_.lists.empty()) ops.make_lists(planned_.lists);

  const auto* const inputs = reinterpret_cast<const StepInputs*>(present_inputs_.data());
  const std::int64_t input_bytes = words_ * kWordBytes;
  Vectors<const DropoutKey> dropout;
  if (description_.dropout) {
    dropout = {&inputs->dropout, replicas, 1,
               input_bytes / static_cast<std::int64_t>(sizeof(DropoutKey))};
  }
  if (observer_ != nullptr) observer_->use(ops);
  const PassContext<T> context{ops, workspace_, dropout, tables_, observer_};
  const Answers<T> answers = model_.forward(context, batch, buffers_.parameters);
  logits_ = answers.logits;
  ops.cross_entropy(
      cross_entropy_of(context, description_, batch, answers, present_results_.data()));
  if (description_.kind != PassKind::kEvaluation) {
    model_.backward(context, batch, buffers_.parameters, answers.logits, buffers_.gradients);
  }
  if (description_.kind == PassKind::kTraining) {
    const Vectors<double> squares = squares_of(description_, workspace_);
    if (description_.clips) ops.sum_of_squares(buffers_.gradients, squares);
    ops.optimizer_step({&inputs->update, replicas, 1,
                        input_bytes / static_cast<std::int64_t>(sizeof(OptimizerStep))},
                       buffers_.gradients, squares, buffers_.parameters, buffers_.state);
  }
  constexpr std::int64_t kNumbers = sizeof(StepResults) / sizeof(double);
  ops.end_step(
      cursor_.data(), {&present_results_.data()->loss, replicas, kNumbers, kNumbers},
      {&result_table_.data()->loss, replicas, steps_, kNumbers, replicas * kNumbers, kNumbers});
}

template <class T>
StepInputs& RecordedPass<T>::inputs(std::int64_t s, std::int64_t i) {
  std::int32_t* const at = staged_inputs_.data() + (s * description_.replicas + i) * words_;
  return *std::launder(reinterpret_cast<StepInputs*>(at));
}

template <class T>
std::int32_t* RecordedPass<T>::rows(std::int64_t s, std::int64_t i) {
  return staged_inputs_.data() + (s * description_.replicas + i) * words_ + kHeaderWords;
}

template <class T>
void RecordedPass<T>::run(std::int64_t count) {
  const auto size = static_cast<std::size_t>(count * description_.replicas);
  queue_.upload(cursor_.data(), zero_.data(), sizeof(std::int64_t));
  queue_.upload(input_table_.data(), staged_inputs_.data(),
                size * static_cast<std::size_t>(words_ * kWordBytes));
  for (std::int64_t s = 0; s < count; ++s) recording_->replay();
  queue_.download(staged_results_.data(), result_table_.data(), size * sizeof(StepResults));
}

template <class T>
const StepResults& RecordedPass<T>::results(std::int64_t s, std::int64_t i) const {
  return staged_results_.data()[s * description_.replicas + i];
}

template <class T>
std::int64_t RecordedPass<T>::device_bytes(const Model<T>& model,
                                           const PassDescription& description, std::int64_t steps) {
  const BatchNeeds needs = model.needs();
  const std::int64_t inputs = input_words(description.capacity) * kWordBytes;
  const auto results = static_cast<std::int64_t>(sizeof(StepResults));
  return (steps + 1) * description.replicas * (inputs + results) +
         description.plan->size(description.replicas, needs_of(description, needs)) * kWordBytes;
}

template <class T>
std::int64_t RecordedPass<T>::workspace_bytes(Model<T>& model, Ops<T>& ops, const Dataset& dataset,
                                              const PassDescription& description) {
  const BatchNeeds needs = model.needs();
  const Batch batch = description.plan->shape(description.replicas, needs_of(description, needs));
  const auto pass = [&](const PassContext<T>& context, FlatBuffer<T> flat) {
    const Answers<T> answers = model.forward(context, batch, flat);
    StepResults results;
    cross_entropy_of(context, description, batch, answers, &results);
    if (description.kind != PassKind::kEvaluation) {
      model.backward(context, batch, flat, answers.logits, flat);
    }
    squares_of(description, context.workspace);
  };
  return dry_pass<T>(model, dataset, description.replicas, description.dropout, pass, &ops);
}

template class RecordedPass<float>;
template class RecordedPass<double>;

}  // namespace groklab
