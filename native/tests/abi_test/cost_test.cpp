// What a step costs: multiply-adds and bytes against counts made by hand.
#include <cmath>

#include "abi_test/expect.h"

namespace groklab::test {
namespace {

groklab_step_cost cost_of(Trainer& trainer, std::span<const int32_t> rows) {
  groklab_step_cost cost{};
  cost.struct_size = sizeof cost;
  expect_ok(groklab_trainer_step_cost(trainer.handle(), 0, rows.data(),
                                      static_cast<int64_t>(rows.size()), &cost));
  return cost;
}

/// 0 + 0, 0 + 1, 1 + 0 and the first again, as tokens x, +, y, =. Distinct are 3 rows; prefixes 2, 2,
/// 3 and 3; pairs of token and position 2, 1, 2 and 1.
const std::vector<int32_t> kRows = {0, 1, 5, 0};
constexpr double kPairs = 6;
constexpr double kNodes = 10;
constexpr double kLeaves = 3;
/// Keys that the nodes see, and that the leaves do.
constexpr double kKeysOfNodes = 2 * 1 + 2 * 2 + 3 * 3 + 3 * 4;
constexpr double kKeysOfLeaves = 3 * 4;
/// Without sharing: 4 rows of 4 positions.
constexpr double kDenseNodes = 16;
constexpr double kDenseLeaves = 4;
constexpr double kDenseKeys = 4 * (1 + 2 + 3 + 4);
/// Forward, and backward to the input and to the weight; a multiply-add is two operations.
constexpr double kPasses = 3 * 2;

/// p = 5, so a vocabulary of 7, and a width of 8.
Setup setup_of(uint32_t model) {
  Setup setup{.model = model, .p = 5, .summands = 2, .layers = 2, .width = 8, .heads = 2};
  setup.hidden = 12;
  setup.replicas = {Replica{}};
  return setup;
}

constexpr double d = 8;
constexpr double h = 12;
constexpr double V = 7;

}  // namespace

TEST(cost_of_a_transformer_step) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  Trainer trainer(engine.get(), setup_of(GROKLAB_MODEL_TRANSFORMER));
  const groklab_step_cost cost = cost_of(trainer, kRows);
  // Queries, keys and values of the pairs; the rest of the first block of all nodes.
  const double first = kPairs * 3 * d * d + kNodes * (d * d + 2 * d * h);
  // Keys and values of all nodes, the rest of the leaves.
  const double last = kNodes * 2 * d * d + kLeaves * (2 * d * d + 2 * d * h);
  const double linear = first + last + kLeaves * d * V;
  // Scores and weighted values forward, four products backward.
  const double attention = (2 + 4) * 2 * d * (kKeysOfNodes + kKeysOfLeaves);
  CHECK_EQUAL(cost.flops, kPasses * linear + attention);

  const double dense = 2 * kDenseNodes * (4 * d * d + 2 * d * h) + kDenseLeaves * d * V;
  CHECK_EQUAL(cost.dense_flops, kPasses * dense + (2 + 4) * 2 * d * 2 * kDenseKeys);
}

TEST(cost_of_a_transformer_step_of_one_layer) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  Setup setup = setup_of(GROKLAB_MODEL_TRANSFORMER);
  setup.layers = 1;
  Trainer trainer(engine.get(), setup);
  const groklab_step_cost cost = cost_of(trainer, kRows);
  const double linear = kPairs * 3 * d * d + kLeaves * (d * d + 2 * d * h + d * V);
  CHECK_EQUAL(cost.flops, kPasses * linear + (2 + 4) * 2 * d * kKeysOfLeaves);
  const double dense = kDenseNodes * (4 * d * d + 2 * d * h) + kDenseLeaves * d * V;
  CHECK_EQUAL(cost.dense_flops, kPasses * dense + (2 + 4) * 2 * d * kDenseKeys);
}

TEST(cost_of_an_mlp_step) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  Trainer trainer(engine.get(), setup_of(GROKLAB_MODEL_MLP));
  const double w = 4 * d;
  // The first product once for each pair, with the columns of its position.
  const double shared = kPairs * d * h + kLeaves * (w * h + 2 * w * h + w * V);
  const double dense = kDenseLeaves * (4 * w * h + w * V);
  const groklab_step_cost cost = cost_of(trainer, kRows);
  CHECK_EQUAL(cost.flops, kPasses * shared);
  CHECK_EQUAL(cost.dense_flops, kPasses * dense);
}

