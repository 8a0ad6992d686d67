// Trainers: options out of range, lifetimes, flat buffers, steps, memory, two threads.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include "abi_test/expect.h"

namespace groklab::test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// An engine, a data set, and options that are good until a test changes them.
struct Workshop {
  Workshop()
      : engine(open_engine(Compute{}, 1)),
        dataset(open_dataset(engine.get(), addition_table(5, 2))),
        optimizers{adamw(), adamw()} {
    for (std::size_t r = 0; r < 2; ++r) {
      replicas[r].struct_size = sizeof replicas[r];
      replicas[r].optimizer = &optimizers[r];
    }
    model.struct_size = sizeof model;
    model.kind = GROKLAB_MODEL_TRANSFORMER;
    model.vocabulary = 7;
    model.positions = 5;
    model.layers = 1;
    model.width = 8;
    model.heads = 2;
    model.hidden = 16;
    options.struct_size = sizeof options;
    options.precision = GROKLAB_FP64;
    options.replicas = 2;
    options.model = &model;
    options.replica_options = replicas;
  }

  groklab_status create() {
    return groklab_trainer_create(engine.get(), dataset.get(), &options, &trainer);
  }

  EngineHandle engine;
  DatasetHandle dataset;
  groklab_model_options model{};
  groklab_optimizer_options optimizers[2];
  groklab_replica_options replicas[2]{};
  groklab_trainer_options options{};
  groklab_trainer* trainer = nullptr;
};

Setup small_setup(int replicas = 1) {
  Setup setup{.p = 5, .summands = 2, .layers = 1, .width = 8, .heads = 2, .hidden = 16};
  for (int r = 0; r < replicas; ++r) setup.replicas.emplace_back();
  return setup;
}

template <class Handle>
Handle* foreign() {
  static uint64_t memory[8] = {};
  return reinterpret_cast<Handle*>(memory);
}

}  // namespace

TEST(trainer_options_are_checked) {
  const auto fails = [](auto change, const char* words) {
    Workshop shop;
    change(shop);
    CHECK_FAILS(shop.create(), GROKLAB_INVALID_ARGUMENT, words);
    CHECK(shop.trainer == nullptr);
  };
  using W = Workshop;
  fails([](W& w) { w.options.struct_size = 0; }, "struct_size is 0");
  fails([](W& w) { w.options.struct_size = 999; }, "struct_size is 999");
  fails([](W& w) { w.options.struct_size = 4; }, "replicas is 0");  // the rest reads as zero
  fails([](W& w) { w.options.precision = 2; }, "precision is 2");
  fails([](W& w) { w.options.layout = 2; }, "layout is 2");
  fails([](W& w) { w.options.replicas = 0; }, "replicas is 0");
  fails([](W& w) { w.options.replicas = 65537; }, "replicas is 65537");
  fails([](W& w) { w.options.model = nullptr; }, "model is null");
  fails([](W& w) { w.options.replica_options = nullptr; }, "replica_options is null");

  fails([](W& w) { w.model.struct_size = 2; }, "struct_size is 2");
  fails([](W& w) { w.model.struct_size = 64; }, "struct_size is 64");
  fails([](W& w) { w.model.kind = 3; }, "kind is 3");
  fails([](W& w) { w.model.vocabulary = 8; }, "vocabulary is 8");
  fails([](W& w) { w.model.positions = 3; }, "positions is 3");
  fails([](W& w) { w.model.layers = 0; }, "layers is 0");
  fails([](W& w) { w.model.layers = 65; }, "layers is 65");
  fails([](W& w) { w.model.width = 0; }, "width is 0");
  fails([](W& w) { w.model.width = 8193; }, "width is 8193");
  fails([](W& w) { w.model.heads = 0; }, "heads is 0");
  fails([](W& w) { w.model.heads = 3; }, "heads is 3");
  fails([](W& w) { w.model.hidden = 0; }, "hidden is 0");
  fails([](W& w) { w.model.hidden = 65537; }, "hidden is 65537");

  // The second replica: all of them are looked at, and the message says which.
  fails([](W& w) { w.replicas[1].struct_size = 0; }, "replica_options[1].struct_size is 0");
  fails([](W& w) { w.replicas[1].batch_capacity = 1u << 31; },
        "replica_options[1].batch_capacity is 2147483648");
  fails([](W& w) { w.replicas[1].dropout = 1; }, "replica_options[1].dropout is 1");
  fails([](W& w) { w.replicas[1].dropout = -0.5; }, "dropout is -0.5");
  fails([](W& w) { w.replicas[1].dropout = kNan; }, "dropout is nan");
  fails([](W& w) { w.replicas[1].optimizer = nullptr; }, "replica_options[1].optimizer is null");

  Workshop shop;
  CHECK_FAILS(groklab_trainer_create(nullptr, shop.dataset.get(), &shop.options, &shop.trainer),
              GROKLAB_INVALID_HANDLE, "engine handle is null");
  CHECK_FAILS(groklab_trainer_create(shop.engine.get(), nullptr, &shop.options, &shop.trainer),
              GROKLAB_INVALID_HANDLE, "data set handle is null");
  CHECK_FAILS(groklab_trainer_create(shop.engine.get(), shop.dataset.get(), nullptr, &shop.trainer),
              GROKLAB_INVALID_ARGUMENT, "null");
  CHECK_FAILS(groklab_trainer_create(shop.engine.get(), shop.dataset.get(), &shop.options, nullptr),
              GROKLAB_INVALID_ARGUMENT, "null");
  CHECK_OK(shop.create());
  CHECK_OK(groklab_trainer_destroy(shop.trainer));
  CHECK_FAILS(groklab_trainer_destroy(shop.trainer), GROKLAB_INVALID_HANDLE, "destroyed");
}

