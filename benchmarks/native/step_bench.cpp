// Time of a training step through the C ABI: the report's models, p = 97, batch 256, fp32, AdamW.
//
//     step_bench [--model transformer|mlp|lstm] [--backend cpu|cuda|naive] [--threads N] [--steps S]
//                [--replicas R] [--p P] [--batch B] [--block N]
//
// Prints the device, then `ms_per_step X`: milliseconds for one step of one replica, the median over
// blocks of N steps (ten, unless told), each block one chunk.
#include <groklab/groklab.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

void check(groklab_status status) {
  if (status == GROKLAB_OK) return;
  std::fprintf(stderr, "step_bench: %s\n", groklab_last_error());
  std::exit(1);
}

struct Options {
  std::string model = "transformer";
  std::string backend = "cpu";
  int threads = 0;
  int steps = 100;
  int replicas = 1;
  int p = 97;
  int batch = 256;
  int block = 10;
};

[[noreturn]] void refuse(const std::string& what) {
  std::fprintf(stderr, "step_bench: %s\n", what.c_str());
  std::exit(2);
}

int number(const std::string& name, const char* text, int least) {
  char* end = nullptr;
  const long value = std::strtol(text, &end, 10);
  if (*text == '\0' || *end != '\0' || value < least || value > 1'000'000) {
    refuse(name + " is \"" + text + "\"; allowed are " + std::to_string(least) + " to 1000000");
  }
  return static_cast<int>(value);
}

Options parse(int argc, char** argv) {
  Options o;
  const std::map<std::string, std::pair<int*, int>> numbers{
      {"--threads", {&o.threads, 0}},   {"--steps", {&o.steps, 1}},
      {"--replicas", {&o.replicas, 1}}, {"--p", {&o.p, 2}},
      {"--batch", {&o.batch, 1}},       {"--block", {&o.block, 1}}};
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 == argc) refuse(name + " has no value");
    const auto found = numbers.find(name);
    if (name == "--model") {
      o.model = argv[i + 1];
    } else if (name == "--backend") {
      o.backend = argv[i + 1];
    } else if (found != numbers.end()) {
      *found->second.first = number(name, argv[i + 1], found->second.second);
    } else {
      refuse("there is no option " + name);
    }
  }
  return o;
}

std::uint32_t model_named(const std::string& name) {
  if (name == "transformer") return GROKLAB_MODEL_TRANSFORMER;
  if (name == "mlp") return GROKLAB_MODEL_MLP;
  if (name == "lstm") return GROKLAB_MODEL_LSTM;
  refuse("--model is \"" + name + "\"; allowed are transformer, mlp and lstm");
}

std::uint32_t backend_named(const std::string& name) {
  if (name == "cpu") return GROKLAB_BACKEND_CPU;
  if (name == "cuda") return GROKLAB_BACKEND_CUDA;
  if (name == "naive") return GROKLAB_BACKEND_NAIVE;
  refuse("--backend is \"" + name + "\"; allowed are cpu, cuda and naive");
}

template <class S>
S sized() {
  S s{};
  s.struct_size = sizeof(S);
  return s;
}

groklab_dataset* addition_table(groklab_engine* engine, int p) {
  std::vector<std::int32_t> tokens;
  std::vector<std::int32_t> targets;
  for (int x = 0; x < p; ++x) {
    for (int y = 0; y < p; ++y) {
      tokens.insert(tokens.end(), {x, p, y, p + 1});
      targets.push_back((x + y) % p);
    }
  }
  auto options = sized<groklab_dataset_options>();
  options.vocabulary = static_cast<std::uint32_t>(p) + 2;
  options.sequence_length = 4;
  options.rows = std::int64_t{p} * p;
  options.tokens = tokens.data();
  options.targets = targets.data();
  groklab_dataset* dataset = nullptr;
  check(groklab_dataset_create(engine, &options, &dataset));
  return dataset;
}

