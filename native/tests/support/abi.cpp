#include "support/abi.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <numeric>

namespace groklab::test {
namespace {

constexpr const char* kInstructionSetVariable = "GROKLAB_INSTRUCTION_SET";

groklab_status create_engine(const Compute& compute, uint32_t threads, groklab_engine** engine) {
  if (compute.instruction_set.empty()) {
    unsetenv(kInstructionSetVariable);
  } else {
    setenv(kInstructionSetVariable, compute.instruction_set.c_str(), 1);
  }
  groklab_engine_options options{};
  options.struct_size = sizeof options;
  options.backend = compute.backend;
  options.threads = threads;
  const groklab_status status = groklab_engine_create(&options, engine);
  unsetenv(kInstructionSetVariable);
  return status;
}

template <class Real>
std::vector<double> to_doubles(const std::vector<std::byte>& bytes) {
  std::vector<Real> reals(bytes.size() / sizeof(Real));
  if (!bytes.empty()) std::memcpy(reals.data(), bytes.data(), bytes.size());
  return {reals.begin(), reals.end()};
}

std::size_t real_size(uint32_t precision) {
  return precision == GROKLAB_FP32 ? sizeof(float) : sizeof(double);
}

}  // namespace

void expect_ok(groklab_status status) {
  if (status != GROKLAB_OK) throw AbiError(status, groklab_last_error());
}

std::string Compute::name() const {
  if (backend == GROKLAB_BACKEND_NAIVE) return "naive";
  if (backend == GROKLAB_BACKEND_CUDA) return "cuda";
  return instruction_set.empty() ? "cpu" : "cpu/" + instruction_set;
}

std::vector<Compute> cpu_computes() {
  std::vector<Compute> usable;
  for (const char* set : {"avx512", "avx2", "neon", "generic"}) {
    const Compute compute{GROKLAB_BACKEND_CPU, set};
    groklab_engine* engine = nullptr;
    const groklab_status status = create_engine(compute, 1, &engine);
    if (status == GROKLAB_BACKEND_UNAVAILABLE) continue;
    expect_ok(status);
    groklab_engine_destroy(engine);
    usable.push_back(compute);
  }
  if (usable.empty()) throw std::runtime_error("the CPU backend runs no instruction set here");
  return usable;
}

Compute compute_named(const std::string& name) {
  if (name == "cpu") return {GROKLAB_BACKEND_CPU, ""};
  if (name == "cuda") return {GROKLAB_BACKEND_CUDA, ""};
  if (name == "naive") return {GROKLAB_BACKEND_NAIVE, ""};
  throw std::invalid_argument("\"" + name + "\" is none of the backends cpu, cuda, naive");
}

std::vector<Compute> all_computes() {
  std::vector<Compute> computes = cpu_computes();
  computes.push_back({GROKLAB_BACKEND_NAIVE, ""});
  return computes;
}

EngineHandle open_engine(const Compute& compute, uint32_t threads) {
  groklab_engine* engine = nullptr;
  expect_ok(create_engine(compute, threads, &engine));
  return EngineHandle(engine);
}

Table addition_table(uint32_t p, uint32_t summands) {
  Table table{p + 2, 2 * summands, {}, {}};
  uint64_t rows = 1;
  for (uint32_t k = 0; k < summands; ++k) rows *= p;
  for (uint64_t row = 0; row < rows; ++row) {
    std::vector<int32_t> tokens(table.sequence_length);
    uint64_t rest = row;
    uint64_t sum = 0;
    for (uint32_t k = summands; k-- > 0; rest /= p) {
      tokens[2 * k] = static_cast<int32_t>(rest % p);
      tokens[2 * k + 1] = static_cast<int32_t>(k + 1 == summands ? p + 1 : p);
      sum += rest % p;
    }
    table.tokens.insert(table.tokens.end(), tokens.begin(), tokens.end());
    table.targets.push_back(static_cast<int32_t>(sum % p));
  }
  return table;
}

DatasetHandle open_dataset(groklab_engine* engine, const Table& table) {
  groklab_dataset_options options{};
  options.struct_size = sizeof options;
  options.vocabulary = table.vocabulary;
  options.sequence_length = table.sequence_length;
  options.rows = table.rows();
  options.tokens = table.tokens.data();
  options.targets = table.targets.data();
  groklab_dataset* dataset = nullptr;
  expect_ok(groklab_dataset_create(engine, &options, &dataset));
  return DatasetHandle(dataset);
}

groklab_features_options Features::options() const {
  groklab_features_options options{};
  options.struct_size = sizeof options;
  options.classes = classes;
  options.channels = size;
  options.height = height;
  options.width = width;
  options.rows = rows();
  options.values = values.data();
  options.targets = targets.data();
  options.weights = weights.empty() ? nullptr : weights.data();
  return options;
}

Features addition_features(uint32_t p, uint32_t summands) {
  const Table table = addition_table(p, summands);
  Features features{p, summands, {}, table.targets};
  for (std::size_t i = 0; i < table.tokens.size(); i += 2) {
    features.values.push_back(static_cast<float>(table.tokens[i]));
  }
  return features;
}

Features addition_images(uint32_t p, uint32_t summands) {
  const Features numbers = addition_features(p, summands);
  Features images{p, summands, {}, numbers.targets, {}, 9, 10};
  for (const float number : numbers.values) {
    const int factor = static_cast<int>(number) + 1;
    for (int n = 1; n <= 90; ++n) {
      images.values.push_back(static_cast<float>(factor * n % 13) / 4);
    }
  }
  return images;
}

groklab_pairs_options Pairs::options() const {
  groklab_pairs_options options{};
  options.struct_size = sizeof options;
  options.source_vocabulary = source_vocabulary;
  options.source_length = source_length;
  options.target_vocabulary = target_vocabulary;
  options.target_length = target_length;
  options.rows = rows();
  options.sources = sources.data();
  options.targets = targets.data();
  return options;
}

Pairs addition_pairs(uint32_t p, uint32_t summands) {
  const Features numbers = addition_features(p, summands);
  Pairs pairs{p + 1, summands + 2, p + 2, kPairAnswers, {}, {}};
  const auto modulus = static_cast<int32_t>(p);
  const auto put = [](std::vector<int32_t> sequence, std::size_t length,
                      std::vector<int32_t>& sequences) {
    sequence.resize(length, -1);
    sequences.insert(sequences.end(), sequence.begin(), sequence.end());
  };
  for (int64_t row = 0; row < numbers.rows(); ++row) {
    const auto first = numbers.values.begin() + row * summands;
    std::vector<int32_t> source(first, first + summands);
    std::vector<int32_t> target{modulus};
    const int32_t sum = numbers.targets[static_cast<std::size_t>(row)];
    for (int32_t i = 0; i <= source.back() % 3; ++i) target.push_back((sum + i) % modulus);
    target.push_back(modulus + 1);
    source.resize(summands + static_cast<std::size_t>(source.front() % 3), modulus);
    put(std::move(source), pairs.source_length, pairs.sources);
    put(std::move(target), pairs.target_length + 1, pairs.targets);
  }
  return pairs;
}

DatasetHandle open_dataset(groklab_engine* engine, const Pairs& pairs) {
  const groklab_pairs_options options = pairs.options();
  groklab_dataset* dataset = nullptr;
  expect_ok(groklab_pairs_create(engine, &options, &dataset));
  return DatasetHandle(dataset);
}

DatasetHandle open_dataset(groklab_engine* engine, const Features& features) {
  const groklab_features_options options = features.options();
  groklab_dataset* dataset = nullptr;
  expect_ok(groklab_features_create(engine, &options, &dataset));
  return DatasetHandle(dataset);
}

namespace {

groklab_optimizer_options optimizer_of(uint32_t kind) {
  groklab_optimizer_options options{};
  options.struct_size = sizeof options;
  options.kind = kind;
  return options;
}

}  // namespace

groklab_optimizer_options adamw() {
  groklab_optimizer_options options = optimizer_of(GROKLAB_OPTIMIZER_ADAMW);
  options.beta1 = 0.9;
  options.beta2 = 0.98;
  options.epsilon = 1e-8;
  options.weight_decay = 1;
  return options;
}

groklab_optimizer_options adam() {
  groklab_optimizer_options options = adamw();
  options.kind = GROKLAB_OPTIMIZER_ADAM;
  options.weight_decay = 1e-3;
  return options;
}

groklab_optimizer_options sgd(double momentum, bool nesterov) {
  groklab_optimizer_options options = optimizer_of(GROKLAB_OPTIMIZER_SGD);
  options.momentum = momentum;
  options.nesterov = nesterov ? 1 : 0;
  options.weight_decay = 1e-3;
  return options;
}

groklab_optimizer_options rmsprop(double momentum, bool centered) {
  groklab_optimizer_options options = optimizer_of(GROKLAB_OPTIMIZER_RMSPROP);
  options.alpha = 0.99;
  options.momentum = momentum;
  options.centered = centered ? 1 : 0;
  options.epsilon = 1e-8;
  options.weight_decay = 1e-3;
  return options;
}

std::vector<uint32_t> kept_buffers(const groklab_optimizer_options& optimizer) {
  std::vector<uint32_t> buffers{GROKLAB_PARAMETERS};
  const bool adam =
      optimizer.kind == GROKLAB_OPTIMIZER_ADAMW || optimizer.kind == GROKLAB_OPTIMIZER_ADAM;
  if (adam || optimizer.centered != 0) buffers.push_back(GROKLAB_FIRST_MOMENTS);
  if (optimizer.kind != GROKLAB_OPTIMIZER_SGD) buffers.push_back(GROKLAB_SECOND_MOMENTS);
  if (optimizer.momentum > 0) buffers.push_back(GROKLAB_MOMENTUM);
  return buffers;
}

Steps::Steps(int64_t replicas, int64_t steps, int64_t batch_capacity)
    : count(steps),
      capacity(batch_capacity),
      rows(static_cast<std::size_t>(replicas * steps * batch_capacity)),
      sizes(static_cast<std::size_t>(replicas * steps)),
      rates(sizes.size()),
      losses(sizes.size()) {}

void Steps::set(int64_t replica, int64_t step, std::span<const int32_t> batch,
                double learning_rate) {
  const int64_t at = replica * count + step;
  std::copy(batch.begin(), batch.end(), rows.begin() + at * capacity);
  sizes[static_cast<std::size_t>(at)] = static_cast<int32_t>(batch.size());
  rates[static_cast<std::size_t>(at)] = learning_rate;
}

groklab_chunk Steps::chunk() {
  groklab_chunk chunk{};
  chunk.struct_size = sizeof chunk;
  chunk.steps = count;
  chunk.batch_capacity = capacity;
  chunk.rows = rows.data();
  chunk.batch_sizes = sizes.data();
  chunk.learning_rates = rates.data();
  chunk.losses = losses.data();
  return chunk;
}

groklab_model_options model_options(const Setup& setup) {
  groklab_model_options model{};
  model.struct_size = sizeof model;
  model.kind = setup.model;
  model.layers = setup.layers;
  model.hidden = setup.hidden;
  if (setup.model == GROKLAB_MODEL_DENSE || setup.model == GROKLAB_MODEL_CNN) {
    model.vocabulary = setup.p;
    if (setup.model == GROKLAB_MODEL_CNN) model.width = setup.width;
    return model;
  }
  const bool pairs = setup.model == GROKLAB_MODEL_SEQ2SEQ;
  model.vocabulary = setup.p + 2;
  model.positions = pairs ? std::max(setup.summands + 2, kPairAnswers) + 1 : 2 * setup.summands + 1;
  model.width = setup.width;
  model.heads = pairs || setup.model == GROKLAB_MODEL_TRANSFORMER ? setup.heads : 0;
  model.looks_ahead = setup.looks_ahead;
  return model;
}

DatasetHandle open_dataset(groklab_engine* engine, const Setup& setup) {
  if (setup.model == GROKLAB_MODEL_DENSE) {
    return open_dataset(engine, addition_features(setup.p, setup.summands));
  }
  if (setup.model == GROKLAB_MODEL_CNN) {
    return open_dataset(engine, addition_images(setup.p, setup.summands));
  }
  if (setup.model == GROKLAB_MODEL_SEQ2SEQ) {
    return open_dataset(engine, addition_pairs(setup.p, setup.summands));
  }
  return open_dataset(engine, addition_table(setup.p, setup.summands));
}

Trainer::Trainer(groklab_engine* engine, const Setup& setup)
    : dataset_(open_dataset(engine, setup)),
      rows_(static_cast<int64_t>(std::llround(std::pow(setup.p, setup.summands)))),
      answers_(setup.model == GROKLAB_MODEL_SEQ2SEQ ? kPairAnswers : 1) {
  create(engine, setup, model_options(setup));
}

Trainer::Trainer(groklab_engine* engine, const Setup& setup, const Table& table)
    : dataset_(open_dataset(engine, table)), rows_(table.rows()) {
  groklab_model_options model = model_options(setup);
  model.vocabulary = table.vocabulary;
  model.positions = table.sequence_length + 1;
  create(engine, setup, model);
}

Trainer::Trainer(groklab_engine* engine, const Setup& setup, const Features& features)
    : dataset_(open_dataset(engine, features)), rows_(features.rows()) {
  groklab_model_options model = model_options(setup);
  model.vocabulary = features.classes;
  create(engine, setup, model);
}

Trainer::Trainer(groklab_engine* engine, const Setup& setup, const Pairs& pairs)
    : dataset_(open_dataset(engine, pairs)), rows_(pairs.rows()), answers_(pairs.target_length) {
  groklab_model_options model = model_options(setup);
  model.vocabulary = pairs.target_vocabulary;
  model.positions = std::max(pairs.source_length, pairs.target_length) + 1;
  create(engine, setup, model);
}

void Trainer::create(groklab_engine* engine, const Setup& setup,
                     const groklab_model_options& model) {
  classes_ = model.vocabulary;
  std::vector<groklab_replica_options> replicas;
  for (const Replica& replica : setup.replicas) optimizers_.push_back(replica.optimizer);
  for (const Replica& replica : setup.replicas) {
    groklab_replica_options& r = replicas.emplace_back();
    r.struct_size = sizeof r;
    r.batch_capacity = replica.batch_capacity;
    r.dropout_seed = replica.dropout_seed;
    r.dropout = replica.dropout;
    r.optimizer = &optimizers_[replicas.size() - 1];
  }

  groklab_trainer_options options{};
  options.struct_size = sizeof options;
  options.precision = setup.precision;
  options.layout = setup.layout;
  options.replicas = static_cast<uint32_t>(replicas.size());
  options.model = &model;
  options.replica_options = replicas.data();
  groklab_trainer* trainer = nullptr;
  expect_ok(groklab_trainer_create(engine, dataset_.get(), &options, &trainer));
  trainer_.reset(trainer);
  info_.struct_size = sizeof info_;
  expect_ok(groklab_trainer_query(trainer, &info_));
}

std::vector<groklab_tensor_info> Trainer::tensors() const {
  std::vector<groklab_tensor_info> all(info_.tensors);
  for (uint32_t i = 0; i < info_.tensors; ++i) {
    all[i].struct_size = sizeof all[i];
    expect_ok(groklab_trainer_tensor(handle(), i, &all[i]));
  }
  return all;
}

void Trainer::initialize(uint32_t replica, uint64_t seed) {
  expect_ok(groklab_trainer_initialize(handle(), replica, seed));
}

std::vector<std::byte> Trainer::bytes(uint32_t replica, uint32_t buffer) const {
  std::vector<std::byte> contents(static_cast<std::size_t>(info_.parameters) *
                                  real_size(info_.precision));
  expect_ok(groklab_trainer_read(handle(), replica, buffer, contents.data(), contents.size()));
  return contents;
}

std::vector<double> Trainer::values(uint32_t replica, uint32_t buffer) const {
  const std::vector<std::byte> contents = bytes(replica, buffer);
  return info_.precision == GROKLAB_FP32 ? to_doubles<float>(contents)
                                         : to_doubles<double>(contents);
}

void Trainer::write_bytes(uint32_t replica, uint32_t buffer, std::span<const std::byte> contents) {
  expect_ok(groklab_trainer_write(handle(), replica, buffer, contents.data(), contents.size()));
}

void Trainer::write(uint32_t replica, uint32_t buffer, std::span<const double> contents) {
  if (info_.precision == GROKLAB_FP64) {
    write_bytes(replica, buffer, std::as_bytes(contents));
    return;
  }
  std::vector<float> rounded;
  for (const double value : contents) rounded.push_back(static_cast<float>(value));
  write_bytes(replica, buffer, std::as_bytes(std::span<const float>(rounded)));
}

void Trainer::run(Steps& steps) {
  const groklab_chunk chunk = steps.chunk();
  expect_ok(groklab_trainer_run(handle(), &chunk));
}

double Trainer::gradient(uint32_t replica, std::span<const int32_t> rows) {
  double loss = 0;
  expect_ok(groklab_trainer_gradient(handle(), replica, rows.data(),
                                     static_cast<int64_t>(rows.size()), &loss));
  return loss;
}

std::vector<double> Trainer::logits(uint32_t replica, std::span<const int32_t> rows) {
  std::vector<std::byte> contents(rows.size() * answers_ * classes_ * real_size(info_.precision));
  expect_ok(groklab_trainer_logits(handle(), replica, rows.data(),
                                   static_cast<int64_t>(rows.size()), contents.data(),
                                   contents.size()));
  return info_.precision == GROKLAB_FP32 ? to_doubles<float>(contents)
                                         : to_doubles<double>(contents);
}

std::vector<double> Trainer::evaluate_halves(uint32_t replica) {
  std::vector<int32_t> rows(static_cast<std::size_t>(rows_));
  std::iota(rows.begin(), rows.end(), 0);
  const int64_t half = rows_ / 2;
  expect_ok(groklab_trainer_set_split(handle(), replica, 0, rows.data(), half));
  expect_ok(groklab_trainer_set_split(handle(), replica, 1, rows.data() + half, rows_ - half));
  const auto count = static_cast<std::size_t>(replicas());
  std::vector<uint8_t> active(count);
  active[replica] = 1;
  std::vector<double> losses(2 * count);
  std::vector<double> accuracies(2 * count);
  std::vector<double> norms(count);
  groklab_evaluation evaluation{};
  evaluation.struct_size = sizeof evaluation;
  evaluation.splits = 2;
  evaluation.active = active.data();
  evaluation.losses = losses.data();
  evaluation.accuracies = accuracies.data();
  evaluation.weight_norms = norms.data();
  expect_ok(groklab_trainer_evaluate(handle(), &evaluation));
  const std::size_t at = 2 * std::size_t{replica};
  return {losses[at], losses[at + 1], accuracies[at], accuracies[at + 1], norms[replica]};
}

}  // namespace groklab::test