TEST(models_are_checked_by_kind) {
  for (const uint32_t kind : {GROKLAB_MODEL_MLP, GROKLAB_MODEL_LSTM}) {
    Workshop shop;
    shop.model.kind = kind;
    CHECK_FAILS(shop.create(), GROKLAB_INVALID_ARGUMENT,
                "heads, of a model without attention, is 2");
    shop.model.heads = 0;
    CHECK_OK(shop.create());
    CHECK_OK(groklab_trainer_destroy(shop.trainer));
    shop.model.hidden = 65537;
    CHECK_FAILS(shop.create(), GROKLAB_INVALID_ARGUMENT, "hidden is 65537");
  }
  // 32 tokens of 4096 numbers each make a layer of 131072.
  Workshop shop;
  Table table{2, 32, std::vector<int32_t>(32), {0}};
  shop.dataset = open_dataset(shop.engine.get(), table);
  shop.model.kind = GROKLAB_MODEL_MLP;
  shop.model.vocabulary = 2;
  shop.model.positions = 32;
  shop.model.heads = 0;
  shop.model.width = 4096;
  CHECK_FAILS(shop.create(), GROKLAB_INVALID_ARGUMENT, "times the sequence length is 131072");
}

TEST(optimizers_are_checked) {
  using O = groklab_optimizer_options;
  const auto fails = [](O good, auto change, const char* words) {
    Workshop shop;
    shop.optimizers[1] = good;
    CHECK_OK(shop.create());
    CHECK_OK(groklab_trainer_destroy(shop.trainer));
    shop.trainer = nullptr;
    change(shop.optimizers[1]);
    CHECK_FAILS(shop.create(), GROKLAB_INVALID_ARGUMENT,
                std::string("options.replica_options[1].optimizer.") + words);
    CHECK(shop.trainer == nullptr);
  };
  for (const O& good : {adamw(), adam(), sgd(0.9), rmsprop(0.9, true)}) {
    fails(
        good, [](O& o) { o.struct_size = 1; }, "struct_size is 1");
    fails(
        good, [](O& o) { o.kind = 4; }, "kind is 4");
    fails(
        good, [](O& o) { o.nesterov = 2; }, "nesterov is 2");
    fails(
        good, [](O& o) { o.centered = 2; }, "centered is 2");
    fails(
        good, [](O& o) { o.weight_decay = -1; }, "weight_decay is -1");
    fails(
        good, [](O& o) { o.weight_decay = kNan; }, "weight_decay is nan");
    fails(
        good, [](O& o) { o.clip_norm = -1; }, "clip_norm is -1");
    fails(
        good, [](O& o) { o.clip_norm = kInfinity; }, "clip_norm is inf");
  }
  for (const O& good : {adamw(), adam()}) {
    fails(
        good, [](O& o) { o.beta1 = 1; }, "beta1 is 1");
    fails(
        good, [](O& o) { o.beta1 = kNan; }, "beta1 is nan");
    fails(
        good, [](O& o) { o.beta2 = -1; }, "beta2 is -1");
    fails(
        good, [](O& o) { o.beta2 = kInfinity; }, "beta2 is inf");
    fails(
        good, [](O& o) { o.epsilon = -1e-8; }, "epsilon is -1e-08");
    fails(
        good, [](O& o) { o.epsilon = kInfinity; }, "epsilon is inf");
    fails(
        good, [](O& o) { o.momentum = 0.9; }, "momentum is 0.9");
    fails(
        good, [](O& o) { o.alpha = 0.9; }, "alpha is 0.9");
    fails(
        good, [](O& o) { o.nesterov = 1; }, "nesterov is 1");
    fails(
        good, [](O& o) { o.centered = 1; }, "centered is 1");
  }
  fails(
      sgd(), [](O& o) { o.momentum = -1; }, "momentum is -1");
  fails(
      sgd(), [](O& o) { o.momentum = kNan; }, "momentum is nan");
  fails(
      sgd(), [](O& o) { o.nesterov = 1; }, "nesterov is 1, but .momentum is 0");
  fails(
      sgd(), [](O& o) { o.beta1 = 0.9; }, "beta1 is 0.9; SGD has none");
  fails(
      sgd(), [](O& o) { o.beta2 = 0.9; }, "beta2 is 0.9");
  fails(
      sgd(), [](O& o) { o.alpha = 0.9; }, "alpha is 0.9");
  fails(
      sgd(), [](O& o) { o.epsilon = 1e-8; }, "epsilon is 1e-08");
  fails(
      sgd(), [](O& o) { o.centered = 1; }, "centered is 1");
  fails(
      rmsprop(), [](O& o) { o.alpha = 1; }, "alpha is 1");
  fails(
      rmsprop(), [](O& o) { o.alpha = kNan; }, "alpha is nan");
  fails(
      rmsprop(), [](O& o) { o.momentum = kInfinity; }, "momentum is inf");
  fails(
      rmsprop(), [](O& o) { o.epsilon = -1; }, "epsilon is -1");
  fails(
      rmsprop(), [](O& o) { o.beta1 = 0.9; }, "beta1 is 0.9; RMSprop has none");
  fails(
      rmsprop(), [](O& o) { o.nesterov = 1; }, "nesterov is 1");
}

