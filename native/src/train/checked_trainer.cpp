#include "train/checked_trainer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <limits>
#include <ranges>
#include <string>
#include <utility>

#include "core/error.h"
#include "train/dry_backend.h"

namespace groklab {

namespace {

/// How far two backends may differ in one precision. The rounding errors of a gradient follow from
/// probabilities near 0 and 1, so that tiny gradients are only known to an absolute error.
struct Bounds {
  double number;             ///< relative error of a loss, a norm; absolute below 1
  double gradient;           ///< relative error of a tensor, in the Euclidean norm
  double gradient_absolute;  ///< root mean square error that is always allowed
  double update;             ///< relative error of one element; absolute below 1
};

constexpr Bounds bounds_of(Precision precision) {
  return precision == Precision::kFp32 ? Bounds{1e-5, 1e-3, 1e-7, 1e-6}
                                       : Bounds{1e-10, 1e-8, 1e-14, 1e-12};
}

std::string text(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.9g", value);
  return buffer;
}

bool agree(double a, double b, double bound) {
  if (!std::isfinite(a) || !std::isfinite(b)) return std::isfinite(a) == std::isfinite(b);
  return std::abs(a - b) <= bound * std::max(1.0, std::abs(b));
}

template <class T>
class CheckedTrainer final : public Trainer {
 public:
  CheckedTrainer(std::shared_ptr<Backend> backend, std::shared_ptr<Backend> reference,
                 std::shared_ptr<const Dataset> dataset, TrainerOptions options)
      : names_(backend->description().name + " and " + reference->description().name),
        reference_backend_(std::move(reference)),
        tried_(make_trainer(std::move(backend), dataset, options)),
        reference_(make_trainer(reference_backend_, dataset, options)),
        bounds_(bounds_of(options.precision)) {
    const std::int64_t size = parameters().size();
    for (DeviceArray<T>& array : update_) array = {reference_backend_, size};
    update_step_ = {reference_backend_, 1};
    update_squares_ = {reference_backend_, 1};
  }

  [[nodiscard]] const TrainerOptions& options() const override { return tried_->options(); }
  [[nodiscard]] const Dataset& dataset() const override { return tried_->dataset(); }
  [[nodiscard]] const ParameterLayout& parameters() const override { return tried_->parameters(); }

  void initialize(std::int64_t replica, std::uint64_t seed) override {
    tried_->initialize(replica, seed);
  }
  void read(std::int64_t replica, FlatBufferKind kind, void* to) override {
    tried_->read(replica, kind, to);
  }
  void write(std::int64_t replica, FlatBufferKind kind, const void* from) override {
    tried_->write(replica, kind, from);
  }
  [[nodiscard]] std::int64_t step(std::int64_t replica) const override {
    return tried_->step(replica);
  }
  void set_step(std::int64_t replica, std::int64_t step) override {
    tried_->set_step(replica, step);
  }
  void set_split(std::int64_t replica, std::int64_t split,
                 std::span<const std::int32_t> rows) override {
    tried_->set_split(replica, split, rows);
    reference_->set_split(replica, split, rows);
  }
  [[nodiscard]] bool has_split(std::int64_t replica, std::int64_t split) const override {
    return tried_->has_split(replica, split);
  }

  void reserve(const Workload& workload) override {
    // Steps are made one at a time.
    Workload one = workload;
    one.chunk_steps = 1;
    tried_->reserve(one);
    reference_->reserve(one);
  }
  [[nodiscard]] MemoryUse memory_used() const override {
    MemoryUse use = tried_->memory_used();
    const MemoryUse reference = reference_->memory_used();
    use.host_bytes += reference.host_bytes;
    use.device_bytes += reference.device_bytes;
    std::uint64_t own = sizeof(OptimizerStep) + sizeof(double);
    for (const DeviceArray<T>& array : update_) {
      own += static_cast<std::uint64_t>(array.size()) * sizeof(T);
    }
    (reference_backend_->uses_host_memory() ? use.host_bytes : use.device_bytes) += own;
    return use;
  }

  void run(const Chunk& chunk) override {
    for (std::int64_t s = 0; s < chunk.steps; ++s) run_step(chunk, s);
  }

