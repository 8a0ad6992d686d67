// Memory: told beforehand, to the byte, and not exceeded by what keeps to the workload.
#include <cmath>
#include <cstdio>
#include <numeric>

#include "abi_test/backend.h"
#include "abi_test/expect.h"

namespace groklab::test {
namespace {

constexpr uint64_t kGibibyte = uint64_t{1} << 30;

/// Everything that a trainer is made of, kept alive as C structs.
struct Order {
  explicit Order(const Setup& setup) : model(model_options(setup)) {
    for (const Replica& replica : setup.replicas) optimizers.push_back(replica.optimizer);
    for (std::size_t r = 0; r < setup.replicas.size(); ++r) {
      groklab_replica_options& o = replicas.emplace_back();
      o.struct_size = sizeof o;
      o.batch_capacity = setup.replicas[r].batch_capacity;
      o.dropout = setup.replicas[r].dropout;
      o.optimizer = &optimizers[r];
    }
    options.struct_size = sizeof options;
    options.precision = setup.precision;
    options.layout = setup.layout;
    options.replicas = static_cast<uint32_t>(replicas.size());
    options.model = &model;
    options.replica_options = replicas.data();
  }

  groklab_model_options model;
  std::vector<groklab_optimizer_options> optimizers;
  std::vector<groklab_replica_options> replicas;
  groklab_trainer_options options{};
};

struct Work {
  explicit Work(int64_t batch_capacity, int64_t steps, std::vector<int64_t> splits)
      : rows(std::move(splits)) {
    workload.struct_size = sizeof workload;
    workload.splits = static_cast<uint32_t>(rows.size());
    workload.batch_capacity = batch_capacity;
    workload.chunk_steps = steps;
    workload.split_rows = rows.data();
  }

