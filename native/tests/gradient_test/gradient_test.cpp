// The whole model in fp64, through the C ABI: its gradients against finite differences, the prefix
// tree against the dense batch, and each backend against the naive one.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>

#include "support/abi.h"
#include "support/check.h"
#include "support/random.h"

namespace groklab::test {
namespace {

/// A backend by name: the tests of all backends are then about that one alone.
Option backend("backend");

std::vector<Compute> computes_under_test() {
  if (backend.value().empty()) return all_computes();
  return {compute_named(backend.value())};
}

/// Shapes in which nothing comes out even, for two and three summands and one to three layers of
/// each model.
std::vector<Setup> token_setups(double dropout) {
  const std::vector<Replica> one{{.dropout = dropout, .dropout_seed = 77}};
  std::vector<Setup> all;
  all.push_back({.p = 5, .summands = 2, .layers = 1, .width = 7, .heads = 1, .hidden = 5});
  all.push_back({.p = 7, .summands = 2, .layers = 2, .width = 15, .heads = 3, .hidden = 22});
  all.push_back({.p = 3, .summands = 3, .layers = 3, .width = 12, .heads = 4, .hidden = 17});
  for (const uint32_t model : {GROKLAB_MODEL_MLP, GROKLAB_MODEL_LSTM}) {
    all.push_back({.model = model, .p = 5, .summands = 2, .layers = 1, .width = 7, .hidden = 5});
    all.push_back({.model = model, .p = 7, .summands = 2, .layers = 2, .width = 5, .hidden = 13});
    all.push_back({.model = model, .p = 3, .summands = 3, .layers = 3, .width = 4, .hidden = 9});
  }
  for (Setup& setup : all) setup.replicas = one;
  return all;
}

/// Those, and models over real numbers.
std::vector<Setup> setups(double dropout) {
  std::vector<Setup> all = token_setups(dropout);
  const std::vector<Replica> one = all.front().replicas;
  const uint32_t dense = GROKLAB_MODEL_DENSE;
  all.push_back({.model = dense, .p = 5, .summands = 2, .layers = 1, .hidden = 7, .replicas = one});
  all.push_back(
      {.model = dense, .p = 4, .summands = 3, .layers = 3, .hidden = 13, .replicas = one});
  for (const uint32_t layers : {1u, 3u}) {
    all.push_back({.model = GROKLAB_MODEL_CNN,
                   .p = 5,
                   .summands = 2,
                   .layers = layers,
                   .width = 3,
                   .hidden = 9,
                   .replicas = one});
  }
  return all;
}

/// Models over pairs of sequences, which have several answers for a row.
std::vector<Setup> pair_setups(double dropout) {
  const uint32_t model = GROKLAB_MODEL_SEQ2SEQ;
  std::vector<Setup> all;
  all.push_back({.model = model, .p = 5, .layers = 1, .width = 7, .heads = 1, .hidden = 5});
  all.push_back({.model = model, .p = 7, .layers = 2, .width = 9, .heads = 3, .hidden = 13});
  all.push_back({.model = model, .p = 3, .summands = 3, .layers = 3, .width = 8, .heads = 2});
  all.back().looks_ahead = 1;
  for (Setup& setup : all) setup.replicas = {{.dropout = dropout, .dropout_seed = 77}};
  return all;
}

std::vector<Setup> all_setups(double dropout) {
  std::vector<Setup> all = setups(dropout);
  std::ranges::copy(pair_setups(dropout), std::back_inserter(all));
  return all;
}

std::string text(const Compute& compute, const Setup& s) {
  return compute.name() + " model=" + std::to_string(s.model) + " p=" + std::to_string(s.p) +
         " K=" + std::to_string(s.summands) + " layers=" + std::to_string(s.layers) +
         " width=" + std::to_string(s.width) + " dropout=" + to_text(s.replicas.front().dropout);
}

/// Initial weights with biases and norms moved off 0 and 1, where gradients might hide.
std::vector<double> jittered_weights(Trainer& trainer) {
  trainer.initialize(0, 11);
  std::vector<double> weights = trainer.values(0, GROKLAB_PARAMETERS);
  Random random(12);
  for (double& weight : weights) weight += 0.1 * random.normal();
  trainer.write(0, GROKLAB_PARAMETERS, weights);
  return weights;
}

/// A batch in no order, with repeated rows.
std::vector<int32_t> batch_with_repeats(int64_t table_rows) {
  Random random(13);
  std::vector<int32_t> rows;
  for (int i = 0; i < 11; ++i) rows.push_back(static_cast<int32_t>(random.integer(table_rows)));
  rows.push_back(rows.front());
  rows.push_back(rows[3]);
  return rows;
}

double largest(const std::vector<double>& values) {
  double result = 0;
  for (const double value : values) result = std::max(result, std::abs(value));
  return result;
}

/// Largest difference of two arrays relative to the largest element of the second.
double relative_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = std::max(difference, std::abs(a[i] - b[i]));
  }
  return difference / std::max(largest(b), 1e-300);
}

