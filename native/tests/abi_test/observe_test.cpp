// Activations by name: they and their gradients must give the parameters' gradients.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <stdexcept>

#include "abi_test/backend.h"
#include "abi_test/expect.h"

namespace groklab::test {
namespace {

std::vector<Compute> computes() {
  return asked_or(
      {Compute{}, Compute{GROKLAB_BACKEND_NAIVE, ""}, Compute{GROKLAB_BACKEND_CHECK, ""}});
}

/// An activation of some rows, [rows, positions, width], and its gradient.
struct Seen {
  groklab_activation_info info{};
  std::vector<double> values;
  std::vector<double> gradients;  ///< empty: there are none

  /// Rows of all positions.
  [[nodiscard]] std::size_t lines() const {
    return values.size() / static_cast<std::size_t>(info.width);
  }
};

std::map<std::string, Seen> observe_all(Trainer& trainer, const std::vector<int32_t>& rows) {
  uint32_t count = 0;
  expect_ok(groklab_trainer_activation_count(trainer.handle(), &count));
  std::map<std::string, Seen> all;
  for (uint32_t index = 0; index < count; ++index) {
    Seen seen;
    seen.info.struct_size = sizeof seen.info;
    expect_ok(groklab_trainer_activation(trainer.handle(), index, &seen.info));
    const auto size = static_cast<int64_t>(rows.size()) * seen.info.positions * seen.info.width;
    seen.values.assign(static_cast<std::size_t>(size), -1);
    if (seen.info.has_gradient != 0) seen.gradients.assign(seen.values.size(), -1);
    expect_ok(groklab_trainer_observe(trainer.handle(), 0, index, rows.data(),
                                      static_cast<int64_t>(rows.size()), seen.values.data(),
                                      seen.gradients.empty() ? nullptr : seen.gradients.data(),
                                      seen.values.size() * sizeof(double)));
    all.emplace(seen.info.name, std::move(seen));
  }
  return all;
}

std::vector<double> parameter_gradient(const Trainer& trainer, const std::string& name) {
  for (const groklab_tensor_info& tensor : trainer.tensors()) {
    if (tensor.name != name) continue;
    const std::vector<double> flat = trainer.values(0, GROKLAB_GRADIENTS);
    return {flat.begin() + tensor.offset, flat.begin() + tensor.offset + tensor.count};
  }
  throw std::runtime_error("no tensor " + name);
}

/// A linear layer's weight has the gradient dyᵀ x, its bias the sum of dy; over all rows and positions.
void check_linear(const Trainer& trainer, std::map<std::string, Seen>& seen, const std::string& x,
                  const std::string& y, const std::string& parameter) {
  const Seen& in = seen.at(x);
  const Seen& out = seen.at(y);
  CHECK_EQUAL(in.lines(), out.lines());
  const auto ins = static_cast<std::size_t>(in.info.width);
  const auto outs = static_cast<std::size_t>(out.info.width);
  const std::vector<double> dweight = parameter_gradient(trainer, parameter + ".weight");
  const std::vector<double> dbias = parameter_gradient(trainer, parameter + ".bias");
  double error = 0;
  double largest = 0;
  for (std::size_t o = 0; o < outs; ++o) {
    double sum = 0;
    for (std::size_t n = 0; n < in.lines(); ++n) sum += out.gradients[n * outs + o];
    error = std::max(error, std::abs(sum - dbias[o]));
    for (std::size_t i = 0; i < ins; ++i) {
      double product = 0;
      for (std::size_t n = 0; n < in.lines(); ++n) {
        product += out.gradients[n * outs + o] * in.values[n * ins + i];
      }
      error = std::max(error, std::abs(product - dweight[o * ins + i]));
      largest = std::max(largest, std::abs(product));
    }
  }
  if (error <= 1e-11 * largest && largest > 1e-6) return;
  fail(__FILE__, __LINE__,
       parameter + " from " + x + " and " + y + ": off by " + to_text(error) + " of " +
           to_text(largest));
}

Trainer start(groklab_engine* engine, uint32_t model, const std::vector<int32_t>& rows) {
  Setup setup{.model = model, .p = 5, .layers = 2, .width = 8, .heads = 2, .hidden = 12};
  setup.replicas = {Replica{.dropout = 0.2}};
  Trainer trainer(engine, setup);
  trainer.initialize(0, 21);
  trainer.gradient(0, rows);  // with dropout: nothing of it may stay
  return trainer;
}

const std::vector<int32_t> kRows = {3, 17, 4, 4, 24, 0, 11};

}  // namespace

TEST(activations_of_a_transformer) {
  for (const Compute& compute : computes()) {
    const EngineHandle engine = open_engine(compute, 1);
    Trainer trainer = start(engine.get(), GROKLAB_MODEL_TRANSFORMER, kRows);
    auto seen = observe_all(trainer, kRows);
    CHECK_EQUAL(seen.size(), std::size_t{25});
    CHECK(seen.at("logits").values == trainer.logits(0, kRows));
    check_linear(trainer, seen, "final_norm", "logits", "readout");
    for (const std::string block : {"blocks.0.", "blocks.1."}) {
      check_linear(trainer, seen, block + "attention.mixed_values", block + "attention.output",
                   block + "attention.out_proj");
      check_linear(trainer, seen, block + "attention_norm", block + "feed_forward.up",
                   block + "feed_forward.up");
      check_linear(trainer, seen, block + "feed_forward.neurons", block + "feed_forward.output",
                   block + "feed_forward.down");
      const Seen& weights = seen.at(block + "attention.weights");
      CHECK_EQUAL(weights.info.has_gradient, 0u);
      for (std::size_t i = 0; i < weights.values.size(); i += 4) {
        const auto begin = weights.values.begin() + static_cast<std::ptrdiff_t>(i);
        CHECK(std::abs(std::accumulate(begin, begin + 4, -1.0)) <= 1e-12);
      }
    }
    // Only the last position goes on from the last block.
    CHECK_EQUAL(seen.at("blocks.0.attention_norm").info.positions, int64_t{4});
    CHECK_EQUAL(seen.at("blocks.1.attention_norm").info.positions, int64_t{1});
    CHECK_EQUAL(seen.at("blocks.1.attention.key").info.positions, int64_t{4});
  }
}

TEST(activations_of_the_other_models) {
  for (const Compute& compute : computes()) {
    const EngineHandle engine = open_engine(compute, 1);
    Trainer mlp = start(engine.get(), GROKLAB_MODEL_MLP, kRows);
    auto seen = observe_all(mlp, kRows);
    check_linear(mlp, seen, "blocks.1.norm", "logits", "readout");
    check_linear(mlp, seen, "blocks.0.norm", "blocks.1.feed_forward.up",
                 "blocks.1.feed_forward.up");
    check_linear(mlp, seen, "blocks.0.feed_forward.neurons", "blocks.0.feed_forward.output",
                 "blocks.0.feed_forward.down");

    Trainer dense = start(engine.get(), GROKLAB_MODEL_DENSE, kRows);
    seen = observe_all(dense, kRows);
    check_linear(dense, seen, "layers.1.neurons", "logits", "readout");
    check_linear(dense, seen, "layers.0.neurons", "layers.1.up", "layers.1");

    Trainer cnn = start(engine.get(), GROKLAB_MODEL_CNN, kRows);
    seen = observe_all(cnn, kRows);
    check_linear(cnn, seen, "convolutions.1.pooled", "hidden_layers.0.up", "hidden_layers.0");
    check_linear(cnn, seen, "hidden_layers.0.neurons", "hidden_layers.1.up", "hidden_layers.1");
    check_linear(cnn, seen, "hidden_layers.1.neurons", "logits", "readout");

    Trainer lstm = start(engine.get(), GROKLAB_MODEL_LSTM, kRows);
    seen = observe_all(lstm, kRows);
    CHECK(seen.at("logits").values == lstm.logits(0, kRows));
    const Seen& states = seen.at("lstm.1.output");
    const Seen& cells = seen.at("lstm.1.cell");
    const Seen& gates = seen.at("lstm.1.gates");
    for (std::size_t n = 0; n < states.lines(); ++n) {
      for (std::size_t j = 0; j < 12; ++j) {
        const double output_gate = gates.values[n * 48 + 36 + j];
        CHECK(std::abs(states.values[n * 12 + j] -
                       output_gate * std::tanh(cells.values[n * 12 + j])) <= 1e-14);
      }
    }
    // The readout's gradient is that of the last layer's last state.
    const Seen& logits = seen.at("logits");
    const std::vector<double> dweight = parameter_gradient(lstm, "readout.weight");
    double product = 0;
    for (std::size_t n = 0; n < kRows.size(); ++n) {
      product += logits.gradients[n * 7 + 2] * states.values[(n * 4 + 3) * 12 + 5];
    }
    CHECK(std::abs(product - dweight[2 * 12 + 5]) <= 1e-13);
  }
}

/// Sources and targets of different lengths, so that there is padding.
TEST(activations_of_an_encoder_and_decoder) {
  const std::vector<int32_t> rows = {0, 9, 9, 23, 12};
  for (const Compute& compute : computes()) {
    const EngineHandle engine = open_engine(compute, 1);
    Setup setup{
        .model = GROKLAB_MODEL_SEQ2SEQ, .p = 5, .layers = 2, .width = 8, .heads = 2, .hidden = 11};
    setup.replicas = {Replica{.dropout = 0.2}};
    const Pairs pairs = addition_pairs(5, 2);
    Trainer trainer(engine.get(), setup, pairs);
    trainer.initialize(0, 21);
    trainer.gradient(0, rows);
    auto seen = observe_all(trainer, rows);
    CHECK(seen.at("logits").values == trainer.logits(0, rows));
    check_linear(trainer, seen, "decoder_norm", "logits", "readout");
    const auto check_attention = [&](const std::string& name) {
      check_linear(trainer, seen, name + ".mixed_values", name + ".output", name + ".out_proj");
      CHECK_EQUAL(seen.at(name + ".weights").info.has_gradient, 0u);
    };
    const auto check_feed_forward = [&](const std::string& from, const std::string& name) {
      check_linear(trainer, seen, from, name + ".up", name + ".up");
      check_linear(trainer, seen, name + ".neurons", name + ".output", name + ".down");
    };
    for (const std::string layer : {"0.", "1."}) {
      check_attention("encoder." + layer + "attention");
      check_feed_forward("encoder." + layer + "attention_norm",
                         "encoder." + layer + "feed_forward");
      check_attention("decoder." + layer + "self_attention");
      check_attention("decoder." + layer + "cross_attention");
      check_feed_forward("decoder." + layer + "cross_attention_norm",
                         "decoder." + layer + "feed_forward");
    }
    CHECK_EQUAL(seen.at("encoder_norm").info.positions, int64_t{pairs.source_length});
    CHECK_EQUAL(seen.at("target_embedding").info.positions, int64_t{pairs.target_length});
    // Each row for itself: alone it shows the same.
    const auto alone = observe_all(trainer, {rows[3]});
    for (const auto& [name, one] : alone) {
      const Seen& all = seen.at(name);
      const auto begin = all.values.begin() + static_cast<std::ptrdiff_t>(3 * one.values.size());
      for (std::size_t i = 0; i < one.values.size(); ++i) {
        CHECK(std::abs(one.values[i] - begin[static_cast<std::ptrdiff_t>(i)]) <= 1e-12);
      }
    }
  }
}

TEST(observing_is_checked) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  Trainer trainer = start(engine.get(), GROKLAB_MODEL_TRANSFORMER, kRows);
  groklab_activation_info info{};
  info.struct_size = sizeof info;
  std::vector<double> out(4096);
  const int32_t outside[] = {25};
  const int32_t row[] = {0};
  const auto observe = [&](uint32_t replica, uint32_t index, const int32_t* rows, int64_t count,
                           void* values, void* gradients, uint64_t bytes) {
    return groklab_trainer_observe(trainer.handle(), replica, index, rows, count, values, gradients,
                                   bytes);
  };
  const uint64_t embedding = 4 * 8 * sizeof(double);
  CHECK_OK(observe(0, 0, row, 1, out.data(), nullptr, embedding));
  CHECK_FAILS(groklab_trainer_activation_count(trainer.handle(), nullptr), GROKLAB_INVALID_ARGUMENT,
              "count is null");
  CHECK_FAILS(groklab_trainer_activation(trainer.handle(), 25, &info), GROKLAB_INVALID_ARGUMENT,
              "index is 25; allowed are 0 to 24");
  CHECK_FAILS(groklab_trainer_activation(trainer.handle(), 0, nullptr), GROKLAB_INVALID_ARGUMENT,
              "info is null");
  CHECK_FAILS(observe(1, 0, row, 1, out.data(), nullptr, embedding), GROKLAB_INVALID_ARGUMENT,
              "replica is 1");
  CHECK_FAILS(observe(0, 99, row, 1, out.data(), nullptr, embedding), GROKLAB_INVALID_ARGUMENT,
              "index is 99");
  CHECK_FAILS(observe(0, 0, nullptr, 1, out.data(), nullptr, embedding), GROKLAB_INVALID_ARGUMENT,
              "rows is null");
  CHECK_FAILS(observe(0, 0, row, 0, out.data(), nullptr, 0), GROKLAB_INVALID_ARGUMENT,
              "count is 0");
  CHECK_FAILS(observe(0, 0, outside, 1, out.data(), nullptr, embedding), GROKLAB_INVALID_ARGUMENT,
              "rows[0] is 25");
  CHECK_FAILS(observe(0, 0, row, 1, nullptr, nullptr, embedding), GROKLAB_INVALID_ARGUMENT,
              "values is null");
  CHECK_FAILS(observe(0, 0, row, 1, out.data(), nullptr, 8), GROKLAB_INVALID_ARGUMENT,
              "bytes is 8; embedding of 1 rows takes 256");
  CHECK_FAILS(observe(0, 4, row, 1, out.data(), out.data() + 2048, 4 * 8 * sizeof(double)),
              GROKLAB_INVALID_ARGUMENT, "of blocks.0.attention.weights there are none");
  CHECK_FAILS(groklab_trainer_observe(nullptr, 0, 0, row, 1, out.data(), nullptr, embedding),
              GROKLAB_INVALID_HANDLE, "null");
}

}  // namespace groklab::test