  std::vector<int64_t> rows;
  groklab_workload workload{};
};

groklab_memory used_by(const Trainer& trainer) {
  groklab_memory memory{};
  memory.struct_size = sizeof memory;
  expect_ok(groklab_trainer_memory_used(trainer.handle(), &memory));
  return memory;
}

groklab_memory needed_by(groklab_engine* engine, const Setup& setup, const Work& work) {
  const DatasetHandle dataset = open_dataset(engine, setup);
  const Order order(setup);
  groklab_memory memory{};
  memory.struct_size = sizeof memory;
  expect_ok(groklab_trainer_memory_needed(engine, dataset.get(), &order.options, &work.workload,
                                          &memory));
  return memory;
}

std::string text_of(const groklab_memory& memory) {
  return std::to_string(memory.host_bytes) + " + " + std::to_string(memory.device_bytes);
}

/// Trains and evaluates with every size that the workload allows; batches in several shapes.
void use_fully(Trainer& trainer, const Setup& setup, const Work& work) {
  const auto table_rows = static_cast<int32_t>(trainer.table_rows());
  for (uint32_t r = 0; r < trainer.replicas(); ++r) trainer.initialize(r, r + 1);
  Steps steps(trainer.replicas(), work.workload.chunk_steps, work.workload.batch_capacity);
  for (int64_t r = 0; r < trainer.replicas(); ++r) {
    const auto own =
        static_cast<int64_t>(setup.replicas[static_cast<std::size_t>(r)].batch_capacity);
    const int64_t capacity = own > 0 ? own : work.workload.batch_capacity;
    for (int64_t s = 0; s < steps.count; ++s) {
      std::vector<int32_t> rows;
      // Neighbours, rows far apart, and one row again and again.
      const auto stride = static_cast<int32_t>(s % 3 == 0 ? 1 : s % 3 == 1 ? 7 : table_rows);
      for (int32_t i = 0; i < capacity; ++i) rows.push_back(i * stride % table_rows);
      steps.set(r, s, rows, 1e-3);
    }
  }
  trainer.run(steps);
  std::vector<int32_t> rows(static_cast<std::size_t>(table_rows));
  std::iota(rows.begin(), rows.end(), 0);
  for (uint32_t r = 0; r < trainer.replicas(); ++r) {
    for (uint32_t s = 0; s < work.workload.splits; ++s) {
      expect_ok(groklab_trainer_set_split(trainer.handle(), r, s, rows.data(), work.rows[s]));
    }
  }
  std::vector<double> losses(static_cast<std::size_t>(trainer.replicas()) * work.rows.size());
  groklab_evaluation evaluation{};
  evaluation.struct_size = sizeof evaluation;
  evaluation.splits = work.workload.splits;
  evaluation.losses = losses.data();
  expect_ok(groklab_trainer_evaluate(trainer.handle(), &evaluation));
  for (const double loss : losses) CHECK(std::isfinite(loss) && loss > 0);
}

void check_told(const Compute& compute, uint32_t threads, const Setup& setup, const Work& work) {
  const EngineHandle engine = open_engine(compute, threads);
  const groklab_memory told = needed_by(engine.get(), setup, work);
  const std::string name = compute.name() + ", threads " + std::to_string(threads) + ", model " +
                           std::to_string(setup.model) + ", replicas " +
                           std::to_string(setup.replicas.size()) + ": ";
  const auto check_is_told = [&](const Trainer& trainer, const char* when) {
    const groklab_memory used = used_by(trainer);
    if (used.host_bytes == told.host_bytes && used.device_bytes == told.device_bytes) return;
    fail(__FILE__, __LINE__,
         name + when + " uses " + text_of(used) + ", told were " + text_of(told));
  };
  {
    Trainer trainer(engine.get(), setup);
    expect_ok(groklab_trainer_reserve(trainer.handle(), &work.workload));
    check_is_told(trainer, "reserved");
    use_fully(trainer, setup, work);
    check_is_told(trainer, "after use");
    use_fully(trainer, setup, work);
    check_is_told(trainer, "after more use");
  }
  Trainer trainer(engine.get(), setup);
  CHECK(used_by(trainer).host_bytes + used_by(trainer).device_bytes > 0);
  use_fully(trainer, setup, work);
  // A device may have had to give up what it recorded first: the second time all of it stays.
  use_fully(trainer, setup, work);
  check_is_told(trainer, "without reserving");
}

/// Replicas with and without dropout, of one capacity or several.
std::vector<std::vector<Replica>> replica_lists() {
  Replica plain;
  Replica drops;
  drops.dropout = 0.2;
  Replica small;
  small.batch_capacity = 5;
  Replica large;
  large.batch_capacity = 16;
  large.optimizer = rmsprop(0.9, true);
  large.optimizer.clip_norm = 1;
  return {{plain}, {drops}, {plain, plain, plain}, {plain, drops, small, large, drops}};
}

}  // namespace

TEST(memory_is_told_to_the_byte) {
  for (const Compute& compute : asked_or({Compute{}, Compute{GROKLAB_BACKEND_NAIVE, ""}})) {
    for (const uint32_t threads : {1u, 2u}) {
      for (const uint32_t model : {GROKLAB_MODEL_TRANSFORMER, GROKLAB_MODEL_MLP, GROKLAB_MODEL_LSTM,
                                   GROKLAB_MODEL_DENSE, GROKLAB_MODEL_CNN, GROKLAB_MODEL_SEQ2SEQ}) {
        for (const auto& replicas : replica_lists()) {
          Setup setup{.model = model, .p = 7, .summands = 2, .layers = 2, .width = 8, .heads = 2};
          setup.hidden = 12;
          setup.precision = model == GROKLAB_MODEL_MLP ? GROKLAB_FP64 : GROKLAB_FP32;
          setup.replicas = replicas;
          check_told(compute, threads, setup, Work(16, 3, {30, 49}));
        }
      }
    }
  }
}

/// Splits of more rows than are evaluated at once, dense batches, and no splits at all.
TEST(memory_is_told_for_other_workloads) {
  for (const uint32_t backend : {GROKLAB_BACKEND_CPU, GROKLAB_BACKEND_NAIVE}) {
    Setup setup{.p = 37, .summands = 2, .layers = 1, .width = 4, .heads = 1};
    setup.hidden = 4;
    setup.precision = GROKLAB_FP32;
    setup.replicas = {Replica{}, Replica{}};
    check_told(Compute{backend, ""}, 2, setup, Work(3, 1, {1369}));
    setup.layout = GROKLAB_LAYOUT_DENSE;
    check_told(Compute{backend, ""}, 1, setup, Work(1, 2, {10, 20, 1}));
  }
}

/// Batches of fewer rows than reserved, or fewer replicas, take no more.
TEST(less_work_takes_no_more) {
  const EngineHandle engine = open_engine(Compute{}, 2);
  Setup setup{.p = 7, .summands = 2, .layers = 1, .width = 8, .heads = 2, .hidden = 12};
  setup.replicas = {Replica{}, Replica{}, Replica{}};
  Trainer trainer(engine.get(), setup);
  const Work work(16, 4, {49});
  expect_ok(groklab_trainer_reserve(trainer.handle(), &work.workload));
  const groklab_memory reserved = used_by(trainer);
  use_fully(trainer, setup, Work(3, 2, {20}));
  CHECK_EQUAL(used_by(trainer).host_bytes, reserved.host_bytes);
  // More than reserved is allowed, and takes more.
  use_fully(trainer, setup, Work(32, 2, {49}));
  CHECK(used_by(trainer).host_bytes > reserved.host_bytes);
}

/// A sweep of the report's Transformer; native/README.md names the number.
TEST(sixty_four_replicas_of_the_report_fit_two_gibibytes) {
  for (const uint32_t threads : {1u, 2u, 16u}) {
    const EngineHandle engine = open_engine(Compute{}, threads);
    Setup setup{.p = 97, .summands = 2, .layers = 2, .width = 128, .heads = 4, .hidden = 512};
    setup.precision = GROKLAB_FP32;
    Replica replica;
    replica.batch_capacity = 256;
    setup.replicas.assign(64, replica);
    const groklab_memory told = needed_by(engine.get(), setup, Work(256, 256, {4704, 4705}));
    std::printf("64 replicas of the report's Transformer, %u threads: %.1f MiB\n", threads,
                static_cast<double>(told.host_bytes) / 1048576.0);
    CHECK(told.host_bytes < 2 * kGibibyte);
    // Weights, gradients and two moments alone.
    CHECK(told.host_bytes > uint64_t{64} * 422883 * 4 * 4);
    CHECK_EQUAL(told.device_bytes, uint64_t{0});
  }
}

/// What could never be had is told all the same, at once.
TEST(memory_beyond_the_machine_is_told) {
  const EngineHandle engine = open_engine(Compute{}, 2);
  Setup setup{.p = 7, .summands = 2, .layers = 64, .width = 8192, .heads = 2, .hidden = 65536};
  setup.replicas.assign(1000, Replica{});
  const groklab_memory told = needed_by(engine.get(), setup, Work(16, 1, {49}));
  // 64 blocks of 4 d² + 2 d·hidden weights, four buffers of 8 bytes.
  const double weights = 64.0 * (4.0 * 8192 * 8192 + 2.0 * 8192 * 65536);
  CHECK(static_cast<double>(told.host_bytes) > 1000 * weights * 4 * 8);
  CHECK(static_cast<double>(told.host_bytes) < 1000 * weights * 4 * 8 * 1.01);
}

TEST(the_check_backend_takes_memory_for_both) {
  Setup setup{.p = 5, .summands = 2, .layers = 1, .width = 8, .heads = 2, .hidden = 12};
  setup.replicas = {Replica{}, Replica{}};
  check_told(Compute{GROKLAB_BACKEND_CHECK, ""}, 2, setup, Work(9, 2, {25}));
}

TEST(workloads_are_checked) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  Setup setup{.p = 5, .summands = 2, .layers = 1, .width = 8, .heads = 2, .hidden = 12};
  setup.replicas = {Replica{8}, Replica{}};
  const DatasetHandle dataset = open_dataset(engine.get(), setup);
  Trainer trainer(engine.get(), setup);
  Order order(setup);
  groklab_memory memory{};
  memory.struct_size = sizeof memory;
  memory.host_bytes = 7;
  const auto fails = [&](auto change, const char* words) {
    Work work(4, 1, {3, 25});
    change(work);
    CHECK_FAILS(groklab_trainer_memory_needed(engine.get(), dataset.get(), &order.options,
                                              &work.workload, &memory),
                GROKLAB_INVALID_ARGUMENT, words);
    CHECK_FAILS(groklab_trainer_reserve(trainer.handle(), &work.workload), GROKLAB_INVALID_ARGUMENT,
                words);
    CHECK_EQUAL(memory.host_bytes, uint64_t{7});
  };
  fails([](Work& w) { w.workload.struct_size = 0; }, "workload.struct_size is 0");
  fails([](Work& w) { w.workload.splits = 17; }, "workload.splits is 17; allowed are 0 to 16");
  fails([](Work& w) { w.workload.batch_capacity = 0; },
        "workload.batch_capacity is 0, and replica 1 does not say");
  fails([](Work& w) { w.workload.batch_capacity = -1; }, "workload.batch_capacity is -1");
  fails([](Work& w) { w.workload.batch_capacity = int64_t{1} << 31; },
        "workload.batch_capacity is 2147483648");
  fails([](Work& w) { w.workload.chunk_steps = 0; }, "workload.chunk_steps is 0");
  fails([](Work& w) { w.workload.split_rows = nullptr; }, "workload.split_rows is null");
  fails([](Work& w) { w.rows[1] = 0; }, "workload.split_rows[1] is 0");
  fails([](Work& w) { w.rows[0] = -3; }, "workload.split_rows[0] is -3");