/// Each replica has the buffers that its own optimizer keeps, and no others.
TEST(replicas_have_what_their_optimizers_keep) {
  const groklab_optimizer_options all[] = {
      adamw(),           adam(), sgd(), sgd(0.9), rmsprop(), rmsprop(0.9), rmsprop(0, true),
      rmsprop(0.9, true)};
  Setup setup = small_setup();
  setup.replicas.clear();
  for (const auto& optimizer : all) setup.replicas.push_back({.optimizer = optimizer});
  for (const Compute& compute : all_computes()) {
    const EngineHandle engine = open_engine(compute, 2);
    Trainer trainer(engine.get(), setup);
    std::vector<std::byte> memory(static_cast<std::size_t>(trainer.parameters()) * sizeof(double));
    for (uint32_t r = 0; r < setup.replicas.size(); ++r) {
      const std::vector<uint32_t> kept = trainer.kept_buffers(r);
      for (uint32_t buffer = 0; buffer <= GROKLAB_MOMENTUM; ++buffer) {
        const bool has = buffer == GROKLAB_GRADIENTS || std::ranges::count(kept, buffer) == 1;
        const auto read =
            groklab_trainer_read(trainer.handle(), r, buffer, memory.data(), memory.size());
        const std::string message = groklab_last_error();
        CHECK_EQUAL(read, has ? GROKLAB_OK : GROKLAB_INVALID_ARGUMENT);
        CHECK_EQUAL(
            groklab_trainer_write(trainer.handle(), r, buffer, memory.data(), memory.size()), read);
        if (!has) CHECK(message.find("does not keep") != std::string::npos);
      }
    }
  }
}

