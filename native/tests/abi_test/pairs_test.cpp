// Models over pairs of sequences: what padding, masks and the mean over answers mean, and rows that
// change.
#include <algorithm>
#include <cmath>

#include "abi_test/backend.h"
#include "abi_test/expect.h"

namespace groklab::test {
namespace {

std::vector<Compute> computes() {
  return asked_or(
      {Compute{}, Compute{GROKLAB_BACKEND_NAIVE, ""}, Compute{GROKLAB_BACKEND_CHECK, ""}});
}

Setup pair_setup() {
  Setup setup{
      .model = GROKLAB_MODEL_SEQ2SEQ, .p = 5, .layers = 2, .width = 8, .heads = 2, .hidden = 11};
  setup.replicas = {Replica{}};
  return setup;
}

std::vector<int32_t> all_rows(const Trainer& trainer) {
  std::vector<int32_t> rows;
  for (int32_t row = 0; row < trainer.table_rows(); ++row) rows.push_back(row);
  return rows;
}

/// Sequences of `length` tokens, with `more` places of padding behind.
std::vector<int32_t> padded(const std::vector<int32_t>& sequences, uint32_t length, uint32_t more) {
  std::vector<int32_t> all;
  for (auto row = sequences.begin(); row != sequences.end(); row += length) {
    all.insert(all.end(), row, row + length);
    all.insert(all.end(), more, -1);
  }
  return all;
}

/// Weights drawn alike in whichever trainer: the position table may have more rows than are used.
void start(Trainer& trainer, const Trainer& other) {
  const std::vector<double> from = other.values(0, GROKLAB_PARAMETERS);
  std::vector<double> to = trainer.values(0, GROKLAB_PARAMETERS);
  const auto ours = trainer.tensors();
  const auto theirs = other.tensors();
  for (std::size_t i = 0; i < ours.size(); ++i) {
    std::copy_n(from.begin() + theirs[i].offset, std::min(ours[i].count, theirs[i].count),
                to.begin() + ours[i].offset);
  }
  trainer.write(0, GROKLAB_PARAMETERS, to);
}

/// Log-likelihood of a class among `classes` logits.
double log_likelihood(const double* logits, uint32_t classes, int32_t target) {
  double sum = 0;
  for (uint32_t c = 0; c < classes; ++c) sum += std::exp(logits[c]);
  return logits[target] - std::log(sum);
}

}  // namespace

/// Rows of few and of many answers weigh by what they have to answer, in training and evaluation.
TEST(losses_are_means_over_answers) {
  for (const Compute& compute : computes()) {
    const EngineHandle engine = open_engine(compute, 1);
    const Pairs pairs = addition_pairs(5, 2);
    Trainer trainer(engine.get(), pair_setup(), pairs);
    trainer.initialize(0, 4);
    const std::vector<int32_t> rows = all_rows(trainer);
    const std::vector<double> logits = trainer.logits(0, rows);
    CHECK_EQUAL(logits.size(), rows.size() * pairs.target_length * pairs.target_vocabulary);
    double sum = 0;
    double right = 0;
    double answers = 0;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      for (uint32_t u = 0; u < pairs.target_length; ++u) {
        const int32_t target = pairs.targets[row * (pairs.target_length + 1) + u + 1];
        if (target < 0) break;
        const double* const at =
            logits.data() + (row * pairs.target_length + u) * pairs.target_vocabulary;
        sum -= log_likelihood(at, pairs.target_vocabulary, target);
        right += std::max_element(at, at + pairs.target_vocabulary) - at == target ? 1 : 0;
        answers += 1;
      }
    }
    CHECK(answers < static_cast<double>(rows.size() * pairs.target_length));
    CHECK(std::abs(trainer.gradient(0, rows) - sum / answers) <= 1e-12 * sum / answers);

    expect_ok(groklab_trainer_set_split(trainer.handle(), 0, 0, rows.data(),
                                        static_cast<int64_t>(rows.size())));
    double loss = 0;
    double accuracy = 0;
    groklab_evaluation evaluation{};
    evaluation.struct_size = sizeof evaluation;
    evaluation.splits = 1;
    evaluation.losses = &loss;
    evaluation.accuracies = &accuracy;
    expect_ok(groklab_trainer_evaluate(trainer.handle(), &evaluation));
    CHECK(std::abs(loss - sum / answers) <= 1e-12 * loss);
    CHECK(std::abs(accuracy - right / answers) <= 1e-15);
  }
}

/// The same sentences in a table of more columns give the same loss and gradients.
TEST(padding_changes_nothing) {
  for (const Compute& compute : computes()) {
    const EngineHandle engine = open_engine(compute, 1);
    const Pairs pairs = addition_pairs(5, 2);
    Pairs wide = pairs;
    wide.source_length += 3;
    wide.target_length += 2;
    wide.sources = padded(pairs.sources, pairs.source_length, 3);
    wide.targets = padded(pairs.targets, pairs.target_length + 1, 2);
    Trainer narrow_trainer(engine.get(), pair_setup(), pairs);
    Trainer wide_trainer(engine.get(), pair_setup(), wide);
    narrow_trainer.initialize(0, 4);
    wide_trainer.initialize(0, 5);
    start(wide_trainer, narrow_trainer);
    const double loss = narrow_trainer.gradient(0, all_rows(narrow_trainer));
    CHECK(std::abs(wide_trainer.gradient(0, all_rows(wide_trainer)) - loss) <= 1e-13 * loss);
    const std::vector<double> gradients = narrow_trainer.values(0, GROKLAB_GRADIENTS);
    const std::vector<double> wide_gradients = wide_trainer.values(0, GROKLAB_GRADIENTS);
    const auto ours = wide_trainer.tensors();
    const auto theirs = narrow_trainer.tensors();
    for (std::size_t i = 0; i < ours.size(); ++i) {
      double difference = 0;
      for (int64_t e = 0; e < ours[i].count; ++e) {
        const double expected =
            e < theirs[i].count ? gradients[static_cast<std::size_t>(theirs[i].offset + e)] : 0;
        const double actual = wide_gradients[static_cast<std::size_t>(ours[i].offset + e)];
        difference = std::max(difference, std::abs(actual - expected));
      }
      CHECK(difference <= 1e-14);
    }
  }
}