groklab_trainer* report_trainer(groklab_engine* engine, groklab_dataset* dataset,
                                const Options& o) {
  const auto replicas = static_cast<std::uint32_t>(o.replicas);
  auto model = sized<groklab_model_options>();
  model.kind = model_named(o.model);
  model.vocabulary = static_cast<std::uint32_t>(o.p) + 2;
  model.positions = 5;
  model.layers = 2;
  model.width = 128;
  model.heads = model.kind == GROKLAB_MODEL_TRANSFORMER ? 4 : 0;
  model.hidden = 512;
  auto optimizer = sized<groklab_optimizer_options>();
  optimizer.kind = GROKLAB_OPTIMIZER_ADAMW;
  optimizer.beta1 = 0.9;
  optimizer.beta2 = 0.98;
  optimizer.epsilon = 1e-8;
  optimizer.weight_decay = 1;
  auto replica = sized<groklab_replica_options>();
  replica.batch_capacity = static_cast<std::uint32_t>(o.batch);
  replica.optimizer = &optimizer;
  const std::vector<groklab_replica_options> replica_options(replicas, replica);
  auto options = sized<groklab_trainer_options>();
  options.precision = GROKLAB_FP32;
  options.replicas = replicas;
  options.model = &model;
  options.replica_options = replica_options.data();
  groklab_trainer* trainer = nullptr;
  check(groklab_trainer_create(engine, dataset, &options, &trainer));
  for (std::uint32_t r = 0; r < replicas; ++r) check(groklab_trainer_initialize(trainer, r, r));
  return trainer;
}

}  // namespace

int main(int argc, char** argv) {
  const Options o = parse(argc, argv);
  auto engine_options = sized<groklab_engine_options>();
  engine_options.backend = backend_named(o.backend);
  engine_options.threads = static_cast<std::uint32_t>(o.threads);
  groklab_engine* engine = nullptr;
  check(groklab_engine_create(&engine_options, &engine));
  auto info = sized<groklab_engine_info>();
  check(groklab_engine_query(engine, &info));
  std::printf("%s on %s\n", info.backend_name, info.device);
  groklab_trainer* const trainer = report_trainer(engine, addition_table(engine, o.p), o);

  // Batches as training has them: distinct rows of a half of the table.
  std::mt19937 random(0);
  std::vector<std::int32_t> train(static_cast<std::size_t>(o.p) * static_cast<std::size_t>(o.p));
  std::iota(train.begin(), train.end(), 0);
  std::shuffle(train.begin(), train.end(), random);
  train.resize(train.size() / 2);
  if (train.size() < static_cast<std::size_t>(o.batch))
    refuse("the batch has more rows than half the table");
  const auto steps = static_cast<std::size_t>(o.replicas) * static_cast<std::size_t>(o.block);
  std::vector<std::int32_t> rows;
  for (std::size_t i = 0; i < steps; ++i) {
    std::shuffle(train.begin(), train.end(), random);
    rows.insert(rows.end(), train.begin(), train.begin() + o.batch);
  }
  const std::vector<std::int32_t> batch_sizes(steps, o.batch);
  const std::vector<double> learning_rates(steps, 5e-4);
  auto chunk = sized<groklab_chunk>();
  chunk.steps = o.block;
  chunk.batch_capacity = o.batch;
  chunk.rows = rows.data();
  chunk.batch_sizes = batch_sizes.data();
  chunk.learning_rates = learning_rates.data();

  check(groklab_trainer_run(trainer, &chunk));  // warm up: caches, page faults, scratch memory
  std::vector<double> times;
  for (int block = 0; block < std::max(1, o.steps / o.block); ++block) {
    const auto begin = std::chrono::steady_clock::now();
    check(groklab_trainer_run(trainer, &chunk));
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;
    times.push_back(time.count() / o.block / o.replicas);
  }
  std::sort(times.begin(), times.end());
  std::printf("ms_per_step %.5f\n", times[times.size() / 2]);
}
