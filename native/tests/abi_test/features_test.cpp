// Data sets of real numbers and of pairs: options out of range, rows that change, weights, prediction.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "abi_test/backend.h"
#include "abi_test/expect.h"

namespace groklab::test {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<Compute> computes() {
  return asked_or(
      {Compute{}, Compute{GROKLAB_BACKEND_NAIVE, ""}, Compute{GROKLAB_BACKEND_CHECK, ""}});
}

Features weighted_features() {
  Features features = addition_features(5, 2);
  for (int64_t row = 0; row < features.rows(); ++row) {
    features.weights.push_back(1.0 + 0.1 * static_cast<double>(row % 7));
  }
  return features;
}

Setup dense_setup() {
  Setup setup{.model = GROKLAB_MODEL_DENSE, .p = 5, .layers = 2, .hidden = 12};
  setup.replicas = {Replica{}};
  return setup;
}

std::vector<int32_t> all_rows(const Trainer& trainer) {
  std::vector<int32_t> rows;
  for (int32_t row = 0; row < trainer.table_rows(); ++row) rows.push_back(row);
  return rows;
}

/// Loss of the whole data set at weights drawn from a seed.
double loss_of(groklab_engine* engine, const Features& features) {
  Trainer trainer(engine, dense_setup(), features);
  trainer.initialize(0, 3);
  return trainer.gradient(0, all_rows(trainer));
}

std::vector<double> predict(Trainer& trainer, const std::vector<float>& row) {
  std::vector<double> logits(trainer.classes());
  expect_ok(groklab_trainer_predict(trainer.handle(), 0, row.data(), 1, logits.data(),
                                    logits.size() * sizeof(double)));
  return logits;
}

}  // namespace

TEST(feature_options_are_checked) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  const auto fails = [&](auto change, const char* words) {
    Features features = weighted_features();
    groklab_features_options options = features.options();
    change(features, options);
    groklab_dataset* dataset = nullptr;
    CHECK_FAILS(groklab_features_create(engine.get(), &options, &dataset), GROKLAB_INVALID_ARGUMENT,
                words);
    CHECK(dataset == nullptr);
  };
  fails([](auto&, auto& o) { o.classes = 1; }, "options.classes is 1; allowed are 2");
  fails([](auto&, auto& o) { o.channels = 0; }, "options.channels is 0");
  fails([](auto&, auto& o) { o.height = 0; }, "options.height is 0");
  fails([](auto&, auto& o) { o.width = 0; }, "options.width is 0");
  fails([](auto&, auto& o) { o.height = o.width = 65536; }, "the number of pixels");
  fails([](auto&, auto& o) { o.reserved = 1; }, "options.reserved is 1");
  fails([](auto&, auto& o) { o.rows = 0; }, "options.rows is 0");
  fails([](auto&, auto& o) { o.values = nullptr; }, "options.values is null");
  fails([](auto&, auto& o) { o.targets = nullptr; }, "options.targets is null");
  fails([](auto& f, auto&) { f.values[7] = kNan; }, "value 1 in row 3 is nan");
  fails([](auto& f, auto&) { f.targets[9] = 5; },
        "target 5 in row 9 is outside the classes, 0 to 4");
  fails([](auto& f, auto&) { f.weights[2] = kInfinity; }, "the weight in row 2 is inf");
  fails([](auto&, auto& o) { o.struct_size = 1000; }, "options.struct_size is 1000");
}

TEST(pair_options_are_checked) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  const auto fails = [&](auto change, const char* words) {
    std::vector<int32_t> sources{1, 2, -1, 0, 3, 3};
    std::vector<int32_t> targets{0, 2, 1, 0, 4, -1};
    groklab_pairs_options options{};
    options.struct_size = sizeof options;
    options.source_vocabulary = 4;
    options.source_length = 3;
    options.target_vocabulary = 5;
    options.target_length = 2;
    options.rows = 2;
    options.sources = sources.data();
    options.targets = targets.data();
    change(sources, targets, options);
    groklab_dataset* dataset = nullptr;
    const groklab_status status = groklab_pairs_create(engine.get(), &options, &dataset);
    if (words == nullptr) {
      CHECK_EQUAL(status, GROKLAB_OK);
      CHECK_OK(groklab_dataset_destroy(dataset));
      return;
    }
    CHECK_FAILS(status, GROKLAB_INVALID_ARGUMENT, words);
  };
  fails([](auto&, auto&, auto&) {}, nullptr);
  fails([](auto&, auto&, auto& o) { o.source_vocabulary = 1; }, "options.source_vocabulary is 1");
  fails([](auto&, auto&, auto& o) { o.source_length = 0; }, "options.source_length is 0");
  fails([](auto&, auto&, auto& o) { o.target_length = 5000; }, "options.target_length is 5000");
  fails([](auto&, auto&, auto& o) { o.sources = nullptr; }, "options.sources is null");
  fails([](auto&, auto&, auto& o) { o.targets = nullptr; }, "options.targets is null");
  fails([](auto& s, auto&, auto&) { s[4] = 4; },
        "source token 4 in row 1 is outside the vocabulary");
  fails([](auto& s, auto&, auto&) { s[0] = -1; }, "the source in row 0 has 0 tokens");
  fails([](auto& s, auto&, auto&) { s[1] = -1, s[2] = 2; }, "the source in row 0 goes on after");
  fails([](auto&, auto& t, auto&) { t[4] = -1; }, "the target in row 1 has 1 tokens");
  fails([](auto&, auto& t, auto&) { t[1] = 5; }, "target token 5 in row 0 is outside");
}