  void evaluate(const Evaluation& evaluation) override {
    const auto replicas = static_cast<std::int64_t>(options().replicas.size());
    Results tried(replicas, evaluation);
    Results expected(replicas, evaluation);
    tried_->evaluate(tried.evaluation);
    for (const std::int64_t r : evaluation.active) follow(r);
    reference_->evaluate(expected.evaluation);
    for (const std::int64_t r : evaluation.active) {
      const std::string place = at(r);
      for (std::int64_t s = 0; s < evaluation.splits; ++s) {
        const auto i = static_cast<std::size_t>(r * evaluation.splits + s);
        const std::string split = place + ", split " + std::to_string(s);
        check(tried.losses[i], expected.losses[i], bounds_.number, split + ": the loss");
        // Two nearly equal logits may change places.
        check(tried.accuracies[i], expected.accuracies[i], 0.005, split + ": the accuracy");
      }
      const auto i = static_cast<std::size_t>(r);
      check(tried.norms[i], expected.norms[i], bounds_.number, place + ": the norm of the weights");
    }
    for (const std::int64_t r : evaluation.active) tried.copy_to(evaluation, r);
  }

  double gradient(std::int64_t replica, std::span<const std::int32_t> rows) override {
    follow(replica);
    const double loss = tried_->gradient(replica, rows);
    const double expected = reference_->gradient(replica, rows);
    const std::string place = at(replica);
    check(loss, expected, bounds_.number, place + ": the loss");
    if (std::isfinite(expected)) check_gradients(replica, place);
    return loss;
  }

  [[nodiscard]] StepCost step_cost(std::int64_t replica,
                                   std::span<const std::int32_t> rows) const override {
    return tried_->step_cost(replica, rows);
  }

  void logits(std::int64_t replica, std::span<const std::int32_t> rows, void* to) override {
    follow(replica);
    tried_->logits(replica, rows, to);
    const ParameterTensor whole = logits_of(static_cast<std::int64_t>(rows.size()));
    Flat expected(static_cast<std::size_t>(whole.count()));
    reference_->logits(replica, rows, expected.data());
    check_tensor(whole, static_cast<const T*>(to), expected.data(), at(replica) + ": the ");
  }

  [[nodiscard]] const std::vector<ActivationInfo>& activations() const override {
    return tried_->activations();
  }

  void observe(std::int64_t replica, std::size_t activation, std::span<const std::int32_t> rows,
               void* values, void* gradients) override {
    follow(replica);
    tried_->observe(replica, activation, rows, values, gradients);
    const ActivationInfo& info = activations()[activation];
    const auto count = static_cast<std::int64_t>(rows.size());
    const ParameterTensor whole{info.name, count * info.positions, info.width, 0, {}};
    Flat expected(static_cast<std::size_t>(whole.count()));
    Flat expected_gradient(gradients == nullptr ? 0 : expected.size());
    reference_->observe(replica, activation, rows, expected.data(),
                        gradients == nullptr ? nullptr : expected_gradient.data());
    check_tensor(whole, static_cast<const T*>(values), expected.data(), at(replica) + ": ");
    if (gradients == nullptr) return;
    check_tensor(whole, static_cast<const T*>(gradients), expected_gradient.data(),
                 at(replica) + ": the gradient of ");
  }

  void predict(std::int64_t replica, std::span<const float> features, std::int64_t count,
               void* to) override {
    follow(replica);
    tried_->predict(replica, features, count, to);
    const ParameterTensor whole = logits_of(count);
    Flat expected(static_cast<std::size_t>(whole.count()));
    reference_->predict(replica, features, count, expected.data());
    check_tensor(whole, static_cast<const T*>(to), expected.data(), at(replica) + ": the ");
  }

 private:
  using Flat = std::vector<T>;

  /// The logits of so many rows, as a tensor.
  [[nodiscard]] ParameterTensor logits_of(std::int64_t rows) const {
    const ModelShape& model = options().model;
    return {"logits", rows * model.answers, model.classes, 0, {}};
  }

