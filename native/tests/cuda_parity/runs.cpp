#include "cuda_parity/runs.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "support/check.h"
#include "support/random.h"

namespace groklab::test {
namespace {

Option backend("backend");
Option scale("scale");

/// Replicas that differ in all that a replica has for itself.
std::vector<Replica> different_replicas(const std::vector<uint32_t>& capacities,
                                        const std::vector<double>& dropouts) {
  std::vector<Replica> all;
  for (std::size_t r = 0; r < capacities.size(); ++r) {
    Replica replica{capacities[r], dropouts[r], 100 + r, adamw()};
    replica.optimizer.beta1 -= 0.1 * static_cast<double>(r);
    // Large enough that a gradient which is nothing but rounding makes no step of its own: a key's
    // bias has one.
    replica.optimizer.epsilon = 1e-5;
    replica.optimizer.weight_decay = static_cast<double>(r);
    all.push_back(replica);
  }
  return all;
}

/// Every kind of optimizer, with and without what it may remember, some of which clip: together, so
/// that one op has them all.
std::vector<Replica> different_optimizers() {
  std::vector<Replica> all;
  uint64_t seed = 200;
  for (groklab_optimizer_options optimizer :
       {sgd(), adam(), sgd(0.9), rmsprop(), adamw(), sgd(0.9, true), rmsprop(0, true),
        rmsprop(0.5, false), rmsprop(0.5, true)}) {
    if (optimizer.epsilon > 0) optimizer.epsilon = 1e-3;
    if (all.size() % 2 == 1) optimizer.clip_norm = 0.3;
    all.push_back({.dropout_seed = ++seed, .optimizer = optimizer});
  }
  return all;
}

std::vector<Configuration> small_configurations() {
  std::vector<Configuration> all;
  const auto add = [&](const char* name, Setup setup, int64_t capacity, uint32_t precision,
                       const std::vector<uint32_t>& capacities,
                       const std::vector<double>& dropouts) {
    setup.precision = precision;
    setup.replicas = different_replicas(capacities, dropouts);
    all.push_back({name, std::move(setup), capacity});
  };
  const Setup one{.p = 5, .summands = 2, .layers = 1, .width = 7, .heads = 1, .hidden = 5};
  const Setup two{.p = 7, .summands = 2, .layers = 2, .width = 10, .heads = 2, .hidden = 13};
  const Setup three{.p = 3, .summands = 3, .layers = 3, .width = 12, .heads = 4, .hidden = 9};
  Setup dense = two;
  dense.layout = GROKLAB_LAYOUT_DENSE;
  // p prefixes end at the first number and at the first operator, p² at the second number.
  add("one replica of one layer", one, 8, GROKLAB_FP64, {0}, {0});
  add("one replica in fp32", two, 9, GROKLAB_FP32, {0}, {0});
  add("a batch smaller than every level", two, 5, GROKLAB_FP64, {5, 3, 0}, {0, 0, 0});
  add("the whole table at once", one, 25, GROKLAB_FP32, {0, 25, 30}, {0, 0, 0});
  add("three summands, three layers", three, 11, GROKLAB_FP64, {0, 11, 4}, {0, 0, 0});
  add("three summands in fp32", three, 27, GROKLAB_FP32, {27, 2, 13}, {0, 0, 0});
  add("some drop out", two, 8, GROKLAB_FP64, {0, 6, 8}, {0.2, 0, 0.5});
  add("all drop out, in fp32", three, 6, GROKLAB_FP32, {6, 6, 1}, {0.1, 0.1, 0.3});
  add("dense", dense, 10, GROKLAB_FP32, {0, 10, 10}, {0, 0, 0.1});
  for (const uint32_t model : {GROKLAB_MODEL_MLP, GROKLAB_MODEL_LSTM}) {
    const bool is_mlp = model == GROKLAB_MODEL_MLP;
    const Setup small{.model = model, .p = 7, .summands = 2, .layers = 2, .width = 5, .hidden = 11};
    const Setup deep{.model = model, .p = 3, .summands = 3, .layers = 3, .width = 4, .hidden = 6};
    add(is_mlp ? "MLP" : "LSTM", small, 9, GROKLAB_FP64, {0, 9, 4}, {0, 0, 0});
    add(is_mlp ? "MLP in fp32" : "LSTM in fp32", deep, 11, GROKLAB_FP32, {0, 11, 27}, {0, 0, 0});
    add(is_mlp ? "MLP that drops out" : "LSTM that drops out", deep, 8, GROKLAB_FP64, {0, 6, 8},
        {0.2, 0, 0.5});
  }
  const Setup numbers{.model = GROKLAB_MODEL_DENSE, .p = 5, .layers = 2, .hidden = 9};
  add("a network over real numbers", numbers, 9, GROKLAB_FP64, {0, 9, 4}, {0, 0, 0.2});
  add("a network over real numbers in fp32", numbers, 8, GROKLAB_FP32, {0, 8, 25}, {0, 0, 0});
  Setup images{.model = GROKLAB_MODEL_CNN, .p = 3, .layers = 2, .width = 2, .hidden = 6};
  add("a network over images", images, 5, GROKLAB_FP64, {0, 3}, {0, 0.3});
  images.layers = 1;
  add("a network over images in fp32", images, 4, GROKLAB_FP32, {0, 2}, {0, 0});
  const Setup pairs{
      .model = GROKLAB_MODEL_SEQ2SEQ, .p = 5, .layers = 2, .width = 6, .heads = 2, .hidden = 7};
  add("pairs of sequences", pairs, 5, GROKLAB_FP64, {0, 5, 3}, {0, 0, 0.2});
  add("pairs of sequences in fp32", pairs, 6, GROKLAB_FP32, {0, 6, 6}, {0, 0, 0});
  for (const uint32_t precision : {GROKLAB_FP64, GROKLAB_FP32}) {
    Setup setup{.model = GROKLAB_MODEL_MLP, .p = 5, .layers = 1, .width = 4, .hidden = 7};
    setup.precision = precision;
    setup.replicas = different_optimizers();
    all.push_back({precision == GROKLAB_FP64 ? "all optimizers" : "all optimizers in fp32",
                   std::move(setup), 8});
  }
  return all;
}

std::vector<Configuration> report_configurations() {
  const char* const names[] = {"the report's Transformer", "the report's MLP", "the report's LSTM"};
  std::vector<Configuration> all;
  for (const uint32_t model : {GROKLAB_MODEL_TRANSFORMER, GROKLAB_MODEL_MLP, GROKLAB_MODEL_LSTM}) {
    for (const uint32_t precision : {GROKLAB_FP64, GROKLAB_FP32}) {
      Setup setup{.model = model,
                  .p = 97,
                  .summands = 2,
                  .layers = 2,
                  .width = 128,
                  .heads = 4,
                  .hidden = 512};
      setup.precision = precision;
      setup.replicas = different_replicas({256, 256, 100}, {0, 0, 0.1});
      const std::string name = names[model];
      all.push_back({precision == GROKLAB_FP64 ? name : name + " in fp32", std::move(setup), 256});
    }
  }
  return all;
}

Setup choose(Setup setup, const std::vector<uint64_t>& numbers) {
  const std::vector<Replica> all = setup.replicas;
  setup.replicas.clear();
  for (const uint64_t number : numbers) setup.replicas.push_back(all[number]);
  return setup;
}

std::vector<uint64_t> all_numbers(const Configuration& configuration) {
  std::vector<uint64_t> numbers(configuration.setup.replicas.size());
  std::iota(numbers.begin(), numbers.end(), uint64_t{0});
  return numbers;
}

std::vector<int32_t> all_rows(int64_t count) {
  std::vector<int32_t> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

}  // namespace

Compute backend_under_test() {
  return compute_named(backend.value().empty() ? "cuda" : backend.value());
}

std::vector<Configuration> configurations() {
  if (scale.value().empty()) return small_configurations();
  if (scale.value() == "report") return report_configurations();
  throw std::invalid_argument("--scale is " + scale.value() + "; only \"report\" is known");
}

Run::Run(groklab_engine* engine, const Configuration& configuration, std::vector<uint64_t> numbers)
    : capacity_(configuration.capacity),
      numbers_(std::move(numbers)),
      trainer_(engine, choose(configuration.setup, numbers_)),
      losses_(numbers_.size()) {
  for (uint32_t r = 0; r < replicas(); ++r) {
    trainer_.initialize(r, 7 + numbers_[r]);
    const int64_t own = configuration.setup.replicas[numbers_[r]].batch_capacity;
    own_capacities_.push_back(own > 0 ? std::min(own, capacity_) : capacity_);
  }
}

Run::Run(groklab_engine* engine, const Configuration& configuration)
    : Run(engine, configuration, all_numbers(configuration)) {}

std::vector<int32_t> Run::batch(uint32_t replica, int64_t step) const {
  const int64_t most = own_capacities_[replica];
  Random random(1000 * numbers_[replica] + static_cast<uint64_t>(step));
  std::vector<int32_t> rows = all_rows(trainer_.table_rows());
  for (std::size_t i = rows.size(); i > 1; --i) {
    std::swap(rows[i - 1], rows[static_cast<std::size_t>(random.integer(static_cast<int64_t>(i)))]);
  }
  const int64_t size = step % 4 == 3 ? 1 + random.integer(most) : most;
  rows.resize(static_cast<std::size_t>(std::min(size, trainer_.table_rows())));
  if (rows.size() > 2) rows[1] = rows[0];  // a row may occur twice
  return rows;
}

void Run::train(int64_t count, const std::vector<uint8_t>& active) {
  Steps steps(replicas(), count, capacity_);
  for (uint32_t r = 0; r < replicas(); ++r) {
    const auto made = static_cast<int64_t>(losses_[r].size());
    for (int64_t s = 0; s < count; ++s) {
      steps.set(r, s, batch(r, made + s), 2e-3 / static_cast<double>(1 + (made + s) / 10));
    }
  }
  groklab_chunk chunk = steps.chunk();
  if (!active.empty()) chunk.active = active.data();
  expect_ok(groklab_trainer_run(trainer_.handle(), &chunk));
  for (uint32_t r = 0; r < replicas(); ++r) {
    if (!active.empty() && active[r] == 0) continue;
    const auto begin = steps.losses.begin() + r * count;
    losses_[r].insert(losses_[r].end(), begin, begin + count);
  }
}

std::vector<double> Run::evaluate(uint32_t replica) { return trainer_.evaluate_halves(replica); }

std::vector<double> Run::gradient(uint32_t replica) {
  std::vector<int32_t> rows = all_rows(trainer_.table_rows());
  rows.resize(std::min<std::size_t>(rows.size(), 400));
  rows.push_back(rows.front());
  std::vector<double> all{trainer_.gradient(replica, rows)};
  const std::vector<double> gradients = trainer_.values(replica, GROKLAB_GRADIENTS);
  all.insert(all.end(), gradients.begin(), gradients.end());
  return all;
}

std::vector<double> Run::logits(uint32_t replica) {
  const auto last = static_cast<int32_t>(trainer_.table_rows() - 1);
  return trainer_.logits(replica, std::vector<int32_t>{last, 0, 3, last, 2, 0});
}

std::vector<std::byte> Run::state(uint32_t replica) const {
  std::vector<std::byte> contents;
  for (const uint32_t buffer : trainer_.kept_buffers(replica)) {
    const std::vector<std::byte> part = trainer_.bytes(replica, buffer);
    contents.insert(contents.end(), part.begin(), part.end());
  }
  return contents;
}

void train_with_rests(Run& run) {
  const auto without = [&](uint32_t resting) {
    std::vector<uint8_t> active(run.replicas(), 1);
    if (run.replicas() > 1) active[resting] = 0;
    return active;
  };
  run.train(7);
  run.train(8, without(1 % run.replicas()));
  run.train(1, without(0));
  run.train(kSteps - 16, without(run.replicas() - 1));
}

}  // namespace groklab::test