TEST(trainer_handles_are_checked) {
  groklab_trainer* const bad = foreign<groklab_trainer>();
  double number = 0;
  int64_t step = 0;
  const int32_t row = 0;
  for (groklab_trainer* trainer : {static_cast<groklab_trainer*>(nullptr), bad}) {
    groklab_trainer_info info{};
    info.struct_size = sizeof info;
    groklab_tensor_info tensor{};
    tensor.struct_size = sizeof tensor;
    groklab_chunk chunk{};
    chunk.struct_size = sizeof chunk;
    groklab_evaluation evaluation{};
    evaluation.struct_size = sizeof evaluation;
    CHECK_FAILS(groklab_trainer_query(trainer, &info), GROKLAB_INVALID_HANDLE, "trainer");
    CHECK_FAILS(groklab_trainer_tensor(trainer, 0, &tensor), GROKLAB_INVALID_HANDLE, "trainer");
    CHECK_FAILS(groklab_trainer_initialize(trainer, 0, 1), GROKLAB_INVALID_HANDLE, "trainer");
    CHECK_FAILS(groklab_trainer_read(trainer, 0, 0, &number, 8), GROKLAB_INVALID_HANDLE, "trainer");
    CHECK_FAILS(groklab_trainer_write(trainer, 0, 0, &number, 8), GROKLAB_INVALID_HANDLE,
                "trainer");
    CHECK_FAILS(groklab_trainer_step(trainer, 0, &step), GROKLAB_INVALID_HANDLE, "trainer");
    CHECK_FAILS(groklab_trainer_set_step(trainer, 0, 1), GROKLAB_INVALID_HANDLE, "trainer");
    CHECK_FAILS(groklab_trainer_run(trainer, &chunk), GROKLAB_INVALID_HANDLE, "trainer");
    CHECK_FAILS(groklab_trainer_set_split(trainer, 0, 0, &row, 1), GROKLAB_INVALID_HANDLE,
                "trainer");
    CHECK_FAILS(groklab_trainer_evaluate(trainer, &evaluation), GROKLAB_INVALID_HANDLE, "trainer");
    CHECK_FAILS(groklab_trainer_gradient(trainer, 0, &row, 1, &number), GROKLAB_INVALID_HANDLE,
                "trainer");
    CHECK_FAILS(groklab_trainer_logits(trainer, 0, &row, 1, &number, 8), GROKLAB_INVALID_HANDLE,
                "trainer");
  }
  CHECK_FAILS(groklab_trainer_destroy(bad), GROKLAB_INVALID_HANDLE, "trainer");
}

/// Names and shapes are a contract: PyTorch states are imported by them.
TEST(tensors_are_named_and_cover_the_flat_buffer) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  const Trainer trainer(engine.get(), small_setup());
  const std::vector<groklab_tensor_info> tensors = trainer.tensors();
  int64_t covered = 0;
  bool found = false;
  for (const groklab_tensor_info& tensor : tensors) {
    CHECK_EQUAL(tensor.count, tensor.shape[0] * tensor.shape[1]);
    CHECK_EQUAL(tensor.shape[2] * tensor.shape[3], 1);
    CHECK(tensor.offset >= 0 && tensor.offset + tensor.count <= trainer.parameters());
    covered += tensor.count;
    if (std::string(tensor.name) == "blocks.0.attention.in_proj.weight") {
      found = tensor.rank == 2 && tensor.shape[0] == 24 && tensor.shape[1] == 8;
    }
  }
  CHECK(found);
  CHECK_EQUAL(covered, trainer.parameters());
  groklab_tensor_info info{};
  info.struct_size = sizeof info;
  const auto count = static_cast<uint32_t>(tensors.size());
  CHECK_FAILS(groklab_trainer_tensor(trainer.handle(), count, &info), GROKLAB_INVALID_ARGUMENT,
              std::to_string(count));
  CHECK_FAILS(groklab_trainer_tensor(trainer.handle(), 0, nullptr), GROKLAB_INVALID_ARGUMENT,
              "null");
  info.struct_size = 0;
  CHECK_FAILS(groklab_trainer_tensor(trainer.handle(), 0, &info), GROKLAB_INVALID_ARGUMENT,
              "struct_size is 0");
  CHECK_FAILS(groklab_trainer_query(trainer.handle(), nullptr), GROKLAB_INVALID_ARGUMENT, "null");
}

