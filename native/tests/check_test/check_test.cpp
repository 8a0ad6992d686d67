// The check backend's trainer: two right backends agree, and of a wrong one it names the step and
// the tensor nearest to the fault.
#include <cstring>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/host_memory.h"
#include "ops/cpu/cpu_backend.h"
#include "ops/naive/naive_backend.h"
#include "ops/naive/naive_ops.h"
#include "support/check.h"
#include "train/checked_trainer.h"

namespace groklab::test {
namespace {

/// What goes wrong, and in which call of the op, counted from 0.
struct Fault {
  enum class Op { kNone, kGeluBackward, kOptimizerStep, kCrossEntropy };
  Op op = Op::kNone;
  int call = 0;
};

template <class T>
class FaultyOps final : public naive::NaiveOps<T> {
 public:
  explicit FaultyOps(Fault fault) : fault_(fault) {}

  void gelu_backward(Matrices<const T> x, Matrices<const T> dy, Matrices<T> dx) override {
    naive::NaiveOps<T>::gelu_backward(x, dy, dx);
    if (now(Fault::Op::kGeluBackward)) dx.row(0, 1)[2] += T(0.01);
  }

  void optimizer_step(Vectors<const OptimizerStep> steps, Vectors<const T> gradients,
                      Vectors<const double> squares, Vectors<T> values,
                      const OptimizerState<T>& state) override {
    naive::NaiveOps<T>::optimizer_step(steps, gradients, squares, values, state);
    if (now(Fault::Op::kOptimizerStep)) values.replica(0)[0] += T(1e-4);
  }

  void cross_entropy(const CrossEntropy<T>& args) override {
    naive::NaiveOps<T>::cross_entropy(args);
    if (now(Fault::Op::kCrossEntropy)) args.loss.replica(0)[0] *= 1.001;
  }

 private:
  bool now(Fault::Op op) { return fault_.op == op && calls_++ == fault_.call; }

  Fault fault_;
  int calls_ = 0;
};

class FaultyBackend final : public Backend {
 public:
  explicit FaultyBackend(Fault fault) : fp32_(fault), fp64_(fault) {}

  [[nodiscard]] const BackendDescription& description() const override { return description_; }
  [[nodiscard]] void* allocate(std::size_t bytes) override { return allocate_host_memory(bytes); }
  void release(void* memory) noexcept override { release_host_memory(memory); }
  [[nodiscard]] std::optional<std::uint64_t> available_memory() const override { return {}; }
  [[nodiscard]] bool uses_host_memory() const override { return true; }
  void upload(void* to, const void* from, std::size_t bytes) override {
    std::memcpy(to, from, bytes);
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    std::memcpy(to, from, bytes);
  }
  void clear(void* memory, std::size_t bytes) override { std::memset(memory, 0, bytes); }
  [[nodiscard]] std::int64_t lanes() const override { return 1; }
  void for_each_group(std::int64_t items, const std::function<void(const Group&)>& body) override {
    body({0, 0, items, {&fp32_, &fp64_}});
  }
  [[nodiscard]] Peak measure_peak(Precision, double seconds) override {
    return naive::make_naive_backend()->measure_peak(Precision::kFp64, seconds);
  }
  [[nodiscard]] std::unique_ptr<Queue> make_queue() override { return nullptr; }
  [[nodiscard]] void* allocate_staging(std::size_t bytes) override { return allocate(bytes); }
  void release_staging(void* memory) noexcept override { release(memory); }