TEST(cost_of_an_lstm_step) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  Trainer trainer(engine.get(), setup_of(GROKLAB_MODEL_LSTM));
  // The product with the hidden weights is taken of nodes that have children: all but the leaves.
  const double hidden = (kNodes - kLeaves) * 4 * h * h;
  const double shared = kPairs * 4 * h * d + hidden + kNodes * 4 * h * h + hidden + kLeaves * h * V;
  const double dense_hidden = (kDenseNodes - kDenseLeaves) * 4 * h * h;
  const double dense = kDenseNodes * 4 * h * d + dense_hidden + kDenseNodes * 4 * h * h +
                       dense_hidden + kDenseLeaves * h * V;
  const groklab_step_cost cost = cost_of(trainer, kRows);
  CHECK_EQUAL(cost.flops, kPasses * shared);
  CHECK_EQUAL(cost.dense_flops, kPasses * dense);
}

/// Where nothing is shared, the cost is that of all rows; only the last block stays with the leaves.
TEST(cost_without_sharing) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  for (const uint32_t model : {GROKLAB_MODEL_MLP, GROKLAB_MODEL_LSTM}) {
    Setup setup = setup_of(model);
    setup.layout = GROKLAB_LAYOUT_DENSE;
    Trainer dense(engine.get(), setup);
    const groklab_step_cost cost = cost_of(dense, kRows);
    CHECK_EQUAL(cost.flops, cost.dense_flops);
    setup.layout = GROKLAB_LAYOUT_AUTO;
    setup.replicas[0].dropout = 0.1;
    Trainer drops(engine.get(), setup);
    CHECK_EQUAL(cost_of(drops, kRows).flops, cost.flops);
  }
  Setup setup = setup_of(GROKLAB_MODEL_TRANSFORMER);
  setup.layout = GROKLAB_LAYOUT_DENSE;
  Trainer dense(engine.get(), setup);
  const groklab_step_cost cost = cost_of(dense, kRows);
  const double linear = kDenseNodes * (4 * d * d + 2 * d * h) + kDenseNodes * 2 * d * d +
                        kDenseLeaves * (2 * d * d + 2 * d * h + d * V);
  CHECK_EQUAL(cost.flops, kPasses * linear + (2 + 4) * 2 * d * (kDenseKeys + 4 * 4));
}

/// Flat buffers: each weight is read forward and, but for biases and tables, backward; each gradient
/// written once; what the optimizer reads and writes depends on its kind.
TEST(cost_in_bytes_follows_optimizer_and_precision) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  const auto parameter_bytes = [&](const groklab_optimizer_options& optimizer, uint32_t precision) {
    Setup setup = setup_of(GROKLAB_MODEL_MLP);
    setup.precision = precision;
    setup.replicas[0].optimizer = optimizer;
    Trainer trainer(engine.get(), setup);
    return cost_of(trainer, kRows).parameter_bytes / static_cast<double>(trainer.parameters());
  };
  const double plain = parameter_bytes(sgd(), GROKLAB_FP64);
  const auto extra = [&](const groklab_optimizer_options& optimizer) {
    return std::round((parameter_bytes(optimizer, GROKLAB_FP64) - plain) * 1e6) / 1e6;
  };
  CHECK_EQUAL(extra(sgd(0.9)), 16.0);
  CHECK_EQUAL(extra(rmsprop()), 16.0);
  CHECK_EQUAL(extra(adamw()), 32.0);
  CHECK_EQUAL(extra(rmsprop(0.9, true)), 48.0);
  groklab_optimizer_options clipped = sgd();
  clipped.clip_norm = 1;
  CHECK_EQUAL(extra(clipped), 8.0);
  CHECK_EQUAL(parameter_bytes(sgd(), GROKLAB_FP32), plain / 2);
  // Forward and backward: two readings and a writing at most, of all but a few; the update three.
  CHECK(plain > 5.0 * 8 && plain < 6.0 * 8);
}