TEST(models_and_rows_must_fit) {
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
  Setup tokens{.p = 5, .layers = 1, .width = 8, .heads = 2};
  tokens.replicas = {Replica{}};
  refused([&] { Trainer(engine.get(), tokens, addition_features(5, 2)); }, "a model over tokens");
  refused([&] { Trainer(engine.get(), dense_setup(), addition_table(5, 2)); },
          "a model over real numbers");
}

/// Images must be large enough to be halved by every layer; kernels are tensors of rank 4, as
/// PyTorch has them.
TEST(convolutions_have_their_sizes) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  Setup good{.model = GROKLAB_MODEL_CNN, .p = 5, .layers = 2, .width = 3, .hidden = 9};
  good.replicas = {Replica{}};
  const auto fails = [&](auto change, std::string_view words) {
    Setup setup = good;
    change(setup);
    try {
      Trainer(engine.get(), setup, addition_images(5, 2));
      fail(__FILE__, __LINE__, "not refused: " + std::string(words));
    } catch (const AbiError& error) {
      CHECK_EQUAL(error.status(), GROKLAB_INVALID_ARGUMENT);
      CHECK(std::string_view(error.what()).find(words) != std::string_view::npos);
    }
  };
  fails([](Setup& s) { s.layers = 4; }, "each halves the images of 9 by 10 pixels");
  fails([](Setup& s) { s.layers = 17; }, "options.model.layers, of a CNN, is 17");
  fails([](Setup& s) { s.width = 0; }, "options.model.width is 0");
  fails([](Setup& s) { s.width = 32769; }, "options.model.width is 32769; allowed are 1 to 32768");
  fails([](Setup& s) { s.hidden = 1; }, "half of which is a layer's width, is 1");
  const Trainer trainer(engine.get(), good);
  int64_t covered = 0;
  for (const groklab_tensor_info& tensor : trainer.tensors()) {
    covered += tensor.count;
    const std::vector<int64_t> shape(tensor.shape, tensor.shape + tensor.rank);
    if (std::string_view(tensor.name) == "convolutions.1.weight") {
      CHECK(shape == (std::vector<int64_t>{6, 3, 3, 3}));
    } else if (std::string_view(tensor.name) == "hidden_layers.0.weight") {
      CHECK(shape == (std::vector<int64_t>{9, 6 * 2 * 2}));
    } else if (std::string_view(tensor.name) == "readout.weight") {
      CHECK(shape == (std::vector<int64_t>{5, 4}));
    }
  }
  CHECK_EQUAL(covered,
              (3 * 2 * 9 + 3) + (6 * 3 * 9 + 6) + (9 * 24 + 9) + (4 * 9 + 4) + (5 * 4 + 5));
  CHECK_EQUAL(covered, trainer.parameters());
}

/// A weight of 2 counts like the row twice, but for the mean.
TEST(weights_scale_the_rows_losses) {
  for (const Compute& compute : computes()) {
    const EngineHandle engine = open_engine(compute, 1);
    Features features = addition_features(5, 2);
    const double plain = loss_of(engine.get(), features);
    features.weights.assign(features.targets.size(), -2.5);
    CHECK(std::abs(loss_of(engine.get(), features) + 2.5 * plain) <= 1e-12 * plain);
  }
}

/// A trainer sees rows that were written after it was made, as if they had been there from the start.
TEST(rows_can_be_replaced) {
  for (const Compute& compute : computes()) {
    const EngineHandle engine = open_engine(compute, 1);
    const Features before = weighted_features();
    Features after = before;
    for (std::size_t i = 6; i < 14; ++i) after.values[i] = -0.5F * after.values[i];
    for (std::size_t row = 3; row < 7; ++row) {
      after.targets[row] = (after.targets[row] + 2) % 5;
      after.weights[row] *= -3;
    }
    Trainer trainer(engine.get(), dense_setup(), before);
    trainer.initialize(0, 3);
    CHECK_EQUAL(trainer.gradient(0, all_rows(trainer)), loss_of(engine.get(), before));
    CHECK_OK(groklab_features_write(trainer.dataset(), 3, 4, after.values.data() + 6,
                                    after.targets.data() + 3, after.weights.data() + 3));
    CHECK_EQUAL(trainer.gradient(0, all_rows(trainer)), loss_of(engine.get(), after));
    Trainer fresh(engine.get(), dense_setup(), after);
    fresh.initialize(0, 3);
    CHECK(trainer.evaluate_halves(0) == fresh.evaluate_halves(0));
  }
}