  /// What a step changes: the weights, and what the optimizer keeps; with their names in messages.
  struct Changed {
    FlatBufferKind kind;
    const char* name;
  };
  static constexpr Changed kChanged[] = {
      {FlatBufferKind::kParameters, "the update of "},
      {FlatBufferKind::kFirstMoments, "the first moments of "},
      {FlatBufferKind::kSecondMoments, "the second moments of "},
      {FlatBufferKind::kMomentum, "the momentum of "},
  };

  /// Contents of these before a step; empty where a replica has none.
  using State = std::array<Flat, std::size(kChanged)>;

  /// Memory for the results of an evaluation, in the caller's shapes.
  struct Results {
    Results(std::int64_t replicas, const Evaluation& like)
        : losses(static_cast<std::size_t>(replicas * like.splits)),
          accuracies(losses.size()),
          norms(static_cast<std::size_t>(replicas)),
          evaluation{like.splits, losses.data(), accuracies.data(), norms.data(), like.active} {}

    void copy_to(const Evaluation& out, std::int64_t r) const {
      const auto from = static_cast<std::size_t>(r * out.splits);
      const auto count = static_cast<std::size_t>(out.splits);
      if (out.losses != nullptr) std::copy_n(&losses[0] + from, count, out.losses + from);
      if (out.accuracies != nullptr) {
        std::copy_n(&accuracies[0] + from, count, out.accuracies + from);
      }
      if (out.weight_norms != nullptr) out.weight_norms[r] = norms[static_cast<std::size_t>(r)];
    }

    std::vector<double> losses, accuracies, norms;
    Evaluation evaluation;
  };

  [[noreturn]] void disagree(const std::string& what) const {
    throw Error(Status::kDisagreement, "backends " + names_ + " disagree at " + what);
  }

  [[nodiscard]] std::string at(std::int64_t replica) const {
    return "step " + std::to_string(step(replica)) + " of replica " + std::to_string(replica);
  }

  void check(double tried, double expected, double bound, const std::string& what) const {
    if (agree(tried, expected, bound)) return;
    disagree(what + " is " + text(tried) + " and " + text(expected));
  }

  [[nodiscard]] Flat read_flat(Trainer& trainer, std::int64_t r, FlatBufferKind kind) const {
    Flat flat(static_cast<std::size_t>(parameters().size()));
    trainer.read(r, kind, flat.data());
    return flat;
  }

  [[nodiscard]] const ReplicaOptions& replica(std::int64_t r) const {
    return options().replicas[static_cast<std::size_t>(r)];
  }

  /// Gives the reference the tried trainer's weights, optimizer state and step; returns them.
  State follow(std::int64_t r) {
    State state;
    for (std::size_t i = 0; i < state.size(); ++i) {
      const FlatBufferKind kind = kChanged[i].kind;
      if (!replica(r).keeps(kind)) continue;
      state[i] = read_flat(*tried_, r, kind);
      reference_->write(r, kind, state[i].data());
    }
    reference_->set_step(r, tried_->step(r));
    return state;
  }

  void run_step(const Chunk& chunk, std::int64_t s) {
    // The same step of every replica, as a chunk of its own.
    const auto replicas = static_cast<std::int64_t>(options().replicas.size());
    const auto count = static_cast<std::size_t>(replicas);
    std::vector<std::int32_t> rows(static_cast<std::size_t>(replicas * chunk.batch_capacity));
    std::vector<std::int32_t> sizes(count);
    std::vector<double> rates(count), tried(count), expected(count);
    std::vector<State> before(count);
    for (const std::int64_t r : chunk.active) {
      const auto i = static_cast<std::size_t>(r);
      const std::int64_t entry = r * chunk.steps + s;
      sizes[i] = chunk.batch_sizes[entry];
      rates[i] = chunk.learning_rates[entry];
      std::copy_n(chunk.rows + entry * chunk.batch_capacity, sizes[i],
                  rows.begin() + r * chunk.batch_capacity);
      before[i] = follow(r);
    }
    Chunk one{
        1,           chunk.batch_capacity, rows.data(), sizes.data(), rates.data(), tried.data(),
        chunk.active};
    tried_->run(one);
    one.losses = expected.data();
    reference_->run(one);
    for (const std::int64_t r : chunk.active) {
      const auto i = static_cast<std::size_t>(r);
      if (chunk.losses != nullptr) chunk.losses[r * chunk.steps + s] = tried[i];
      check(tried[i], expected[i], bounds_.number, at(r) + ": the loss");
      if (!std::isfinite(expected[i])) continue;
      check_gradients(r, at(r));
      check_update(r, before[i], rates[i]);
    }
  }

