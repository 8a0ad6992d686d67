// What the library says of a GPU that it cannot use, or that fails: one test a process, since a
// process looks for the plugin once. CMakeLists.txt makes the circumstances, by the environment;
// EXPECTED has the parts of the sentence that they should give, with a | between.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "abi_test/expect.h"

namespace groklab::test {
namespace {

std::vector<std::string> expected_parts() {
  const char* const value = std::getenv("EXPECTED");
  if (value == nullptr) throw std::runtime_error("EXPECTED is not set");
  std::vector<std::string> parts(1);
  for (const char* c = value; *c != '\0'; ++c) {
    if (*c == '|') {
      parts.emplace_back();
    } else {
      parts.back() += *c;
    }
  }
  return parts;
}

void check_says(const std::string& sentence, const std::string& part) {
  if (sentence.find(part) != std::string::npos) return;
  fail(__FILE__, __LINE__, "\"" + sentence + "\" does not say \"" + part + '"');
}

groklab_backend_info cuda_status() {
  const uint32_t count = groklab_backend_count();
  for (uint32_t i = 0; i < count; ++i) {
    groklab_backend_info info{};
    info.struct_size = sizeof info;
    expect_ok(groklab_backend_query(i, &info));
    if (info.backend == GROKLAB_BACKEND_CUDA) return info;
  }
  throw std::runtime_error("the library does not know of CUDA");
}

groklab_status create(uint32_t backend, EngineHandle& engine) {
  groklab_engine_options options{};
  options.struct_size = sizeof options;
  options.backend = backend;
  groklab_engine* created = nullptr;
  const groklab_status status = groklab_engine_create(&options, &created);
  engine.reset(created);
  return status;
}

groklab_engine_info query(const EngineHandle& engine) {
  groklab_engine_info info{};
  info.struct_size = sizeof info;
  expect_ok(groklab_engine_query(engine.get(), &info));
  return info;
}

/// Whoever asks for CUDA is refused in these words; AUTO takes the CPU and repeats them.
void check_refused_with(const std::string& words) {
  EngineHandle engine;
  CHECK_FAILS(create(GROKLAB_BACKEND_CUDA, engine), GROKLAB_BACKEND_UNAVAILABLE,
              "backend \"cuda\" cannot be used: " + words);
  CHECK(engine == nullptr);
  CHECK_OK(create(GROKLAB_BACKEND_AUTO, engine));
  CHECK_EQUAL(query(engine).backend, uint32_t{GROKLAB_BACKEND_CPU});
  CHECK_EQUAL(std::string(query(engine).notice), "no GPU is used: " + words);
}

/// A trainer with all rows of its table as the batch of one step.
void train_one_step(Trainer& trainer) {
  std::vector<int32_t> rows(static_cast<std::size_t>(trainer.table_rows()));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<int32_t>(i);
  Steps steps(trainer.replicas(), 1, trainer.table_rows());
  steps.set(0, 0, rows, 1e-3);
  trainer.run(steps);
}

Setup setup() {
  Setup setup;
  setup.replicas = {Replica{}};
  return setup;
}

/// The message of the AbiError that f throws, which has this status.
template <class F>
std::string message_of(groklab_status status, F&& f) {
  try {
    f();
  } catch (const AbiError& error) {
    CHECK_EQUAL(error.status(), status);
    return error.what();
  }
  fail(__FILE__, __LINE__, "nothing failed");
  return "";
}

}  // namespace

/// Only where the system's loader would not find cuBLASLt by itself.
TEST(missing_cublaslt) {
  if (dlopen("libcublasLt.so.13", RTLD_LAZY) != nullptr) {
    std::puts("skipped: the loader finds a cuBLASLt here");
    std::fflush(stdout);
    std::_Exit(77);
  }
  const std::string words = cuda_status().detail;
  for (const std::string& part : expected_parts()) check_says(words, part);
  check_refused_with(words);
}

TEST(refused) {
  const groklab_backend_info status = cuda_status();
  CHECK_EQUAL(status.usable, 0u);
  for (const std::string& part : expected_parts()) check_says(status.detail, part);
  // The reason stays whole where a C string of the ABI holds it.
  CHECK(std::string_view(status.detail).size() + 1 < sizeof status.detail);
  CHECK_EQUAL(std::string(cuda_status().detail), std::string(status.detail));
  check_refused_with(status.detail);
}

/// Whatever this machine is: what is said of it is so.
TEST(this_machine) {
  const groklab_backend_info status = cuda_status();
  if (status.usable == 0) {
    check_refused_with(status.detail);
    const std::string words = status.detail;
    const bool known = words.find("NVIDIA driver") != std::string::npos ||
                       words.find("compute capability") != std::string::npos ||
                       words.find("gives this process no context") != std::string::npos;
    if (!known) fail(__FILE__, __LINE__, "a reason that no machine should give: " + words);
    return;
  }
  EngineHandle engine;
  CHECK_OK(create(GROKLAB_BACKEND_CUDA, engine));
  CHECK_EQUAL(std::string(query(engine).backend_name), "cuda");
}

TEST(accepted) {
  const groklab_backend_info status = cuda_status();
  CHECK_EQUAL(status.usable, 1u);
  for (const std::string& part : expected_parts()) check_says(status.detail, part);
  for (const uint32_t backend : {GROKLAB_BACKEND_CUDA, GROKLAB_BACKEND_AUTO}) {
    EngineHandle engine;
    CHECK_OK(create(backend, engine));
    const groklab_engine_info info = query(engine);
    CHECK_EQUAL(info.backend, uint32_t{GROKLAB_BACKEND_CUDA});
    CHECK_EQUAL(std::string(info.notice), "");
    check_says(info.instruction_set, "sm_");
    CHECK_EQUAL(std::string(info.instruction_set).ends_with(", TF32"),
                std::getenv("GROKLAB_TF32") != nullptr);
    const bool cudnn = std::string_view(status.detail).find(", cuDNN 9.") != std::string_view::npos;
    CHECK_EQUAL(std::string_view(info.instruction_set).find(", cuDNN 9.") != std::string_view::npos,
                cudnn && std::getenv("GROKLAB_CUDNN") == nullptr);
    check_says(status.detail, info.device);
  }
}

/// A setting with a mistake is no reason to take the CPU in silence.
TEST(wrong_setting) {
  EngineHandle engine;
  for (const uint32_t backend : {GROKLAB_BACKEND_CUDA, GROKLAB_BACKEND_AUTO}) {
    for (const std::string& part : expected_parts()) {
      CHECK_FAILS(create(backend, engine), GROKLAB_INVALID_ARGUMENT, part);
    }
  }
}

TEST(memory_runs_out) {
  EngineHandle engine;
  expect_ok(create(GROKLAB_BACKEND_CUDA, engine));
  Setup large = setup();
  large.width = 300;
  const std::string message =
      message_of(GROKLAB_OUT_OF_MEMORY, [&] { Trainer trainer(engine.get(), large); });
  for (const std::string& part : expected_parts()) check_says(message, part);

  std::vector<float> x(1 << 20);
  groklab_op_activation gelu{};
  gelu.struct_size = sizeof gelu;
  gelu.precision = GROKLAB_FP32;
  gelu.replicas = 1;
  gelu.rows = 1 << 10;
  gelu.width = 1 << 10;
  gelu.x = x.data();
  gelu.y = x.data();
  CHECK_FAILS(groklab_op_gelu_forward(engine.get(), &gelu), GROKLAB_OUT_OF_MEMORY,
              "4194304 bytes are needed, ");

  // The engine is as good as before.
  Trainer trainer(engine.get(), setup());
  trainer.initialize(0, 1);
  train_one_step(trainer);
}

/// In cuDNN's kernel, not in one of ours.
TEST(the_convolution_fails) {
  EngineHandle engine;
  expect_ok(create(GROKLAB_BACKEND_CUDA, engine));
  std::vector<float> x(16, 1);
  std::vector<float> weight(9, 1);
  groklab_op_convolution op{};
  op.struct_size = sizeof op;
  op.precision = GROKLAB_FP32;
  op.replicas = 1;
  op.rows = 1;
  op.channels = 1;
  op.height = 4;
  op.width = 4;
  op.out_channels = 1;
  op.kernel = 3;
  op.x = x.data();
  op.weight = weight.data();
  op.y = x.data();
  CHECK_FAILS(groklab_op_convolution_forward(engine.get(), &op), GROKLAB_DEVICE_ERROR,
              expected_parts()[0]);
  check_says(cuda_status().detail, "this process cannot use the GPU any more");
}

TEST(the_gpu_fails) {
  EngineHandle engine;
  expect_ok(create(GROKLAB_BACKEND_CUDA, engine));
  const std::string parts = expected_parts()[0];
  {
    Trainer trainer(engine.get(), setup());
    std::string first;
    first = message_of(GROKLAB_DEVICE_ERROR, [&] {
      trainer.initialize(0, 1);
      for (int step = 0; step < 1000; ++step) train_one_step(trainer);
    });
    check_says(first, parts);
    check_says(first, "this process cannot use the GPU any more");
    const std::string again = message_of(GROKLAB_DEVICE_ERROR, [&] { train_one_step(trainer); });
    check_says(again, "this trainer is unusable since its device failed: ");
    check_says(message_of(GROKLAB_DEVICE_ERROR, [&] { Trainer other(engine.get(), setup()); }),
               parts);
  }
  // The trainer is gone without a fault; a second engine fares no better; the CPU does.
  CHECK_EQUAL(cuda_status().usable, 0u);
  check_says(cuda_status().detail, parts);
  check_refused_with(cuda_status().detail);
  EngineHandle cpu;
  expect_ok(create(GROKLAB_BACKEND_AUTO, cpu));
  Trainer trainer(cpu.get(), setup());
  trainer.initialize(0, 1);
  train_one_step(trainer);
}

}  // namespace groklab::test