TEST(writing_is_checked) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  const Features f = weighted_features();
  const DatasetHandle with_weights = open_dataset(engine.get(), f);
  const DatasetHandle without = open_dataset(engine.get(), addition_features(5, 2));
  const DatasetHandle tokens = open_dataset(engine.get(), addition_table(5, 2));
  const float bad_values[] = {1, kNan};
  const int32_t bad_target[] = {-1};
  const auto write = [&](const DatasetHandle& dataset, int64_t first, int64_t count,
                         const float* values, const int32_t* targets, const double* weights) {
    return groklab_features_write(dataset.get(), first, count, values, targets, weights);
  };
  const float* const v = f.values.data();
  const int32_t* const t = f.targets.data();
  const double* const w = f.weights.data();
  CHECK_FAILS(write(tokens, 0, 1, v, t, w), GROKLAB_INVALID_ARGUMENT, "has no features");
  CHECK_FAILS(write(with_weights, 25, 1, v, t, w), GROKLAB_INVALID_ARGUMENT, "first_row is 25");
  CHECK_FAILS(write(with_weights, 24, 2, v, t, w), GROKLAB_INVALID_ARGUMENT, "count is 2");
  CHECK_FAILS(write(with_weights, 0, 1, nullptr, t, w), GROKLAB_INVALID_ARGUMENT, "values is null");
  CHECK_FAILS(write(with_weights, 0, 1, v, nullptr, w), GROKLAB_INVALID_ARGUMENT,
              "targets is null");
  CHECK_FAILS(write(with_weights, 0, 1, v, t, nullptr), GROKLAB_INVALID_ARGUMENT, "weights");
  CHECK_FAILS(write(without, 0, 1, v, t, w), GROKLAB_INVALID_ARGUMENT, "made without");
  CHECK_FAILS(write(with_weights, 4, 1, bad_values, t, w), GROKLAB_INVALID_ARGUMENT,
              "value 1 in row 4 is nan");
  CHECK_FAILS(write(with_weights, 4, 1, v, bad_target, w), GROKLAB_INVALID_ARGUMENT,
              "target -1 in row 4");
  CHECK_FAILS(groklab_features_write(nullptr, 0, 1, v, t, w), GROKLAB_INVALID_HANDLE, "null");
}

/// What is predicted of a row are its logits, also when it has a place in the data set.
TEST(prediction_is_the_logits_of_a_row) {
  for (const Compute& compute : computes()) {
    const EngineHandle engine = open_engine(compute, 1);
    const Features features = addition_features(5, 2);
    Trainer trainer(engine.get(), dense_setup(), features);
    trainer.initialize(0, 8);
    const int32_t row = 17;
    const std::vector<double> expected = trainer.logits(0, std::span(&row, 1));
    CHECK(predict(trainer, {features.values[34], features.values[35]}) == expected);
    CHECK(predict(trainer, {-4.5F, 0.25F}) != expected);
    CHECK(trainer.logits(0, std::span(&row, 1)) == expected);
  }
}

TEST(prediction_is_checked) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  Trainer trainer(engine.get(), dense_setup());
  const std::vector<float> rows(60);
  std::vector<double> logits(130);
  const auto fails = [&](uint32_t replica, const float* features, int64_t count, void* out,
                         uint64_t bytes, const char* words) {
    CHECK_FAILS(groklab_trainer_predict(trainer.handle(), replica, features, count, out, bytes),
                GROKLAB_INVALID_ARGUMENT, words);
  };
  fails(1, rows.data(), 1, logits.data(), 40, "replica is 1");
  fails(0, nullptr, 1, logits.data(), 40, "features is null");
  fails(0, rows.data(), 1, nullptr, 40, "logits is null");
  fails(0, rows.data(), 0, logits.data(), 0, "count is 0");
  fails(0, rows.data(), 26, logits.data(), 1040, "count is 26; allowed are 1 to 25");
  fails(0, rows.data(), 1, logits.data(), 20, "bytes is 20");
  Setup tokens{.p = 5, .layers = 1, .width = 8, .heads = 2};
  tokens.replicas = {Replica{}};
  Trainer over_tokens(engine.get(), tokens);
  CHECK_FAILS(groklab_trainer_predict(over_tokens.handle(), 0, rows.data(), 1, logits.data(), 56),
              GROKLAB_INVALID_ARGUMENT, "has no features");
}

}  // namespace groklab::test
