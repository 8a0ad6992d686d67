// Engines and data sets: options out of range, foreign handles, lifetimes.
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "abi_test/backend.h"
#include "abi_test/expect.h"

namespace groklab::test {
namespace {

groklab_engine_options cpu_options() {
  groklab_engine_options options{};
  options.struct_size = sizeof options;
  options.backend = GROKLAB_BACKEND_CPU;
  options.threads = 1;
  return options;
}

/// A pointer that no call of the library returned.
template <class Handle>
Handle* foreign() {
  static uint64_t memory[8] = {};
  return reinterpret_cast<Handle*>(memory);
}

}  // namespace

TEST(engine_options_are_checked) {
  groklab_engine* engine = foreign<groklab_engine>();
  const auto fails = [&](groklab_engine_options options, const char* words) {
    CHECK_FAILS(groklab_engine_create(&options, &engine), GROKLAB_INVALID_ARGUMENT, words);
    CHECK(engine == foreign<groklab_engine>());
  };
  groklab_engine_options options = cpu_options();
  options.struct_size = 0;
  fails(options, "struct_size is 0");
  options.struct_size = sizeof options + 8;
  fails(options, "struct_size is 24");
  options = cpu_options();
  options.backend = 5;
  fails(options, "backend is 5");
  options = cpu_options();
  options.threads = 1025;
  fails(options, "threads is 1025");
  options = cpu_options();
  options.reserved = 9;
  fails(options, "reserved is 9");
  CHECK_FAILS(groklab_engine_create(nullptr, &engine), GROKLAB_INVALID_ARGUMENT, "null");
  options = cpu_options();
  CHECK_FAILS(groklab_engine_create(&options, nullptr), GROKLAB_INVALID_ARGUMENT, "null");
}

TEST(engine_tells_what_it_is) {
  for (const Compute& compute : all_computes()) {
    const EngineHandle engine = open_engine(compute, 2);
    groklab_engine_info info{};
    info.struct_size = sizeof info;
    CHECK_OK(groklab_engine_query(engine.get(), &info));
    CHECK_EQUAL(info.backend, compute.backend);
    CHECK(info.device[0] != '\0');
    if (compute.backend == GROKLAB_BACKEND_CPU) {
      CHECK_EQUAL(std::string(info.instruction_set), compute.instruction_set);
      CHECK_EQUAL(info.threads, 2u);
    }
  }
  groklab_engine_options options = cpu_options();
  options.backend = GROKLAB_BACKEND_AUTO;
  options.threads = 0;
  groklab_engine* engine = nullptr;
  expect_ok(groklab_engine_create(&options, &engine));
  groklab_engine_info info{};
  info.struct_size = sizeof info;
  CHECK_OK(groklab_engine_query(engine, &info));
  CHECK(info.backend != GROKLAB_BACKEND_AUTO);
  CHECK(info.threads >= 1);
  CHECK_FAILS(groklab_engine_query(engine, nullptr), GROKLAB_INVALID_ARGUMENT, "null");
  info.struct_size = 3;
  CHECK_FAILS(groklab_engine_query(engine, &info), GROKLAB_INVALID_ARGUMENT, "struct_size is 3");
  CHECK_OK(groklab_engine_destroy(engine));
}

TEST(unusable_instruction_sets_are_named) {
  setenv("GROKLAB_INSTRUCTION_SET", "mmx", 1);
  const groklab_engine_options options = cpu_options();
  groklab_engine* engine = nullptr;
  CHECK_FAILS(groklab_engine_create(&options, &engine), GROKLAB_BACKEND_UNAVAILABLE, "mmx");
  CHECK(engine == nullptr);
  unsetenv("GROKLAB_INSTRUCTION_SET");
}

TEST(foreign_and_destroyed_handles) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  const DatasetHandle dataset = open_dataset(engine.get(), addition_table(3, 2));
  groklab_engine_info info{};
  info.struct_size = sizeof info;
  CHECK_FAILS(groklab_engine_query(nullptr, &info), GROKLAB_INVALID_HANDLE, "null");
  CHECK_FAILS(groklab_engine_query(foreign<groklab_engine>(), &info), GROKLAB_INVALID_HANDLE,
              "engine");
  CHECK_FAILS(groklab_engine_query(reinterpret_cast<groklab_engine*>(dataset.get()), &info),
              GROKLAB_INVALID_HANDLE, "engine");
  CHECK_FAILS(groklab_engine_destroy(foreign<groklab_engine>()), GROKLAB_INVALID_HANDLE, "engine");
  CHECK_FAILS(groklab_dataset_destroy(foreign<groklab_dataset>()), GROKLAB_INVALID_HANDLE,
              "data set");
  CHECK_FAILS(groklab_dataset_destroy(reinterpret_cast<groklab_dataset*>(engine.get())),
              GROKLAB_INVALID_HANDLE, "data set");
  CHECK_OK(groklab_engine_destroy(nullptr));
  CHECK_OK(groklab_dataset_destroy(nullptr));
  CHECK_OK(groklab_trainer_destroy(nullptr));

  groklab_engine* destroyed = open_engine(Compute{}, 1).release();
  CHECK_OK(groklab_engine_destroy(destroyed));
  CHECK_FAILS(groklab_engine_destroy(destroyed), GROKLAB_INVALID_HANDLE, "destroyed");
  CHECK_FAILS(groklab_engine_query(destroyed, &info), GROKLAB_INVALID_HANDLE, "destroyed");
}

