// The same bits whatever the number of threads, the replicas beside, the division of the steps
// into chunks, and stops on the way.
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "support/abi.h"
#include "support/check.h"
#include "support/random.h"

namespace groklab::test {
namespace {

constexpr uint32_t kReplicas = 4;
constexpr int64_t kSteps = 8;
constexpr int64_t kBatch = 19;

/// Everything about a replica that depends on its training, bit for bit.
struct State {
  std::vector<std::byte> contents;
  std::vector<double> losses;
  std::vector<double> evaluation;

  bool operator==(const State&) const = default;
};

/// Four replicas that differ in all that a replica has for itself; the last two do not drop out.
std::vector<Replica> different_replicas(double dropout) {
  std::vector<Replica> all;
  const groklab_optimizer_options optimizers[kReplicas] = {adamw(), sgd(0.9, true), adam(),
                                                           rmsprop(0.5, true)};
  for (uint64_t r = 0; r < kReplicas; ++r) {
    Replica replica{
        .dropout = r < 2 ? dropout : 0.0, .dropout_seed = 100 + r, .optimizer = optimizers[r]};
    replica.optimizer.weight_decay = 0.1 * static_cast<double>(r);
    if (r % 2 == 1) replica.optimizer.clip_norm = 0.5;
    all.push_back(replica);
  }
  return all;
}

/// Wide enough that threads share single ops, odd enough that no share comes out even. A CNN's width
/// is that of its first convolution alone, and counts at every pixel.
Setup setup_of(uint32_t model, uint32_t precision, double dropout) {
  Setup setup{
      .model = model, .p = 11, .summands = 2, .layers = 2, .width = 45, .heads = 5, .hidden = 131};
  if (model == GROKLAB_MODEL_CNN) setup.width = 9;
  setup.precision = precision;
  setup.replicas = different_replicas(dropout);
  return setup;
}

/// Short and full batches, drawn for (replica, step) alone.
std::vector<int32_t> batch(int64_t table_rows, uint64_t replica, int64_t step) {
  Random random(1000 * replica + static_cast<uint64_t>(step));
  std::vector<int32_t> rows(static_cast<std::size_t>(step % 4 == 3 ? 5 + replica : kBatch));
  for (int32_t& row : rows) row = static_cast<int32_t>(random.integer(table_rows));
  return rows;
}

/// A trainer of some of the replicas, each told apart by its number among the four.
class Run {
 public:
  Run(groklab_engine* engine, Setup setup, std::vector<uint64_t> numbers)
      : numbers_(std::move(numbers)), trainer_(engine, choose(setup, numbers_)) {
    for (uint32_t r = 0; r < numbers_.size(); ++r) trainer_.initialize(r, 7 + numbers_[r]);
  }

  /// Trains steps [from, to) of the active replicas (none named: all) in one chunk and appends
  /// their losses.
  void train(int64_t from, int64_t to, const std::vector<uint8_t>& active = {}) {
    const auto replicas = static_cast<int64_t>(numbers_.size());
    Steps steps(replicas, to - from, kBatch);
    for (int64_t r = 0; r < replicas; ++r) {
      const uint64_t number = numbers_[static_cast<std::size_t>(r)];
      for (int64_t step = from; step < to; ++step) {
        steps.set(r, step - from, batch(trainer_.table_rows(), number, step),
                  1e-3 / static_cast<double>(1 + step));
      }
    }
    groklab_chunk chunk = steps.chunk();
    if (!active.empty()) chunk.active = active.data();
    expect_ok(groklab_trainer_run(trainer_.handle(), &chunk));
    losses_.resize(static_cast<std::size_t>(replicas));
    for (std::size_t r = 0; r < losses_.size(); ++r) {
      if (!active.empty() && active[r] == 0) continue;
      const auto begin = steps.losses.begin() + static_cast<int64_t>(r) * steps.count;
      losses_[r].insert(losses_[r].end(), begin, begin + steps.count);
    }
  }

  State state(uint32_t r) {
    State state;
    std::vector<uint32_t> buffers = trainer_.kept_buffers(r);
    buffers.push_back(GROKLAB_GRADIENTS);
    for (const uint32_t buffer : buffers) {
      const std::vector<std::byte> contents = trainer_.bytes(r, buffer);
      state.contents.insert(state.contents.end(), contents.begin(), contents.end());
    }
    state.losses = losses_[r];
    state.evaluation = trainer_.evaluate_halves(r);
    return state;
  }

  /// Continues where another run with the same replicas stands, from what can be read of it.
  void resume(Run& other) {
    for (uint32_t r = 0; r < numbers_.size(); ++r) {
      for (const uint32_t buffer : trainer_.kept_buffers(r)) {
        trainer_.write_bytes(r, buffer, other.trainer_.bytes(r, buffer));
      }
      int64_t step = 0;
      expect_ok(groklab_trainer_step(other.trainer_.handle(), r, &step));
      expect_ok(groklab_trainer_set_step(trainer_.handle(), r, step));
    }
    losses_ = other.losses_;
  }

 private:
  static Setup choose(Setup setup, const std::vector<uint64_t>& numbers) {
    const std::vector<Replica> all = setup.replicas;
    setup.replicas.clear();
    for (const uint64_t number : numbers) setup.replicas.push_back(all[number]);
    return setup;
  }