TEST(report_setting_has_the_reports_parameters) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  Setup setup{.p = 97, .summands = 2, .layers = 2, .width = 128, .heads = 4, .hidden = 512};
  setup.replicas = {Replica{}};
  const Trainer trainer(engine.get(), setup);
  CHECK_EQUAL(trainer.parameters(), 422883);
  // The others, by the shapes of the report's appendix B.
  const int64_t tables = (99 + 5) * 128;
  setup.model = GROKLAB_MODEL_MLP;
  const int64_t block = 512 * 512 + 512 + 512 * 512 + 512 + 2 * 512;
  CHECK_EQUAL(Trainer(engine.get(), setup).parameters(), tables + 2 * block + 99 * 512 + 99);
  setup.model = GROKLAB_MODEL_LSTM;
  const int64_t layers = 2048 * (128 + 512 + 2) + 2048 * (512 + 512 + 2);
  CHECK_EQUAL(Trainer(engine.get(), setup).parameters(), tables + layers + 99 * 512 + 99);
}

TEST(flat_buffers_are_checked) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  Trainer trainer(engine.get(), small_setup(2));
  const auto bytes = static_cast<uint64_t>(trainer.parameters()) * sizeof(double);
  std::vector<double> memory(static_cast<std::size_t>(trainer.parameters()), 7.0);
  groklab_trainer* const t = trainer.handle();
  const std::vector<double> before = trainer.values(1, GROKLAB_PARAMETERS);
  for (const bool reading : {true, false}) {
    const auto call = [&](uint32_t replica, uint32_t buffer, void* pointer, uint64_t size) {
      return reading ? groklab_trainer_read(t, replica, buffer, pointer, size)
                     : groklab_trainer_write(t, replica, buffer, pointer, size);
    };
    CHECK_FAILS(call(2, 0, memory.data(), bytes), GROKLAB_INVALID_ARGUMENT, "replica is 2");
    CHECK_FAILS(call(1, 5, memory.data(), bytes), GROKLAB_INVALID_ARGUMENT, "buffer is 5");
    CHECK_FAILS(call(1, 0, nullptr, bytes), GROKLAB_INVALID_ARGUMENT, "null");
    CHECK_FAILS(call(1, 0, memory.data(), bytes - 1), GROKLAB_INVALID_ARGUMENT,
                std::to_string(bytes - 1));
    CHECK_FAILS(call(1, 0, memory.data(), bytes / 2), GROKLAB_INVALID_ARGUMENT,
                std::to_string(bytes));
    CHECK_FAILS(call(1, 0, memory.data(), 0), GROKLAB_INVALID_ARGUMENT, "bytes is 0");
  }
  CHECK(memory == std::vector<double>(memory.size(), 7.0));
  CHECK(trainer.values(1, GROKLAB_PARAMETERS) == before);
  trainer.write(1, GROKLAB_PARAMETERS, memory);
  CHECK(trainer.values(1, GROKLAB_PARAMETERS) == memory);
  CHECK(trainer.values(0, GROKLAB_PARAMETERS) == before);
}

TEST(initialization_is_a_function_of_the_seed) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  Trainer trainer(engine.get(), small_setup(2));
  CHECK_FAILS(groklab_trainer_initialize(trainer.handle(), 2, 1), GROKLAB_INVALID_ARGUMENT,
              "replica is 2");
  trainer.initialize(0, 5);
  trainer.initialize(1, 5);
  CHECK(trainer.bytes(0, GROKLAB_PARAMETERS) == trainer.bytes(1, GROKLAB_PARAMETERS));
  trainer.initialize(1, 6);
  CHECK(trainer.bytes(0, GROKLAB_PARAMETERS) != trainer.bytes(1, GROKLAB_PARAMETERS));
}

/// Initialization also begins anew: moments and the step counter are zero again.
TEST(initialization_begins_anew) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  Trainer trainer(engine.get(), small_setup());
  trainer.initialize(0, 5);
  const auto weights = trainer.bytes(0, GROKLAB_PARAMETERS);
  Steps steps(1, 2, 3);
  for (const int64_t step : {0, 1}) steps.set(0, step, std::vector<int32_t>{1, 2, 3}, 0.01);
  trainer.run(steps);
  CHECK(trainer.bytes(0, GROKLAB_PARAMETERS) != weights);
  trainer.initialize(0, 5);
  CHECK(trainer.bytes(0, GROKLAB_PARAMETERS) == weights);
  for (const double moment : trainer.values(0, GROKLAB_SECOND_MOMENTS)) CHECK_EQUAL(moment, 0.0);
  int64_t step = -1;
  CHECK_OK(groklab_trainer_step(trainer.handle(), 0, &step));
  CHECK_EQUAL(step, 0);
}