  const Work work(4, 1, {3});
  const auto needed = [&](groklab_engine* e, groklab_dataset* d, const groklab_trainer_options* o,
                          const groklab_workload* w, groklab_memory* m) {
    return groklab_trainer_memory_needed(e, d, o, w, m);
  };
  const groklab_trainer_options* const o = &order.options;
  const groklab_workload* const w = &work.workload;
  groklab_engine* const e = engine.get();
  groklab_dataset* const d = dataset.get();
  CHECK_FAILS(needed(nullptr, d, o, w, &memory), GROKLAB_INVALID_HANDLE, "engine handle is null");
  CHECK_FAILS(needed(e, nullptr, o, w, &memory), GROKLAB_INVALID_HANDLE, "data set handle is null");
  CHECK_FAILS(needed(e, d, nullptr, w, &memory), GROKLAB_INVALID_ARGUMENT, "options is null");
  CHECK_FAILS(needed(e, d, o, nullptr, &memory), GROKLAB_INVALID_ARGUMENT, "workload is null");
  CHECK_FAILS(needed(e, d, o, w, nullptr), GROKLAB_INVALID_ARGUMENT, "memory is null");
  order.model.heads = 3;
  CHECK_FAILS(needed(e, d, o, w, &memory), GROKLAB_INVALID_ARGUMENT, "heads is 3");
  order.model.heads = 2;
  CHECK_FAILS(groklab_trainer_reserve(nullptr, w), GROKLAB_INVALID_HANDLE,
              "trainer handle is null");
  CHECK_FAILS(groklab_trainer_reserve(trainer.handle(), nullptr), GROKLAB_INVALID_ARGUMENT,
              "workload is null");
  CHECK_FAILS(groklab_trainer_memory_used(nullptr, &memory), GROKLAB_INVALID_HANDLE,
              "trainer handle is null");
  CHECK_FAILS(groklab_trainer_memory_used(trainer.handle(), nullptr), GROKLAB_INVALID_ARGUMENT,
              "memory is null");
  memory.struct_size = 1;
  CHECK_FAILS(groklab_trainer_memory_used(trainer.handle(), &memory), GROKLAB_INVALID_ARGUMENT,
              "memory.struct_size is 1");
  memory.struct_size = sizeof memory;
  memory.reserved = 1;
  CHECK_FAILS(groklab_trainer_memory_used(trainer.handle(), &memory), GROKLAB_INVALID_ARGUMENT,
              "memory.reserved is 1");
}

}  // namespace groklab::test