/// The two numbers of the design's page on speed, from which every claim about floors starts.
TEST(cost_of_the_report_setting) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  Setup setup{.p = 97, .summands = 2, .layers = 2, .width = 128, .heads = 4, .hidden = 512};
  setup.precision = GROKLAB_FP32;
  setup.replicas = {Replica{}};
  Trainer trainer(engine.get(), setup);
  // 256 distinct rows in which all 97 numbers occur in both places, as in nearly every batch.
  std::vector<int32_t> rows;
  for (int32_t i = 0; i < 256; ++i) rows.push_back(i % 97 * 97 + (i + i / 97 * 31) % 97);
  const groklab_step_cost cost = cost_of(trainer, rows);
  // 97 + 97 + 256 + 256 prefixes, 97 + 1 + 97 + 1 pairs.
  const double first = 196.0 * 3 * 128 * 128 + 706.0 * (128 * 128 + 2 * 128 * 512);
  const double last = 706.0 * 2 * 128 * 128 + 256.0 * (2 * 128 * 128 + 2 * 128 * 512);
  const double keys = 97 * 1 + 97 * 2 + 256 * 3 + 256 * 4;
  const double attention = (2 + 4) * 2 * 128 * (keys + 256 * 4);
  CHECK_EQUAL(cost.flops, kPasses * (first + last + 256.0 * 128 * 99) + attention);
  CHECK(cost.flops > 1.07e9 && cost.flops < 1.10e9);
  CHECK(cost.dense_flops > 2.41e9 && cost.dense_flops < 2.45e9);
}

TEST(cost_arguments_are_checked) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  Trainer trainer(engine.get(), setup_of(GROKLAB_MODEL_TRANSFORMER));
  groklab_step_cost cost{};
  cost.struct_size = sizeof cost;
  cost.flops = 7;
  std::vector<int32_t> rows = kRows;
  const auto fails = [&](uint32_t replica, int64_t count, const char* words) {
    CHECK_FAILS(groklab_trainer_step_cost(trainer.handle(), replica, rows.data(), count, &cost),
                GROKLAB_INVALID_ARGUMENT, words);
    CHECK_EQUAL(cost.flops, 7.0);
  };
  fails(1, 4, "replica is 1");
  fails(0, 0, "count is 0");
  fails(0, -1, "count is -1");
  fails(0, int64_t{1} << 31, "count is 2147483648");
  rows[2] = 25;
  fails(0, 4, "rows[2] is 25; the data set has rows 0 to 24");
  rows[2] = -1;
  fails(0, 4, "rows[2] is -1");
  rows[2] = 0;
  cost.struct_size = 1;
  fails(0, 4, "cost.struct_size is 1");
  cost.struct_size = sizeof cost;
  cost.reserved = 1;
  fails(0, 4, "cost.reserved is 1");
  cost.reserved = 0;
  CHECK_FAILS(groklab_trainer_step_cost(trainer.handle(), 0, nullptr, 4, &cost),
              GROKLAB_INVALID_ARGUMENT, "rows is null");
  CHECK_FAILS(groklab_trainer_step_cost(trainer.handle(), 0, rows.data(), 4, nullptr),
              GROKLAB_INVALID_ARGUMENT, "cost is null");
  CHECK_FAILS(groklab_trainer_step_cost(nullptr, 0, rows.data(), 4, &cost), GROKLAB_INVALID_HANDLE,
              "trainer handle is null");
}

/// Counting neither trains nor disturbs what was trained, and is the same on every backend.
TEST(counting_changes_nothing) {
  for (const uint32_t model : {GROKLAB_MODEL_TRANSFORMER, GROKLAB_MODEL_MLP, GROKLAB_MODEL_LSTM}) {
    double flops = 0;
    for (const uint32_t backend :
         {GROKLAB_BACKEND_CPU, GROKLAB_BACKEND_NAIVE, GROKLAB_BACKEND_CHECK}) {
      const EngineHandle engine = open_engine(Compute{backend, ""}, 1);
      Trainer trainer(engine.get(), setup_of(model));
      trainer.initialize(0, 3);
      const double loss = trainer.gradient(0, kRows);
      const auto weights = trainer.bytes(0, GROKLAB_PARAMETERS);
      const auto gradients = trainer.bytes(0, GROKLAB_GRADIENTS);
      const groklab_step_cost cost = cost_of(trainer, kRows);
      CHECK(trainer.bytes(0, GROKLAB_PARAMETERS) == weights);
      CHECK(trainer.bytes(0, GROKLAB_GRADIENTS) == gradients);
      CHECK_EQUAL(trainer.gradient(0, kRows), loss);
      if (flops == 0) flops = cost.flops;
      CHECK_EQUAL(cost.flops, flops);
    }
  }
}

}  // namespace groklab::test