/// Means and deviations of the initial weights, as PyTorch's modules would draw them.
TEST(initial_weights_have_the_right_distributions) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  Setup setup{.p = 97, .summands = 2, .layers = 1, .width = 128, .heads = 4, .hidden = 512};
  setup.replicas = {Replica{}};
  Trainer trainer(engine.get(), setup);
  trainer.initialize(0, 3);
  const std::vector<double> weights = trainer.values(0, GROKLAB_PARAMETERS);
  const auto uniform = [](double bound) { return bound / std::sqrt(3.0); };
  struct Expected {
    const char* name;
    double mean;
    double deviation;
    double largest;  ///< no weight is larger
  };
  const double d = 1 / std::sqrt(128.0);
  const double h = 1 / std::sqrt(512.0);
  const double xavier = std::sqrt(6.0 / (3 * 128 + 128));
  const Expected all[] = {{"token_embedding.weight", 0, 1, 6},
                          {"position_embedding.weight", 0, 1, 6},
                          {"blocks.0.attention.in_proj.weight", 0, uniform(xavier), xavier},
                          {"blocks.0.attention.in_proj.bias", 0, 0, 0},
                          {"blocks.0.attention.out_proj.weight", 0, uniform(d), d},
                          {"blocks.0.attention.out_proj.bias", 0, 0, 0},
                          {"blocks.0.attention_norm.weight", 1, 0, 1},
                          {"blocks.0.attention_norm.bias", 0, 0, 0},
                          {"blocks.0.feed_forward.up.weight", 0, uniform(d), d},
                          {"blocks.0.feed_forward.up.bias", 0, uniform(d), d},
                          {"blocks.0.feed_forward.down.weight", 0, uniform(h), h},
                          {"blocks.0.feed_forward.down.bias", 0, uniform(h), h},
                          {"blocks.0.feed_forward_norm.weight", 1, 0, 1},
                          {"blocks.0.feed_forward_norm.bias", 0, 0, 0},
                          {"final_norm.weight", 1, 0, 1},
                          {"final_norm.bias", 0, 0, 0},
                          {"readout.weight", 0, uniform(d), d},
                          {"readout.bias", 0, uniform(d), d}};
  const std::vector<groklab_tensor_info> tensors = trainer.tensors();
  CHECK_EQUAL(tensors.size(), std::size(all));
  for (const Expected& expected : all) {
    const auto found = std::ranges::find_if(tensors, [&](const groklab_tensor_info& tensor) {
      return std::string(tensor.name) == expected.name;
    });
    if (found == tensors.end()) {
      fail(__FILE__, __LINE__, std::string("no tensor ") + expected.name);
      continue;
    }
    const auto count = static_cast<double>(found->count);
    double mean = 0;
    double square = 0;
    double largest = 0;
    for (int64_t i = 0; i < found->count; ++i) {
      const double weight = weights[static_cast<std::size_t>(found->offset + i)];
      mean += weight / count;
      square += weight * weight / count;
      largest = std::max(largest, std::abs(weight));
    }
    // Five standard errors, so that one unlucky seed in a million fails.
    const double slack = 5 * expected.deviation / std::sqrt(count) + 1e-12;
    const double deviation = std::sqrt(std::max(0.0, square - mean * mean));
    if (std::abs(mean - expected.mean) > slack ||
        std::abs(deviation - expected.deviation) > slack ||
        largest > expected.largest * (1 + 1e-12)) {
      fail(__FILE__, __LINE__,
           std::string(expected.name) + ": mean " + to_text(mean) + ", deviation " +
               to_text(deviation) + ", largest " + to_text(largest));
    }
  }
}

TEST(steps_are_counted_and_set) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  Trainer trainer(engine.get(), small_setup(2));
  groklab_trainer* const t = trainer.handle();
  int64_t step = -1;
  CHECK_FAILS(groklab_trainer_step(t, 2, &step), GROKLAB_INVALID_ARGUMENT, "replica is 2");
  CHECK_FAILS(groklab_trainer_step(t, 0, nullptr), GROKLAB_INVALID_ARGUMENT, "null");
  CHECK_FAILS(groklab_trainer_set_step(t, 2, 1), GROKLAB_INVALID_ARGUMENT, "replica is 2");
  CHECK_FAILS(groklab_trainer_set_step(t, 0, -1), GROKLAB_INVALID_ARGUMENT, "step is -1");
  CHECK_EQUAL(step, -1);
  CHECK_OK(groklab_trainer_set_step(t, 1, 41));
  CHECK_OK(groklab_trainer_step(t, 1, &step));
  CHECK_EQUAL(step, 41);
  CHECK_OK(groklab_trainer_step(t, 0, &step));
  CHECK_EQUAL(step, 0);
}