/// Loss and gradients of the batch above at the weights above.
struct Answer {
  double loss;
  std::vector<double> gradients;
};

Answer answer(groklab_engine* engine, Setup setup, uint32_t layout) {
  setup.layout = layout;
  Trainer trainer(engine, setup);
  jittered_weights(trainer);
  expect_ok(groklab_trainer_set_step(trainer.handle(), 0, 5));
  const double loss = trainer.gradient(0, batch_with_repeats(trainer.table_rows()));
  return {loss, trainer.values(0, GROKLAB_GRADIENTS)};
}

/// A random sample of each tensor's coordinates against fourth-order central differences. A step
/// across a kink of ReLU tells nothing: then a smaller one may.
void check_finite_differences(const Compute& compute, const Setup& setup) {
  constexpr int kSample = 4;
  constexpr double kSteps[] = {1e-3, 1e-4, 1e-5, 1e-6};
  const EngineHandle engine = open_engine(compute, 1);
  Trainer trainer(engine.get(), setup);
  std::vector<double> weights = jittered_weights(trainer);
  const std::vector<int32_t> rows = batch_with_repeats(trainer.table_rows());
  trainer.gradient(0, rows);
  const std::vector<double> gradients = trainer.values(0, GROKLAB_GRADIENTS);

  Random random(14);
  for (const groklab_tensor_info& tensor : trainer.tensors()) {
    for (int sample = 0; sample < kSample; ++sample) {
      const auto i = static_cast<std::size_t>(tensor.offset + random.integer(tensor.count));
      const double at = weights[i];
      const auto loss = [&](double offset) {
        weights[i] = at + offset;
        trainer.write(0, GROKLAB_PARAMETERS, weights);
        return trainer.gradient(0, rows);
      };
      double numeric = 0;
      const auto agrees = [&](double h) {
        numeric = (8 * (loss(h) - loss(-h)) - (loss(2 * h) - loss(-2 * h))) / (12 * h);
        return std::abs(numeric - gradients[i]) <= 1e-8 * (1 + std::abs(gradients[i]));
      };
      const bool has_kinks =
          setup.model != GROKLAB_MODEL_TRANSFORMER && setup.model != GROKLAB_MODEL_LSTM;
      const bool found = has_kinks ? std::ranges::any_of(kSteps, agrees) : agrees(kSteps[0]);
      weights[i] = at;
      if (found) continue;
      fail(__FILE__, __LINE__,
           text(compute, setup) + ' ' + tensor.name + '[' +
               std::to_string(static_cast<int64_t>(i) - tensor.offset) + "]: gradient " +
               to_text(gradients[i]) + ", finite difference " + to_text(numeric));
    }
  }
}

}  // namespace

TEST(gradients_are_finite_differences) {
  for (const Compute& compute : computes_under_test()) {
    for (const double dropout : {0.0, 0.3}) {
      for (const Setup& setup : all_setups(dropout)) check_finite_differences(compute, setup);
    }
  }
}

TEST(prefix_tree_equals_dense_batch) {
  for (const Compute& compute : computes_under_test()) {
    const EngineHandle engine = open_engine(compute, 1);
    for (const Setup& setup : all_setups(0)) {
      const Answer tree = answer(engine.get(), setup, GROKLAB_LAYOUT_AUTO);
      const Answer dense = answer(engine.get(), setup, GROKLAB_LAYOUT_DENSE);
      CHECK(std::abs(tree.loss - dense.loss) <= 1e-12 * dense.loss);
      CHECK(relative_difference(tree.gradients, dense.gradients) <= 1e-12);
    }
  }
}