/// A place of the target depends on what comes after it exactly if the model looks ahead.
TEST(answers_see_what_comes_after_only_if_they_shall) {
  for (const Compute& compute : computes()) {
    for (const uint32_t looks_ahead : {0u, 1u}) {
      const EngineHandle engine = open_engine(compute, 1);
      // Two rows that differ in the last token that is read, at position 2.
      const Pairs pairs{4, 2, 5, 3, {1, 2, 1, 2}, {0, 1, 2, 3, 0, 1, 4, 3}};
      Setup setup = pair_setup();
      setup.looks_ahead = looks_ahead;
      Trainer trainer(engine.get(), setup, pairs);
      trainer.initialize(0, 4);
      const std::vector<double> logits = trainer.logits(0, all_rows(trainer));
      const auto row = logits.begin() + 3 * 5;
      CHECK_EQUAL(std::equal(logits.begin(), logits.begin() + 2 * 5, row), looks_ahead == 0);
      CHECK(!std::equal(logits.begin() + 2 * 5, logits.begin() + 3 * 5, row + 2 * 5));
    }
  }
}

TEST(pairs_can_be_replaced) {
  for (const Compute& compute : computes()) {
    const EngineHandle engine = open_engine(compute, 1);
    const Pairs before = addition_pairs(5, 2);
    Pairs after = before;
    after.sources[4] = 2;
    after.targets[5 + 1] = 4;
    Trainer trainer(engine.get(), pair_setup(), before);
    Trainer fresh(engine.get(), pair_setup(), after);
    trainer.initialize(0, 3);
    fresh.initialize(0, 3);
    const double loss = trainer.gradient(0, all_rows(trainer));
    CHECK_OK(groklab_pairs_write(trainer.dataset(), 1, 2, after.sources.data() + 4,
                                 after.targets.data() + 5));
    const double changed = trainer.gradient(0, all_rows(trainer));
    CHECK(changed != loss);
    CHECK_EQUAL(changed, fresh.gradient(0, all_rows(fresh)));
    CHECK(trainer.evaluate_halves(0) == fresh.evaluate_halves(0));
  }
}

TEST(pair_writing_is_checked) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  const Pairs pairs = addition_pairs(5, 2);
  const DatasetHandle dataset = open_dataset(engine.get(), pairs);
  const DatasetHandle tokens = open_dataset(engine.get(), addition_table(5, 2));
  const int32_t* const s = pairs.sources.data();
  const int32_t* const t = pairs.targets.data();
  const int32_t bad_source[] = {1, 2, -1, 1};
  const int32_t bad_target[] = {5, -1, -1, -1, -1};
  const auto fails = [&](const DatasetHandle& to, int64_t first, int64_t count,
                         const int32_t* sources, const int32_t* targets, const char* words) {
    CHECK_FAILS(groklab_pairs_write(to.get(), first, count, sources, targets),
                GROKLAB_INVALID_ARGUMENT, words);
  };
  fails(tokens, 0, 1, s, t, "are no pairs of sequences");
  fails(dataset, 25, 1, s, t, "first_row is 25");
  fails(dataset, 24, 2, s, t, "count is 2");
  fails(dataset, 0, 1, nullptr, t, "sources is null");
  fails(dataset, 0, 1, s, nullptr, "targets is null");
  fails(dataset, 3, 1, bad_source, t, "the source in row 3 goes on after a -1");
  fails(dataset, 3, 1, s, bad_target, "the target in row 3 has 1 tokens");
  CHECK_FAILS(groklab_pairs_write(nullptr, 0, 1, s, t), GROKLAB_INVALID_HANDLE, "null");
}

TEST(pair_models_are_checked) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  const auto refused = [&](auto make, const char* words) {
    try {
      make();
      fail(__FILE__, __LINE__, std::string("no error that says ") + words);
    } catch (const AbiError& error) {
      CHECK_EQUAL(error.status(), GROKLAB_INVALID_ARGUMENT);
      CHECK(std::string(error.what()).find(words) != std::string::npos);
    }
  };
  const Pairs pairs = addition_pairs(5, 2);
  const auto with = [&](auto change) {
    Setup setup = pair_setup();
    change(setup);
    return [&engine, &pairs, setup] { Trainer(engine.get(), setup, pairs); };
  };
  refused(with([](Setup& s) { s.heads = 3; }), "which does not divide the width 8");
  refused(with([](Setup& s) { s.heads = 0; }), "options.model.heads is 0");
  refused(with([](Setup& s) { s.width = 0; }), "options.model.width is 0");
  refused(with([](Setup& s) { s.looks_ahead = 2; }), "options.model.looks_ahead is 2");
  refused([&] { Trainer(engine.get(), pair_setup(), addition_table(5, 2)); },
          "a model over pairs of sequences");
}

}  // namespace groklab::test
