// Training, evaluation, gradients and logits: bad chunks and rows, and that nothing changed then.
#include <algorithm>
#include <cmath>
#include <limits>

#include "abi_test/expect.h"

namespace groklab::test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Two replicas on the 25 rows of p = 5.
struct Fixture {
  Fixture() : engine(open_engine(Compute{}, 1)), trainer(engine.get(), setup()) {
    trainer.initialize(0, 1);
    trainer.initialize(1, 2);
  }

  static Setup setup() {
    Setup setup{.p = 5, .summands = 2, .layers = 1, .width = 8, .heads = 2, .hidden = 16};
    setup.replicas = {Replica{}, Replica{}};
    return setup;
  }

  /// Everything that a training step would move.
  [[nodiscard]] std::vector<std::byte> state() const {
    std::vector<std::byte> all;
    for (const uint32_t replica : {0u, 1u}) {
      for (const uint32_t buffer :
           {GROKLAB_PARAMETERS, GROKLAB_FIRST_MOMENTS, GROKLAB_SECOND_MOMENTS}) {
        const auto contents = trainer.bytes(replica, buffer);
        all.insert(all.end(), contents.begin(), contents.end());
      }
      int64_t step = 0;
      expect_ok(groklab_trainer_step(trainer.handle(), replica, &step));
      all.push_back(static_cast<std::byte>(step));
    }
    return all;
  }

  EngineHandle engine;
  Trainer trainer;
};

Steps good_steps() {
  Steps steps(2, 3, 4);
  for (int64_t replica = 0; replica < 2; ++replica) {
    for (int64_t step = 0; step < 3; ++step) {
      steps.set(replica, step, std::vector<int32_t>{0, 24, 7, 3}, 1e-3);
    }
  }
  return steps;
}

}  // namespace

TEST(a_batch_must_fit_its_replicas_capacity) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  Setup setup = Fixture::setup();
  setup.replicas[1].batch_capacity = 3;
  const Trainer trainer(engine.get(), setup);
  Steps steps(2, 1, 4);
  steps.set(0, 0, std::vector<int32_t>{0, 24, 7, 3}, 1e-3);
  steps.set(1, 0, std::vector<int32_t>{0, 24, 7, 3}, 1e-3);
  groklab_chunk chunk = steps.chunk();
  CHECK_FAILS(groklab_trainer_run(trainer.handle(), &chunk), GROKLAB_INVALID_ARGUMENT,
              "chunk.batch_sizes[1, 0] is 4");
  steps.set(1, 0, std::vector<int32_t>{0, 24, 7}, 1e-3);
  chunk = steps.chunk();
  CHECK_OK(groklab_trainer_run(trainer.handle(), &chunk));
}

TEST(bad_chunks_train_nothing) {
  const Fixture f;
  const std::vector<std::byte> before = f.state();
  const auto fails = [&](auto change, const char* words) {
    Steps steps = good_steps();
    std::ranges::fill(steps.losses, 77.0);
    groklab_chunk chunk = steps.chunk();
    change(steps, chunk);
    CHECK_FAILS(groklab_trainer_run(f.trainer.handle(), &chunk), GROKLAB_INVALID_ARGUMENT, words);
    CHECK(f.state() == before);
    CHECK(steps.losses == std::vector<double>(6, 77.0));
  };
  using S = Steps;
  using C = groklab_chunk;
  fails([](S&, C& c) { c.struct_size = 0; }, "struct_size is 0");
  fails([](S&, C& c) { c.struct_size = 1000; }, "struct_size is 1000");
  fails([](S&, C& c) { c.reserved = 5; }, "reserved is 5");
  fails([](S&, C& c) { c.steps = -1; }, "steps is -1");
  fails([](S&, C& c) { c.batch_capacity = 0; }, "batch_capacity is 0");
  fails([](S&, C& c) { c.rows = nullptr; }, "rows is null");
  fails([](S&, C& c) { c.batch_sizes = nullptr; }, "batch_sizes is null");
  fails([](S&, C& c) { c.learning_rates = nullptr; }, "learning_rates is null");
  // In the last step of the last replica: all is checked before the first step.
  fails([](S& s, C&) { s.sizes[5] = 0; }, "batch_sizes[1, 2] is 0");
  fails([](S& s, C&) { s.sizes[5] = 5; }, "batch_sizes[1, 2] is 5");
  fails([](S& s, C&) { s.rows[23] = 25; }, "is 25");
  fails([](S& s, C&) { s.rows[23] = -1; }, "is -1");
  fails([](S& s, C&) { s.rates[5] = -0.1; }, "learning_rates[1, 2] is -0.1");
  fails([](S& s, C&) { s.rates[5] = kNan; }, "learning_rates[1, 2] is nan");
  fails([](S& s, C&) { s.rates[5] = kInfinity; }, "learning_rates[1, 2] is inf");
  CHECK_FAILS(groklab_trainer_run(f.trainer.handle(), nullptr), GROKLAB_INVALID_ARGUMENT, "null");
  CHECK(f.state() == before);
}

