// Replays what PyTorch did in float64: the same weights, batches and rates must give its losses.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>

#include "golden_test/files.h"
#include "support/abi.h"
#include "support/check.h"

namespace groklab::test {
namespace {

namespace fs = std::filesystem;

/// A backend by name: the tests of all backends are then about that one alone.
Option backend("backend");
/// Part of the names of the cases to be tried.
Option wanted_case("case");
/// Steps of each case, at most.
Option most_steps("steps");

/// Backends that follow every loss.
std::vector<Compute> fast_computes() {
  if (backend.value().empty()) return cpu_computes();
  return {compute_named(backend.value())};
}

std::vector<Compute> computes_under_test() {
  if (backend.value().empty()) return all_computes();
  return {compute_named(backend.value())};
}

int64_t at_most(int64_t steps) {
  return most_steps.value().empty() ? steps
                                    : std::min<int64_t>(steps, std::stoll(most_steps.value()));
}

/// A golden case, as goldens/README.md describes its files.
struct Golden {
  explicit Golden(const fs::path& folder)
      : name(folder.filename().string()),
        config(read_config(folder / "config.yaml")),
        weights(read_safetensors(folder / "init.safetensors")),
        batches(read_int_matrix(folder / "batches.npy")),
        losses(read_losses(folder / "losses.csv")) {
    if (fs::exists(folder / "gradients.safetensors")) {
      gradients = read_safetensors(folder / "gradients.safetensors");
    }
  }

  /// A setting; those that a model or an optimizer does not have are not there: 0.
  [[nodiscard]] double number(const std::string& key) const {
    return config.contains(key) ? std::stod(config.at(key)) : 0;
  }
  [[nodiscard]] uint32_t count(const std::string& key) const {
    return static_cast<uint32_t>(number(key));
  }
  [[nodiscard]] bool flag(const std::string& key) const {
    return config.contains(key) && config.at(key) == "true";
  }
  /// Whole numbers that a double may not hold.
  [[nodiscard]] uint64_t seed(const std::string& key) const {
    return config.contains(key) ? std::stoull(config.at(key)) : 0;
  }
  /// Place of a word among those that are known.
  [[nodiscard]] uint32_t choice(const std::string& key, std::vector<std::string> words) const {
    const auto found = std::ranges::find(words, config.at(key));
    if (found == words.end()) throw std::runtime_error(name + ": unknown " + key);
    return static_cast<uint32_t>(found - words.begin());
  }