 private:
  BackendDescription description_{"faulty", "generic", "a wrong backend", 1};
  FaultyOps<float> fp32_;
  FaultyOps<double> fp64_;
};

constexpr std::int64_t kReplicas = 3;
constexpr std::int64_t kSteps = 6;
constexpr std::int64_t kRows = 25;

/// x + y mod 5 as tokens x, y; replicas of a small Transformer, trained on all rows.
struct Fixture {
  Fixture(std::shared_ptr<Backend> backend, Precision precision) {
    std::vector<std::int32_t> tokens;
    std::vector<std::int32_t> targets;
    for (std::int32_t x = 0; x < 5; ++x) {
      for (std::int32_t y = 0; y < 5; ++y) {
        tokens.insert(tokens.end(), {x, y});
        targets.push_back((x + y) % 5);
      }
    }
    TrainerOptions options;
    options.precision = precision;
    options.model.sequence_length = 2;
    options.model.vocabulary = options.model.classes = 5;
    options.model.positions = 2;
    options.model.width = 8;
    options.model.heads = 2;
    options.model.hidden = 16;
    options.replicas.resize(kReplicas);
    Optimizer& adamw = options.replicas[0].optimizer;
    adamw.beta1 = 0.9;
    adamw.beta2 = 0.999;
    adamw.epsilon = 1e-8;
    Optimizer& sgd = options.replicas[1].optimizer;
    sgd.kind = OptimizerKind::kSgd;
    sgd.momentum = 0.9;
    sgd.nesterov = true;
    sgd.clip_norm = 0.5;
    // Where gradient and decay nearly cancel, its step is as large as anywhere: rounding must not
    // count as a disagreement.
    Optimizer& rmsprop = options.replicas[2].optimizer;
    rmsprop.kind = OptimizerKind::kRmsProp;
    rmsprop.centered = true;
    rmsprop.alpha = 0.99;
    rmsprop.momentum = 0.5;
    rmsprop.epsilon = 1e-8;
    rmsprop.weight_decay = 0.01;
    options.replicas[1].dropout = 0.25;
    trainer = make_checked_trainer(std::move(backend), naive::make_naive_backend(),
                                   std::make_shared<const Dataset>(5, 2, tokens, targets), options);
    for (std::int64_t r = 0; r < kReplicas; ++r) {
      trainer->initialize(r, static_cast<std::uint64_t>(r + 1));
    }
    for (std::int64_t i = 0; i < kReplicas * kSteps; ++i) {
      for (std::int32_t row = 0; row < kRows; ++row) rows.push_back(row);
    }
    sizes.assign(kReplicas * kSteps, kRows);
    rates.assign(kReplicas * kSteps, 1e-3);
    losses.assign(kReplicas * kSteps, -1);
  }

  void run() {
    Chunk chunk;
    chunk.steps = kSteps;
    chunk.batch_capacity = kRows;
    chunk.rows = rows.data();
    chunk.batch_sizes = sizes.data();
    chunk.learning_rates = rates.data();
    chunk.losses = losses.data();
    chunk.active = {0, 1, 2};
    trainer->run(chunk);
  }

  std::unique_ptr<Trainer> trainer;
  std::vector<std::int32_t> rows, sizes;
  std::vector<double> rates, losses;
};

/// The message with which a run on a backend with this fault ends.
std::string complaint(Fault fault) {
  Fixture f(std::make_shared<FaultyBackend>(fault), Precision::kFp32);
  try {
    f.run();
  } catch (const Error& error) {
    CHECK_EQUAL(static_cast<int>(error.status()), static_cast<int>(Status::kDisagreement));
    return error.what();
  }
  return "none";
}

void check_contains(const std::string& text, const std::string& words) {
  if (text.find(words) == std::string::npos) {
    fail(__FILE__, __LINE__, "\"" + text + "\" does not say \"" + words + "\"");
  }
}

}  // namespace

TEST(right_backends_agree) {
  for (const Precision precision : {Precision::kFp32, Precision::kFp64}) {
    Fixture f(cpu::make_cpu_backend(1, ""), precision);
    f.run();
    for (const double loss : f.losses) CHECK(loss > 0);
    CHECK_EQUAL(f.trainer->step(0), kSteps);
    std::vector<std::int32_t> rows(kRows);
    std::iota(rows.begin(), rows.end(), 0);
    for (const std::int64_t r : {0, 1}) f.trainer->set_split(r, 0, rows);
    double losses[2] = {-1, -1};
    double accuracies[2] = {-1, -1};
    double norms[2] = {-1, -1};
    f.trainer->evaluate({1, losses, accuracies, norms, {0, 1}});
    for (const std::size_t r : {0u, 1u}) {
      CHECK(losses[r] > 0 && losses[r] < 3);
      CHECK(accuracies[r] >= 0 && accuracies[r] <= 1);
      CHECK(norms[r] > 1);
    }
    CHECK(f.trainer->gradient(0, rows) > 0);
    std::vector<double> logits(rows.size() * 5);
    f.trainer->logits(1, rows, logits.data());
  }
}

TEST(a_wrong_backend_that_is_right_so_far_agrees) {
  CHECK_EQUAL(complaint({Fault::Op::kGeluBackward, 1000}), "none");
}

TEST(a_wrong_gradient_is_found_where_it_arises) {
  // Two layers of three replicas make six calls a step, the last layer first: call 13 is the second
  // one of the third step.
  const std::string text = complaint({Fault::Op::kGeluBackward, 13});
  check_contains(text, "faulty and naive");
  check_contains(text, "step 3 of replica 0");
  check_contains(text, "the gradient of blocks.0.feed_forward.up.bias");
  check_contains(text, "most at element [2]");
}

TEST(a_wrong_update_is_found) {
  const std::string text = complaint({Fault::Op::kOptimizerStep, 4});
  check_contains(text, "step 2 of replica 1: the update of token_embedding.weight");
  check_contains(text, "element [0, 0]");
}

TEST(a_wrong_loss_is_found) {
  check_contains(complaint({Fault::Op::kCrossEntropy, 0}), "step 1 of replica 0: the loss is ");
}

}  // namespace groklab::test