TEST(inactive_replicas_are_left_alone) {
  Fixture f;
  const auto weights = f.trainer.bytes(1, GROKLAB_PARAMETERS);
  Steps steps = good_steps();
  std::ranges::fill(steps.losses, 77.0);
  steps.rows[23] = 1000000;  // replica 1 is not looked at
  const uint8_t active[] = {1, 0};
  groklab_chunk chunk = steps.chunk();
  chunk.active = active;
  CHECK_OK(groklab_trainer_run(f.trainer.handle(), &chunk));
  CHECK(steps.losses[0] != 77.0);
  CHECK_EQUAL(steps.losses[3], 77.0);
  CHECK(f.trainer.bytes(1, GROKLAB_PARAMETERS) == weights);
  int64_t step = -1;
  CHECK_OK(groklab_trainer_step(f.trainer.handle(), 0, &step));
  CHECK_EQUAL(step, 3);
  CHECK_OK(groklab_trainer_step(f.trainer.handle(), 1, &step));
  CHECK_EQUAL(step, 0);
}

TEST(empty_chunks_and_unwanted_losses) {
  const Fixture f;
  const std::vector<std::byte> before = f.state();
  groklab_chunk none{};
  none.struct_size = sizeof none;
  none.batch_capacity = 1;
  CHECK_OK(groklab_trainer_run(f.trainer.handle(), &none));
  CHECK(f.state() == before);
  Steps steps = good_steps();
  groklab_chunk chunk = steps.chunk();
  chunk.losses = nullptr;
  CHECK_OK(groklab_trainer_run(f.trainer.handle(), &chunk));
  CHECK(f.state() != before);
}

/// The first padded rows of a short batch are not read.
TEST(rows_beyond_the_batch_size_do_not_matter) {
  Fixture f;
  Steps steps(2, 1, 4);
  for (int64_t replica = 0; replica < 2; ++replica) {
    steps.set(replica, 0, std::vector<int32_t>{3, 4}, 0);
  }
  steps.rows[2] = -7;
  steps.rows[3] = 1 << 30;
  f.trainer.run(steps);
  const double loss = f.trainer.gradient(0, std::vector<int32_t>{3, 4});
  CHECK(std::abs(steps.losses[0] - loss) <= 1e-14 * loss);
}

TEST(diverged_losses_are_reported) {
  Fixture f;
  std::vector<double> weights = f.trainer.values(0, GROKLAB_PARAMETERS);
  std::ranges::fill(weights, kNan);
  f.trainer.write(0, GROKLAB_PARAMETERS, weights);
  Steps steps = good_steps();
  f.trainer.run(steps);
  CHECK(std::isnan(steps.losses[0]));
  CHECK(std::isfinite(steps.losses[3]));
}

TEST(splits_are_checked) {
  const Fixture f;
  groklab_trainer* const t = f.trainer.handle();
  const std::vector<int32_t> rows = {0, 3, 24};
  const std::vector<int32_t> beyond = {0, 25};
  const std::vector<int32_t> negative = {-1};
  CHECK_FAILS(groklab_trainer_set_split(t, 2, 0, rows.data(), 3), GROKLAB_INVALID_ARGUMENT,
              "replica is 2");
  CHECK_FAILS(groklab_trainer_set_split(t, 0, 16, rows.data(), 3), GROKLAB_INVALID_ARGUMENT,
              "split is 16");
  CHECK_FAILS(groklab_trainer_set_split(t, 0, 0, nullptr, 3), GROKLAB_INVALID_ARGUMENT, "null");
  CHECK_FAILS(groklab_trainer_set_split(t, 0, 0, rows.data(), 0), GROKLAB_INVALID_ARGUMENT,
              "count is 0");
  CHECK_FAILS(groklab_trainer_set_split(t, 0, 0, rows.data(), -1), GROKLAB_INVALID_ARGUMENT,
              "count is -1");
  CHECK_FAILS(groklab_trainer_set_split(t, 0, 0, beyond.data(), 2), GROKLAB_INVALID_ARGUMENT,
              "rows[1] is 25");
  CHECK_FAILS(groklab_trainer_set_split(t, 0, 0, negative.data(), 1), GROKLAB_INVALID_ARGUMENT,
              "rows[0] is -1");
}