/// What a trainer needs lives as long as it does, in whatever order handles are given back.
TEST(trainers_outlive_engine_and_data_set) {
  EngineHandle engine = open_engine(Compute{}, 2);
  DatasetHandle dataset;
  Trainer trainer(engine.get(), small_setup());
  engine.reset();
  trainer.initialize(0, 1);
  Steps steps(1, 1, 2);
  steps.set(0, 0, std::vector<int32_t>{0, 1}, 1e-3);
  trainer.run(steps);
  CHECK(std::isfinite(steps.losses[0]) && steps.losses[0] > 0);

  Workshop shop;
  CHECK_OK(shop.create());
  shop.dataset.reset();
  shop.engine.reset();
  CHECK_OK(groklab_trainer_initialize(shop.trainer, 0, 1));
  const int32_t row = 0;
  double loss = 0;
  CHECK_OK(groklab_trainer_gradient(shop.trainer, 0, &row, 1, &loss));
  CHECK(loss > 0);
  CHECK_OK(groklab_trainer_destroy(shop.trainer));
}

TEST(too_large_models_are_out_of_memory) {
  Workshop shop;
  shop.model.layers = 64;
  shop.model.width = 8192;
  shop.model.hidden = 65536;
  CHECK_FAILS(shop.create(), GROKLAB_OUT_OF_MEMORY, "bytes");
  CHECK(shop.trainer == nullptr);
  std::vector<groklab_replica_options> many(65536, shop.replicas[0]);
  shop.options.replicas = 65536;
  shop.options.replica_options = many.data();
  CHECK_FAILS(shop.create(), GROKLAB_OUT_OF_MEMORY, "bytes");
  shop.model = Workshop().model;
  shop.options.replicas = 2;
  CHECK_OK(shop.create());
  CHECK_OK(groklab_trainer_destroy(shop.trainer));
}

/// A trainer that one thread uses is busy for another, which may use it afterwards.
TEST(two_threads_on_one_trainer) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  Trainer trainer(engine.get(), small_setup());
  trainer.initialize(0, 1);
  Steps steps(1, 200, 20);
  std::vector<int32_t> rows(20);
  for (int64_t step = 0; step < 200; ++step) steps.set(0, step, rows, 1e-3);
  const groklab_chunk chunk = steps.chunk();

  std::atomic<bool> stop = false;
  std::atomic<bool> failed = false;
  std::thread trains([&] {
    while (!stop) {
      const groklab_status status = groklab_trainer_run(trainer.handle(), &chunk);
      if (status != GROKLAB_OK && status != GROKLAB_BUSY) failed = true;
    }
  });
  groklab_status status = GROKLAB_OK;
  int64_t step = 0;
  // Almost every attempt meets the other thread inside; how soon does not matter.
  while (status == GROKLAB_OK) {
    std::this_thread::yield();
    status = groklab_trainer_step(trainer.handle(), 0, &step);
  }
  CHECK_FAILS(status, GROKLAB_BUSY, "thread");
  stop = true;
  trains.join();
  CHECK(!failed);
  CHECK_OK(groklab_trainer_step(trainer.handle(), 0, &step));
  CHECK_EQUAL(step % 200, 0);
}

/// Engines may be shared: trainers on several threads at once do not disturb each other.
TEST(several_trainers_on_several_threads) {
  const EngineHandle engine = open_engine(Compute{}, 2);
  const auto train = [&] {
    Trainer trainer(engine.get(), small_setup());
    trainer.initialize(0, 1);
    Steps steps(1, 50, 4);
    for (int64_t step = 0; step < 50; ++step) {
      steps.set(0, step, std::vector<int32_t>{1, 5, 7, 11}, 1e-3);
    }
    trainer.run(steps);
    return trainer.bytes(0, GROKLAB_PARAMETERS);
  };
  const auto expected = train();
  std::vector<std::vector<std::byte>> results(3);
  std::vector<std::thread> threads;
  for (auto& result : results) threads.emplace_back([&] { result = train(); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& result : results) CHECK(result == expected);
}

}  // namespace groklab::test