  void check_gradients(std::int64_t r, const std::string& place) {
    const Flat tried = read_flat(*tried_, r, FlatBufferKind::kGradients);
    const Flat expected = read_flat(*reference_, r, FlatBufferKind::kGradients);
    // As the backward pass makes them: the first that is wrong lies nearest to the fault.
    for (const ParameterTensor& tensor : std::views::reverse(parameters().tensors())) {
      check_tensor(tensor, tried.data() + tensor.offset, expected.data() + tensor.offset,
                   place + ": the gradient of ");
    }
  }

  void check_tensor(const ParameterTensor& tensor, const T* tried, const T* expected,
                    const std::string& what) const {
    double error = 0;
    double norm = 0;
    double largest = -1;
    std::int64_t where = 0;
    for (std::int64_t i = 0; i < tensor.count(); ++i) {
      const double difference = static_cast<double>(tried[i]) - static_cast<double>(expected[i]);
      error += difference * difference;
      norm += static_cast<double>(expected[i]) * static_cast<double>(expected[i]);
      if (!(std::abs(difference) <= largest)) {
        largest = std::abs(difference);
        where = i;
      }
    }
    const double allowed =
        bounds_.gradient * std::sqrt(norm) +
        bounds_.gradient_absolute * std::sqrt(static_cast<double>(tensor.count()));
    if (std::sqrt(error) <= allowed) return;
    disagree(what + tensor.name + " differs by " + text(std::sqrt(error)) + " (norm " +
             text(std::sqrt(norm)) + ", allowed " + text(allowed) + "), most at element " +
             place_in(tensor, where) + ": " + text(static_cast<double>(tried[where])) + " and " +
             text(static_cast<double>(expected[where])));
  }

  static std::string place_in(const ParameterTensor& tensor, std::int64_t i) {
    std::string place = "[";
    if (tensor.cols > 0) place.append(std::to_string(i / tensor.cols)).append(", ");
    return place.append(std::to_string(tensor.cols > 0 ? i % tensor.cols : i)).append("]");
  }

  /// The reference's optimizer, on the tried trainer's gradients, must make the tried weights.
  /// (On gradients of its own it need not: where a gradient is 0 but for rounding, Adam's first
  /// step goes its full length one way or the other.) For the same reason it is asked three times:
  /// what rounding can do to the sum of a gradient and its decay, and to a variance, moves its
  /// answer, and the tried one may lie that far off.
  void check_update(std::int64_t r, const State& before, double learning_rate) {
    const OptimizerStep update{replica(r).optimizer, step(r), learning_rate};
    const Flat gradients = read_flat(*tried_, r, FlatBufferKind::kGradients);
    const State expected = reference_update(update, gradients, before, 0);
    const State more = reference_update(update, gradients, before, 1);
    const State less = reference_update(update, gradients, before, -1);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (expected[i].empty()) continue;
      check_elements(read_flat(*tried_, r, kChanged[i].kind), expected[i], more[i], less[i],
                     at(r) + ": " + kChanged[i].name);
    }
  }