TEST(evaluations_are_checked) {
  const Fixture f;
  groklab_trainer* const t = f.trainer.handle();
  const std::vector<int32_t> rows = {0, 3, 24};
  double losses[2] = {77, 77};
  double accuracies[2] = {77, 77};
  double norms[2] = {77, 77};
  groklab_evaluation evaluation{};
  evaluation.struct_size = sizeof evaluation;
  evaluation.splits = 1;
  evaluation.losses = losses;
  evaluation.accuracies = accuracies;
  evaluation.weight_norms = norms;
  const auto fails = [&](const char* words) {
    CHECK_FAILS(groklab_trainer_evaluate(t, &evaluation), GROKLAB_INVALID_ARGUMENT, words);
    CHECK_EQUAL(losses[0] + accuracies[0] + norms[0], 3 * 77.0);
  };
  fails("split 0 of replica 0");
  CHECK_OK(groklab_trainer_set_split(t, 0, 0, rows.data(), 3));
  fails("split 0 of replica 1");
  const uint8_t active[] = {1, 0};
  evaluation.active = active;
  evaluation.splits = 2;
  fails("split 1 of replica 0");
  evaluation.splits = 17;
  fails("splits is 17");
  evaluation.splits = 1;
  evaluation.struct_size = 3;
  fails("struct_size is 3");
  evaluation.struct_size = sizeof evaluation;
  CHECK_FAILS(groklab_trainer_evaluate(t, nullptr), GROKLAB_INVALID_ARGUMENT, "null");

  CHECK_OK(groklab_trainer_evaluate(t, &evaluation));
  CHECK(losses[0] > 0 && losses[0] < 77);
  CHECK(accuracies[0] >= 0 && accuracies[0] <= 1);
  CHECK(norms[0] > 0);
  CHECK_EQUAL(losses[1] + accuracies[1] + norms[1], 3 * 77.0);
  evaluation.losses = nullptr;
  evaluation.weight_norms = nullptr;
  CHECK_OK(groklab_trainer_evaluate(t, &evaluation));
}

TEST(gradient_arguments_are_checked) {
  const Fixture f;
  groklab_trainer* const t = f.trainer.handle();
  const std::vector<int32_t> rows = {0, 3, 24};
  const std::vector<int32_t> beyond = {0, 25};
  double loss = 77;
  CHECK_FAILS(groklab_trainer_gradient(t, 2, rows.data(), 3, &loss), GROKLAB_INVALID_ARGUMENT,
              "replica is 2");
  CHECK_FAILS(groklab_trainer_gradient(t, 0, nullptr, 3, &loss), GROKLAB_INVALID_ARGUMENT, "null");
  CHECK_FAILS(groklab_trainer_gradient(t, 0, rows.data(), 0, &loss), GROKLAB_INVALID_ARGUMENT,
              "count is 0");
  CHECK_FAILS(groklab_trainer_gradient(t, 0, rows.data(), -3, &loss), GROKLAB_INVALID_ARGUMENT,
              "count is -3");
  CHECK_FAILS(groklab_trainer_gradient(t, 0, beyond.data(), 2, &loss), GROKLAB_INVALID_ARGUMENT,
              "rows[1] is 25");
  CHECK_EQUAL(loss, 77.0);
  const std::vector<std::byte> before = f.state();
  CHECK_OK(groklab_trainer_gradient(t, 0, rows.data(), 3, nullptr));
  CHECK(f.state() == before);
}

TEST(logit_arguments_are_checked) {
  const Fixture f;
  groklab_trainer* const t = f.trainer.handle();
  const std::vector<int32_t> rows = {0, 3};
  const std::vector<int32_t> beyond = {0, 25};
  std::vector<double> logits(14, 77.0);
  CHECK_FAILS(groklab_trainer_logits(t, 2, rows.data(), 2, logits.data(), 112),
              GROKLAB_INVALID_ARGUMENT, "replica is 2");
  CHECK_FAILS(groklab_trainer_logits(t, 0, nullptr, 2, logits.data(), 112),
              GROKLAB_INVALID_ARGUMENT, "null");
  CHECK_FAILS(groklab_trainer_logits(t, 0, rows.data(), 2, nullptr, 112), GROKLAB_INVALID_ARGUMENT,
              "null");
  CHECK_FAILS(groklab_trainer_logits(t, 0, rows.data(), -1, logits.data(), 112),
              GROKLAB_INVALID_ARGUMENT, "count is -1");
  CHECK_FAILS(groklab_trainer_logits(t, 0, beyond.data(), 2, logits.data(), 112),
              GROKLAB_INVALID_ARGUMENT, "25");
  CHECK_FAILS(groklab_trainer_logits(t, 0, rows.data(), 2, logits.data(), 111),
              GROKLAB_INVALID_ARGUMENT, "111");
  CHECK(logits == std::vector<double>(14, 77.0));
  CHECK_OK(groklab_trainer_logits(t, 0, rows.data(), 2, logits.data(), 112));
  for (const double logit : logits) CHECK(std::isfinite(logit) && logit != 77.0);
}

}  // namespace groklab::test