/// Rows in no order, some with equal tokens, and those with other targets.
TEST(tables_of_any_order_with_repeated_rows) {
  Table table{4, 5, {}, {}};
  Random random(15);
  for (int row = 0; row < 60; ++row) {
    for (int t = 0; t < 5; ++t) table.tokens.push_back(static_cast<int32_t>(random.integer(2)));
    table.targets.push_back(static_cast<int32_t>(random.integer(4)));
  }
  std::vector<int32_t> rows;
  for (int i = 0; i < 40; ++i) rows.push_back(static_cast<int32_t>(random.integer(table.rows())));

  for (const Compute& compute : computes_under_test()) {
    const EngineHandle engine = open_engine(compute, 1);
    for (Setup setup : token_setups(0)) {
      Trainer tree(engine.get(), setup, table);
      setup.layout = GROKLAB_LAYOUT_DENSE;
      Trainer dense(engine.get(), setup, table);
      jittered_weights(tree);
      jittered_weights(dense);
      const double loss = dense.gradient(0, rows);
      CHECK(std::abs(tree.gradient(0, rows) - loss) <= 1e-12 * loss);
      CHECK(relative_difference(tree.values(0, GROKLAB_GRADIENTS),
                                dense.values(0, GROKLAB_GRADIENTS)) <= 1e-12);
      CHECK(relative_difference(tree.logits(0, rows), dense.logits(0, rows)) <= 1e-12);
      // Rows with the same tokens have the same logits, at whichever places they are asked for.
      const std::vector<double> logits = tree.logits(0, rows);
      for (std::size_t n = 0; n < rows.size(); ++n) {
        const std::vector<double> one = tree.logits(0, std::span(rows).subspan(n, 1));
        const auto begin = logits.begin() + static_cast<std::ptrdiff_t>(4 * n);
        CHECK(relative_difference({begin, begin + 4}, one) <= 1e-12);
      }
    }
  }
}

TEST(backends_agree) {
  const EngineHandle naive = open_engine({GROKLAB_BACKEND_NAIVE, ""}, 1);
  for (const Compute& compute : computes_under_test()) {
    if (compute.backend == GROKLAB_BACKEND_NAIVE) continue;
    const EngineHandle engine = open_engine(compute, 2);
    for (const double dropout : {0.0, 0.3}) {
      for (const Setup& setup : all_setups(dropout)) {
        const Answer expected = answer(naive.get(), setup, GROKLAB_LAYOUT_AUTO);
        const Answer actual = answer(engine.get(), setup, GROKLAB_LAYOUT_AUTO);
        CHECK(std::abs(actual.loss - expected.loss) <= 1e-12 * expected.loss);
        CHECK(relative_difference(actual.gradients, expected.gradients) <= 1e-11);
      }
    }
  }
}

TEST(repeated_rows_count_as_often_as_they_occur) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  for (const Setup& setup : setups(0)) {
    Trainer trainer(engine.get(), setup);
    jittered_weights(trainer);
    const double first = trainer.gradient(0, std::vector<int32_t>{3});
    const double second = trainer.gradient(0, std::vector<int32_t>{19});
    const double mixed = trainer.gradient(0, std::vector<int32_t>{3, 19, 3, 3});
    CHECK(std::abs(mixed - (3 * first + second) / 4) <= 1e-13 * mixed);
  }
}

TEST(order_of_rows_does_not_matter) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  for (const Setup& setup : all_setups(0)) {
    Trainer trainer(engine.get(), setup);
    jittered_weights(trainer);
    std::vector<int32_t> rows = batch_with_repeats(trainer.table_rows());
    const double loss = trainer.gradient(0, rows);
    const std::vector<double> gradients = trainer.values(0, GROKLAB_GRADIENTS);
    std::ranges::reverse(rows);
    CHECK(std::abs(trainer.gradient(0, rows) - loss) <= 1e-12 * loss);
    CHECK(relative_difference(trainer.values(0, GROKLAB_GRADIENTS), gradients) <= 1e-12);
  }
}

/// Dropout with another seed or at another step is another loss; the same again is the same.
TEST(dropout_masks_follow_seed_and_step) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  for (Setup setup : all_setups(0)) {
    // An LSTM drops out between layers: one layer has nothing to drop.
    if (setup.model == GROKLAB_MODEL_LSTM && setup.layers == 1) continue;
    setup.replicas = {{.dropout = 0.3, .dropout_seed = 1}, {.dropout = 0.3, .dropout_seed = 2}};
    Trainer trainer(engine.get(), setup);
    const std::vector<double> weights = jittered_weights(trainer);
    trainer.write(1, GROKLAB_PARAMETERS, weights);
    const std::vector<int32_t> rows = batch_with_repeats(trainer.table_rows());
    const double loss = trainer.gradient(0, rows);
    CHECK_EQUAL(trainer.gradient(0, rows), loss);
    CHECK(trainer.gradient(1, rows) != loss);
    expect_ok(groklab_trainer_set_step(trainer.handle(), 0, 1));
    CHECK(trainer.gradient(0, rows) != loss);
    expect_ok(groklab_trainer_set_step(trainer.handle(), 0, 0));
    CHECK_EQUAL(trainer.gradient(0, rows), loss);
  }
}