  /// What the reference makes of a state; @param nudge of gradients and second moments, in units of
  /// what rounding may come to.
  State reference_update(const OptimizerStep& update, Flat gradients, State state, int nudge) {
    const double rounding = 4.0 * nudge * std::numeric_limits<T>::epsilon();
    const Optimizer& o = update.optimizer;
    const double decay = o.kind == OptimizerKind::kAdamW ? 0.0 : o.weight_decay;
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      const auto g = static_cast<double>(gradients[i]);
      const auto p = static_cast<double>(state[0][i]);
      gradients[i] = static_cast<T>(g + rounding * (std::abs(g) + decay * std::abs(p)));
    }
    for (std::size_t i = 0; i < state.size(); ++i) {
      if (kChanged[i].kind != FlatBufferKind::kSecondMoments) continue;
      for (T& v : state[i]) v = static_cast<T>(static_cast<double>(v) * (1.0 + rounding));
    }
    upload(FlatBufferKind::kGradients, gradients);
    for (std::size_t i = 0; i < state.size(); ++i) {
      if (!state[i].empty()) upload(kChanged[i].kind, state[i]);
    }
    reference_backend_->upload(update_step_.data(), &update, sizeof update);
    const auto squares = contiguous(update_squares_.data(), 1, 1);
    reference_backend_->for_each_group(1, [&](const Group& group) {
      Ops<T>& ops = group.ops.get<T>();
      ops.sum_of_squares(view(FlatBufferKind::kGradients), squares);
      ops.optimizer_step(contiguous<const OptimizerStep>(update_step_.data(), 1, 1),
                         view(FlatBufferKind::kGradients), squares,
                         view(FlatBufferKind::kParameters),
                         {view(FlatBufferKind::kFirstMoments), view(FlatBufferKind::kSecondMoments),
                          view(FlatBufferKind::kMomentum)});
    });
    for (std::size_t i = 0; i < state.size(); ++i) {
      if (state[i].empty()) continue;
      reference_backend_->download(state[i].data(), view(kChanged[i].kind).data,
                                   state[i].size() * sizeof(T));
    }
    return state;
  }

  [[nodiscard]] Vectors<T> view(FlatBufferKind kind) const {
    return contiguous(update_[static_cast<std::size_t>(kind)].data(), 1, parameters().size());
  }

  void upload(FlatBufferKind kind, const Flat& values) {
    reference_backend_->upload(view(kind).data, values.data(), values.size() * sizeof(T));
  }

  void check_elements(const Flat& tried, const Flat& expected, const Flat& more, const Flat& less,
                      const std::string& what) const {
    for (const ParameterTensor& tensor : parameters().tensors()) {
      for (std::int64_t i = 0; i < tensor.count(); ++i) {
        const auto at_i = static_cast<std::size_t>(tensor.offset + i);
        const auto a = static_cast<double>(tried[at_i]);
        const auto b = static_cast<double>(expected[at_i]);
        if (agree(a, b, bounds_.update)) continue;
        const double spread =
            std::abs(static_cast<double>(more[at_i]) - static_cast<double>(less[at_i]));
        if (std::abs(a - b) <= bounds_.update * std::max(1.0, std::abs(b)) + spread) continue;
        disagree(what + tensor.name + " at element " + place_in(tensor, i) + " makes it " +
                 text(a) + " and " + text(b));
      }
    }
  }

  std::string names_;
  std::shared_ptr<Backend> reference_backend_;
  std::unique_ptr<Trainer> tried_;
  std::unique_ptr<Trainer> reference_;
  Bounds bounds_;
  std::array<DeviceArray<T>, kFlatBufferKinds> update_;
  DeviceArray<OptimizerStep> update_step_;
  DeviceArray<double> update_squares_;
};

}  // namespace

std::unique_ptr<Trainer> make_checked_trainer(std::shared_ptr<Backend> backend,
                                              std::shared_ptr<Backend> reference,
                                              std::shared_ptr<const Dataset> dataset,
                                              TrainerOptions options) {
  if (options.precision == Precision::kFp64) {
    return std::make_unique<CheckedTrainer<double>>(std::move(backend), std::move(reference),
                                                    std::move(dataset), std::move(options));
  }
  return std::make_unique<CheckedTrainer<float>>(std::move(backend), std::move(reference),
                                                 std::move(dataset), std::move(options));
}

MemoryUse checked_memory_needed(Backend& backend, Backend& reference,
                                std::shared_ptr<const Dataset> dataset, TrainerOptions options,
                                const Workload& workload) {
  const std::unique_ptr<Trainer> trainer =
      make_checked_trainer(make_dry_backend(backend), make_dry_backend(reference),
                           std::move(dataset), std::move(options));
  trainer->reserve(workload);
  return trainer->memory_used();
}

}  // namespace groklab