TEST(dataset_options_are_checked) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  std::vector<int32_t> tokens = {0, 1, 2, 2, 1, 0};
  std::vector<int32_t> targets = {0, 2};
  groklab_dataset_options good{};
  good.struct_size = sizeof good;
  good.vocabulary = 3;
  good.sequence_length = 3;
  good.rows = 2;
  good.tokens = tokens.data();
  good.targets = targets.data();
  groklab_dataset* dataset = nullptr;
  const auto fails = [&](auto change, const char* words) {
    groklab_dataset_options options = good;
    change(options);
    CHECK_FAILS(groklab_dataset_create(engine.get(), &options, &dataset), GROKLAB_INVALID_ARGUMENT,
                words);
    CHECK(dataset == nullptr);
  };
  using Options = groklab_dataset_options;
  fails([](Options& o) { o.struct_size = 1; }, "struct_size is 1");
  fails([](Options& o) { o.struct_size = 4096; }, "struct_size is 4096");
  fails([](Options& o) { o.vocabulary = 1; }, "vocabulary is 1");
  fails([](Options& o) { o.vocabulary = (1u << 24) + 1; }, "vocabulary is 16777217");
  fails([](Options& o) { o.sequence_length = 0; }, "sequence_length is 0");
  fails([](Options& o) { o.sequence_length = 4097; }, "sequence_length is 4097");
  fails([](Options& o) { o.reserved = 1; }, "reserved is 1");
  fails([](Options& o) { o.rows = 0; }, "rows is 0");
  fails([](Options& o) { o.rows = -5; }, "rows is -5");
  fails([](Options& o) { o.rows = int64_t{1} << 31; }, "rows is 2147483648");
  fails([](Options& o) { o.tokens = nullptr; }, "tokens");
  fails([](Options& o) { o.targets = nullptr; }, "targets");
  tokens[4] = 3;
  fails([](Options&) {}, "token 3 in row 1");
  tokens[4] = -1;
  fails([](Options&) {}, "token -1 in row 1");
  tokens[4] = 1;
  targets[0] = 3;
  fails([](Options&) {}, "target 3 in row 0");
  targets[0] = 0;

  CHECK_FAILS(groklab_dataset_create(nullptr, &good, &dataset), GROKLAB_INVALID_HANDLE, "null");
  CHECK_FAILS(groklab_dataset_create(foreign<groklab_engine>(), &good, &dataset),
              GROKLAB_INVALID_HANDLE, "engine");
  CHECK_FAILS(groklab_dataset_create(engine.get(), nullptr, &dataset), GROKLAB_INVALID_ARGUMENT,
              "null");
  CHECK_FAILS(groklab_dataset_create(engine.get(), &good, nullptr), GROKLAB_INVALID_ARGUMENT,
              "null");
  CHECK_OK(groklab_dataset_create(engine.get(), &good, &dataset));
  CHECK_OK(groklab_dataset_destroy(dataset));
  CHECK_FAILS(groklab_dataset_destroy(dataset), GROKLAB_INVALID_HANDLE, "destroyed");
}

/// Whatever runs beside, a processor makes more than a scalar operation a cycle, and less than a
/// thousand; memory less than a terabyte a second.
TEST(peaks_are_measured) {
  for (const Compute& compute : asked_or(all_computes())) {
    const bool is_gpu = compute.backend == GROKLAB_BACKEND_CUDA;  // which may be emulated
    const EngineHandle engine = open_engine(compute, 2);
    for (const uint32_t precision : {GROKLAB_FP32, GROKLAB_FP64}) {
      groklab_peak peak{};
      peak.struct_size = sizeof peak;
      CHECK_OK(groklab_engine_measure_peak(engine.get(), precision, 0.02, &peak));
      CHECK(peak.flops > (is_gpu ? 1e3 : 1e8) && peak.flops < (is_gpu ? 1e15 : 5e12));
      CHECK(peak.bytes_per_second > (is_gpu ? 1e3 : 1e8));
      CHECK(peak.bytes_per_second < (is_gpu ? 1e14 : 1e12));
    }
  }
}

TEST(peak_arguments_are_checked) {
  const EngineHandle engine = open_engine(Compute{}, 1);
  groklab_peak peak{};
  peak.struct_size = sizeof peak;
  peak.flops = 7;
  const auto fails = [&](uint32_t precision, double seconds, const char* words) {
    CHECK_FAILS(groklab_engine_measure_peak(engine.get(), precision, seconds, &peak),
                GROKLAB_INVALID_ARGUMENT, words);
    CHECK_EQUAL(peak.flops, 7.0);
  };
  fails(2, 0.01, "precision is 2");
  fails(GROKLAB_FP32, 0, "seconds is 0; allowed are numbers from 0.001 to 600");
  fails(GROKLAB_FP32, -1, "seconds is -1");
  fails(GROKLAB_FP32, 601, "seconds is 601");
  fails(GROKLAB_FP32, std::nan(""), "seconds is nan");
  peak.struct_size = 2;
  fails(GROKLAB_FP32, 0.01, "peak.struct_size is 2");
  peak.struct_size = sizeof peak;
  peak.reserved = 3;
  fails(GROKLAB_FP32, 0.01, "peak.reserved is 3");
  CHECK_FAILS(groklab_engine_measure_peak(engine.get(), GROKLAB_FP32, 0.01, nullptr),
              GROKLAB_INVALID_ARGUMENT, "peak is null");
  CHECK_FAILS(groklab_engine_measure_peak(nullptr, GROKLAB_FP32, 0.01, &peak),
              GROKLAB_INVALID_HANDLE, "engine handle is null");
}

}  // namespace groklab::test