/// A rate so small that no mask has a zero: the way of dropout, which shares nothing, and without it.
TEST(dropping_nothing_equals_no_dropout) {
  for (const Compute& compute : computes_under_test()) {
    const EngineHandle engine = open_engine(compute, 1);
    const std::vector<Setup> without = all_setups(0);
    const std::vector<Setup> with = all_setups(1e-14);
    for (std::size_t i = 0; i < with.size(); ++i) {
      const Answer expected = answer(engine.get(), without[i], GROKLAB_LAYOUT_AUTO);
      const Answer actual = answer(engine.get(), with[i], GROKLAB_LAYOUT_AUTO);
      CHECK(std::abs(actual.loss - expected.loss) <= 1e-12 * expected.loss);
      CHECK(relative_difference(actual.gradients, expected.gradients) <= 1e-11);
    }
  }
}

/// Evaluations and logits see the whole network, to the bit.
TEST(dropout_is_off_in_evaluation) {
  for (const Compute& compute : computes_under_test()) {
    const EngineHandle engine = open_engine(compute, 1);
    const std::vector<Setup> without = all_setups(0);
    const std::vector<Setup> with = all_setups(0.4);
    for (std::size_t i = 0; i < with.size(); ++i) {
      Trainer whole(engine.get(), without[i]);
      Trainer dropping(engine.get(), with[i]);
      jittered_weights(whole);
      jittered_weights(dropping);
      const std::vector<int32_t> rows = batch_with_repeats(whole.table_rows());
      CHECK(dropping.logits(0, rows) == whole.logits(0, rows));
      CHECK(dropping.evaluate_halves(0) == whole.evaluate_halves(0));
    }
  }
}

/// The loss that training reports, the gradient call's, and the logits' are one number.
TEST(losses_and_logits_agree) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  for (const Setup& setup : setups(0)) {
    Trainer trainer(engine.get(), setup);
    jittered_weights(trainer);
    const Table table = addition_table(setup.p, setup.summands);
    std::vector<int32_t> rows;
    for (int32_t row = 0; row < table.rows(); row += 2) rows.push_back(row);

    const std::vector<double> logits = trainer.logits(0, rows);
    double expected = 0;
    double right = 0;
    for (std::size_t n = 0; n < rows.size(); ++n) {
      const double* row = logits.data() + n * trainer.classes();
      double sum = 0;
      for (uint32_t c = 0; c < trainer.classes(); ++c) sum += std::exp(row[c]);
      const int32_t target = table.targets[static_cast<std::size_t>(rows[n])];
      expected += (std::log(sum) - row[target]) / static_cast<double>(rows.size());
      const int64_t best = std::max_element(row, row + trainer.classes()) - row;
      right += best == target ? 1 : 0;
    }

    const double loss = trainer.gradient(0, rows);
    CHECK(std::abs(loss - expected) <= 1e-12 * expected);
    expect_ok(groklab_trainer_set_split(trainer.handle(), 0, 0, rows.data(),
                                        static_cast<int64_t>(rows.size())));
    double evaluated = 0;
    double accuracy = 0;
    double norm = 0;
    groklab_evaluation evaluation{};
    evaluation.struct_size = sizeof evaluation;
    evaluation.splits = 1;
    evaluation.losses = &evaluated;
    evaluation.accuracies = &accuracy;
    evaluation.weight_norms = &norm;
    expect_ok(groklab_trainer_evaluate(trainer.handle(), &evaluation));
    CHECK(std::abs(evaluated - expected) <= 1e-12 * expected);
    CHECK(std::abs(accuracy - right / static_cast<double>(rows.size())) <= 1e-15);
    double squares = 0;
    for (const double w : trainer.values(0, GROKLAB_PARAMETERS)) squares += w * w;
    CHECK(std::abs(norm - std::sqrt(squares)) <= 1e-13 * norm);

    Steps steps(1, 1, static_cast<int64_t>(rows.size()));
    steps.set(0, 0, rows, 1e-3);
    trainer.run(steps);
    CHECK(std::abs(steps.losses[0] - loss) <= 1e-15 * loss);
  }
}

}  // namespace groklab::test
