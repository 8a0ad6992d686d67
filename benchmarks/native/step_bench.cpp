// Time of a training step through the C ABI: the report's Transformer, p = 97, batch 256, fp32.
//
//     step_bench [--threads N] [--steps S] [--replicas R]
//
// Prints `ms_per_step X`: milliseconds for one step of one replica, the median over blocks of ten.
#include <groklab/groklab.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

namespace {

constexpr int kModulus = 97;
constexpr int kBatch = 256;
constexpr int kBlock = 10;

void check(groklab_status status) {
  if (status == GROKLAB_OK) return;
  std::fprintf(stderr, "step_bench: %s\n", groklab_last_error());
  std::exit(1);
}

/// Value of option `name`, or `otherwise`.
int option(int argc, char** argv, const char* name, int otherwise) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], name) == 0) return std::atoi(argv[i + 1]);
  }
  return otherwise;
}

template <class S>
S sized() {
  S s{};
  s.struct_size = sizeof(S);
  return s;
}

groklab_dataset* addition_table(groklab_engine* engine) {
  std::vector<std::int32_t> tokens;
  std::vector<std::int32_t> targets;
  for (int x = 0; x < kModulus; ++x) {
    for (int y = 0; y < kModulus; ++y) {
      tokens.insert(tokens.end(), {x, kModulus, y, kModulus + 1});
      targets.push_back((x + y) % kModulus);
    }
  }
  auto options = sized<groklab_dataset_options>();
  options.vocabulary = kModulus + 2;
  options.sequence_length = 4;
  options.rows = kModulus * kModulus;
  options.tokens = tokens.data();
  options.targets = targets.data();
  groklab_dataset* dataset = nullptr;
  check(groklab_dataset_create(engine, &options, &dataset));
  return dataset;
}

groklab_trainer* report_trainer(groklab_engine* engine, groklab_dataset* dataset,
                                std::uint32_t replicas) {
  auto model = sized<groklab_model_options>();
  model.kind = GROKLAB_MODEL_TRANSFORMER;
  model.vocabulary = kModulus + 2;
  model.positions = 5;
  model.layers = 2;
  model.width = 128;
  model.heads = 4;
  model.hidden = 512;
  auto replica = sized<groklab_replica_options>();
  replica.beta1 = 0.9;
  replica.beta2 = 0.98;
  replica.epsilon = 1e-8;
  replica.weight_decay = 1;
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
  const auto replicas = static_cast<std::uint32_t>(option(argc, argv, "--replicas", 1));
  const int blocks = std::max(1, option(argc, argv, "--steps", 100) / kBlock);

  auto engine_options = sized<groklab_engine_options>();
  engine_options.backend = GROKLAB_BACKEND_CPU;
  engine_options.threads = static_cast<std::uint32_t>(option(argc, argv, "--threads", 0));
  groklab_engine* engine = nullptr;
  check(groklab_engine_create(&engine_options, &engine));
  groklab_trainer* const trainer = report_trainer(engine, addition_table(engine), replicas);

  // Batches as training has them: distinct rows of a half of the table.
  std::mt19937 random(0);
  std::vector<std::int32_t> train(kModulus * kModulus);
  for (std::size_t i = 0; i < train.size(); ++i) train[i] = static_cast<std::int32_t>(i);
  std::shuffle(train.begin(), train.end(), random);
  train.resize(train.size() / 2);
  std::vector<std::int32_t> rows;
  for (std::uint32_t i = 0; i < replicas * kBlock; ++i) {
    std::shuffle(train.begin(), train.end(), random);
    rows.insert(rows.end(), train.begin(), train.begin() + kBatch);
  }
  const std::vector<std::int32_t> batch_sizes(replicas * kBlock, kBatch);
  const std::vector<double> learning_rates(replicas * kBlock, 5e-4);
  auto chunk = sized<groklab_chunk>();
  chunk.steps = kBlock;
  chunk.batch_capacity = kBatch;
  chunk.rows = rows.data();
  chunk.batch_sizes = batch_sizes.data();
  chunk.learning_rates = learning_rates.data();

  check(groklab_trainer_run(trainer, &chunk));  // warm up: caches, page faults, scratch memory
  std::vector<double> times;
  for (int block = 0; block < blocks; ++block) {
    const auto begin = std::chrono::steady_clock::now();
    check(groklab_trainer_run(trainer, &chunk));
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;
    times.push_back(time.count() / kBlock / replicas);
  }
  std::sort(times.begin(), times.end());
  std::printf("ms_per_step %.4f\n", times[times.size() / 2]);
}