  std::string name;
  std::map<std::string, std::string> config;
  std::map<std::string, std::vector<double>> weights;
  IntMatrix batches;
  std::vector<double> losses;
  std::map<std::string, std::vector<double>> gradients;  ///< of the first batch; may be empty
};

std::vector<Golden> goldens() {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(GROKLAB_GOLDENS)) {
    const std::string name = entry.path().filename().string();
    if (name.find(wanted_case.value()) == std::string::npos) continue;
    if (fs::exists(entry.path() / "losses.csv")) folders.push_back(entry.path());
  }
  std::ranges::sort(folders);
  std::vector<Golden> all;
  for (const fs::path& folder : folders) all.emplace_back(folder);
  if (all.empty()) throw std::runtime_error("no such golden case in " GROKLAB_GOLDENS);
  return all;
}

Trainer start(groklab_engine* engine, const Golden& golden, uint32_t precision, uint32_t layout) {
  Setup setup;
  setup.model = golden.choice("model", {"transformer", "mlp", "lstm", "dense", "cnn", "seq2seq"});
  setup.p = golden.count("p");
  setup.summands = golden.count("summands");
  setup.layers = golden.count("layers");
  setup.width = golden.count("dim");
  setup.heads = golden.count("heads");
  setup.hidden = golden.count("hidden");
  setup.precision = precision;
  setup.layout = layout;
  groklab_optimizer_options optimizer{};
  optimizer.struct_size = sizeof optimizer;
  optimizer.kind = golden.choice("optimizer", {"adamw", "adam", "sgd", "rmsprop"});
  optimizer.nesterov = golden.flag("nesterov") ? 1 : 0;
  optimizer.centered = golden.flag("centered") ? 1 : 0;
  optimizer.beta1 = golden.number("beta1");
  optimizer.beta2 = golden.number("beta2");
  optimizer.alpha = golden.number("alpha");
  optimizer.momentum = golden.number("momentum");
  optimizer.epsilon = golden.number("eps");
  optimizer.weight_decay = golden.number("weight-decay");
  optimizer.clip_norm = golden.number("clip-norm");
  setup.replicas = {{.dropout = golden.number("dropout"),
                     .dropout_seed = golden.seed("dropout-seed"),
                     .optimizer = optimizer}};

  Trainer trainer(engine, setup);
  std::vector<double> flat(static_cast<std::size_t>(trainer.parameters()));
  const auto tensors = trainer.tensors();
  CHECK_EQUAL(tensors.size(), golden.weights.size());
  for (const groklab_tensor_info& tensor : tensors) {
    const std::vector<double>& values = golden.weights.at(tensor.name);
    CHECK_EQUAL(static_cast<int64_t>(values.size()), tensor.count);
    std::ranges::copy(values, flat.begin() + tensor.offset);
  }
  trainer.write(0, GROKLAB_PARAMETERS, flat);
  return trainer;
}

/// Trains on the first `count` batches and compares their losses.
void check_losses(const Compute& compute, const Golden& golden, uint32_t precision, uint32_t layout,
                  int64_t count, double tolerance) {
  const EngineHandle engine = open_engine(compute, 1);
  Trainer trainer = start(engine.get(), golden, precision, layout);
  Steps steps(1, count, golden.batches.cols);
  for (int64_t step = 0; step < count; ++step) {
    const double decays = std::floor(static_cast<double>(step) / golden.number("lr-decay-every"));
    steps.set(0, step, golden.batches.row(step),
              golden.number("lr") * std::pow(golden.number("lr-decay-factor"), decays));
  }
  trainer.run(steps);
  for (int64_t step = 0; step < count; ++step) {
    const auto s = static_cast<std::size_t>(step);
    const double error = std::abs(steps.losses[s] - golden.losses[s]) / golden.losses[s];
    if (error <= tolerance) continue;
    fail(__FILE__, __LINE__,
         compute.name() + ' ' + golden.name + " step " + std::to_string(step + 1) + ": loss " +
             to_text(steps.losses[s]) + " instead of " + to_text(golden.losses[s]));
    return;
  }
}

void check_gradients(const Compute& compute, const Golden& golden, uint32_t layout) {
  const EngineHandle engine = open_engine(compute, 1);
  Trainer trainer = start(engine.get(), golden, GROKLAB_FP64, layout);
  trainer.gradient(0, golden.batches.row(0));
  const std::vector<double> gradients = trainer.values(0, GROKLAB_GRADIENTS);
  for (const groklab_tensor_info& tensor : trainer.tensors()) {
    const std::vector<double>& expected = golden.gradients.at(tensor.name);
    double scale = 1e-12;  // the gradient of a key's bias is 0 but for rounding
    double error = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      scale = std::max(scale, std::abs(expected[i]));
      const double actual = gradients[static_cast<std::size_t>(tensor.offset) + i];
      error = std::max(error, std::abs(actual - expected[i]));
    }
    if (error <= 1e-9 * scale) continue;
    fail(__FILE__, __LINE__,
         compute.name() + ' ' + golden.name + ' ' + tensor.name + ": gradient off by " +
             to_text(error / scale) + " of its largest element");
  }
}

}  // namespace

TEST(fp64_follows_every_loss) {
  for (const Golden& golden : goldens()) {
    const int64_t steps = at_most(static_cast<int64_t>(golden.losses.size()));
    for (const Compute& compute : fast_computes()) {
      check_losses(compute, golden, GROKLAB_FP64, GROKLAB_LAYOUT_AUTO, steps, 1e-9);
    }
    check_losses(fast_computes().front(), golden, GROKLAB_FP64, GROKLAB_LAYOUT_DENSE, steps, 1e-9);
  }
}

TEST(fp32_follows_the_first_losses) {
  for (const Golden& golden : goldens()) {
    for (const Compute& compute : fast_computes()) {
      check_losses(compute, golden, GROKLAB_FP32, GROKLAB_LAYOUT_AUTO, at_most(50), 1e-3);
    }
  }
}

TEST(naive_follows_the_first_losses) {
  for (const Golden& golden : goldens()) {
    check_losses({GROKLAB_BACKEND_NAIVE, ""}, golden, GROKLAB_FP64, GROKLAB_LAYOUT_AUTO, 20, 1e-9);
  }
}

TEST(gradients_of_the_first_batch) {
  for (const Golden& golden : goldens()) {
    if (golden.gradients.empty()) continue;
    for (const Compute& compute : computes_under_test()) {
      check_gradients(compute, golden, GROKLAB_LAYOUT_AUTO);
      check_gradients(compute, golden, GROKLAB_LAYOUT_DENSE);
    }
  }
}

}  // namespace groklab::test