  std::vector<uint64_t> numbers_;
  Trainer trainer_;
  std::vector<std::vector<double>> losses_;
};

const std::vector<uint64_t> kAll = {0, 1, 2, 3};

/// Calls check(compute, setup) for the computes, all models, both precisions, with and without
/// dropout.
template <class Check>
void for_each_setup(const std::vector<Compute>& computes, Check check) {
  for (const Compute& compute : computes) {
    for (const uint32_t model : {GROKLAB_MODEL_TRANSFORMER, GROKLAB_MODEL_MLP, GROKLAB_MODEL_LSTM,
                                 GROKLAB_MODEL_DENSE, GROKLAB_MODEL_CNN, GROKLAB_MODEL_SEQ2SEQ}) {
      for (const uint32_t precision : {GROKLAB_FP32, GROKLAB_FP64}) {
        for (const double dropout : {0.0, 0.25}) {
          check(compute, setup_of(model, precision, dropout));
        }
      }
    }
  }
}

void check_same(Run& actual, uint32_t actual_replica, Run& expected, uint32_t expected_replica,
                const std::string& what) {
  const State a = actual.state(actual_replica);
  const State b = expected.state(expected_replica);
  const auto report = [&](const char* part) {
    fail(__FILE__, __LINE__,
         what + ", replica " + std::to_string(expected_replica) + ": " + part + " differ");
  };
  if (a.losses != b.losses) report("losses");
  if (a.contents != b.contents) report("weights, gradients or moments");
  if (a.evaluation != b.evaluation) report("evaluations");
}

}  // namespace

TEST(threads) {
  for_each_setup(cpu_computes(), [](const Compute& compute, const Setup& setup) {
    const EngineHandle one = open_engine(compute, 1);
    Run expected(one.get(), setup, kAll);
    expected.train(0, kSteps);
    for (const uint32_t threads : {2u, 3u}) {
      const EngineHandle engine = open_engine(compute, threads);
      Run actual(engine.get(), setup, kAll);
      actual.train(0, kSteps);
      for (uint32_t r = 0; r < kReplicas; ++r) {
        check_same(actual, r, expected, r,
                   compute.name() + ' ' + std::to_string(threads) + " threads");
      }
    }
  });
}

/// The CPU deals replicas out one by one; the naive backend, like a GPU, computes all at once, with
/// the smaller batches padded.
TEST(replicas_alone_and_among_others) {
  for_each_setup(all_computes(), [](const Compute& compute, const Setup& setup) {
    const EngineHandle engine = open_engine(compute, 2);
    Run together(engine.get(), setup, kAll);
    together.train(0, kSteps);
    for (uint32_t r = 0; r < kReplicas; ++r) {
      Run alone(engine.get(), setup, {r});
      alone.train(0, kSteps);
      check_same(alone, 0, together, r, compute.name() + " alone");
    }
    Run reversed(engine.get(), setup, {3, 2, 1, 0});
    reversed.train(0, kSteps);
    for (uint32_t r = 0; r < kReplicas; ++r) {
      check_same(reversed, kReplicas - 1 - r, together, r, compute.name() + " in another order");
    }
  });
}

TEST(inactive_neighbours) {
  for_each_setup(all_computes(), [](const Compute& compute, const Setup& setup) {
    const EngineHandle engine = open_engine(compute, 2);
    Run together(engine.get(), setup, kAll);
    together.train(0, 2);
    Run some(engine.get(), setup, kAll);
    some.train(0, 2, {1, 0, 1, 1});
    for (const uint32_t r : {0u, 2u, 3u}) {
      check_same(some, r, together, r, compute.name() + " beside an inactive one");
    }
    some.train(0, 2, {0, 1, 0, 0});
    check_same(some, 1, together, 1, compute.name() + " beside inactive ones");
  });
}

TEST(chunks) {
  for_each_setup(cpu_computes(), [](const Compute& compute, const Setup& setup) {
    const EngineHandle engine = open_engine(compute, 2);
    Run whole(engine.get(), setup, kAll);
    whole.train(0, kSteps);
    Run divided(engine.get(), setup, kAll);
    divided.train(0, 1);
    divided.train(1, 5);
    divided.train(5, 5);
    divided.train(5, kSteps);
    for (uint32_t r = 0; r < kReplicas; ++r)
      check_same(divided, r, whole, r, compute.name() + " chunks");
  });
}

TEST(stop_and_resume) {
  for_each_setup(cpu_computes(), [](const Compute& compute, const Setup& setup) {
    const EngineHandle engine = open_engine(compute, 2);
    Run whole(engine.get(), setup, kAll);
    whole.train(0, kSteps);
    Run stopped(engine.get(), setup, kAll);
    stopped.train(0, 5);
    Run resumed(engine.get(), setup, kAll);
    resumed.train(0, 3);  // whatever it did before must not matter
    resumed.resume(stopped);
    resumed.train(5, kSteps);
    for (uint32_t r = 0; r < kReplicas; ++r) {
      check_same(resumed, r, whole, r, compute.name() + " resumed");
    }
  });
}

/// Evaluations and gradients on the way leave no trace in the training.
TEST(looking_does_not_change) {
  for_each_setup(cpu_computes(), [](const Compute& compute, const Setup& setup) {
    const EngineHandle engine = open_engine(compute, 2);
    Run plain(engine.get(), setup, kAll);
    plain.train(0, kSteps);
    Run watched(engine.get(), setup, kAll);
    for (int64_t step = 0; step < kSteps; step += 4) {
      watched.train(step, step + 4);
      watched.state(1);
    }
    for (uint32_t r = 0; r < kReplicas; ++r)
      check_same(watched, r, plain, r, compute.name() + " watched");
  });
}

}  // namespace groklab::test
