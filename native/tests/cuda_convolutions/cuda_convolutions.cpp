// What convolutions on a GPU promise beyond their sums, which the op test checks: cuDNN where it is
// wanted and nowhere else, the same bits whatever runs beside, TF32 only where it is asked for.
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "abi_test/expect.h"

namespace groklab::test {
namespace {

constexpr int64_t kImages = 2;
constexpr int64_t kChannels = 4;
constexpr int64_t kExtent = 6;
constexpr int64_t kOutputs = 8;

void set(const char* name, const char* value) {
  if (value == nullptr) {
    unsetenv(name);
  } else {
    setenv(name, value, 1);
  }
}

EngineHandle gpu(const char* cudnn) {
  set("GROKLAB_CUDNN", cudnn);
  EngineHandle engine = open_engine({GROKLAB_BACKEND_CUDA, ""}, 0);
  unsetenv("GROKLAB_CUDNN");
  return engine;
}

std::string instructions(const EngineHandle& engine) {
  groklab_engine_info info{};
  info.struct_size = sizeof info;
  expect_ok(groklab_engine_query(engine.get(), &info));
  return info.instruction_set;
}

/// x, weight and dy of replicas, in fp32, and what a layer makes of them.
struct Layer {
  int64_t replicas;
  int64_t kernel;
  std::vector<float> x, weight, bias, dy;
  std::vector<float> y, dx, dweight, dbias;

  Layer(int64_t replica_count, int64_t extent)
      : replicas(replica_count),
        kernel(extent),
        x(numbers(kImages * kChannels * kExtent * kExtent, 3)),
        weight(numbers(kOutputs * kChannels * kernel * kernel, 7)),
        bias(numbers(kOutputs, 11)),
        dy(numbers(kImages * kOutputs * kExtent * kExtent, 5)),
        y(dy.size()),
        dx(x.size()),
        dweight(weight.size()),
        dbias(bias.size()) {}

  /// Fractions that no sum of two keeps whole.
  [[nodiscard]] std::vector<float> numbers(int64_t size, int64_t seed) const {
    std::vector<float> values(static_cast<std::size_t>(replicas * size));
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = 1.0f / static_cast<float>(i % 997 + static_cast<std::size_t>(seed)) *
                  (i % 3 == 0 ? -1.0f : 1.0f);
    }
    return values;
  }

  /// Forward and backward.
  void run(const EngineHandle& engine) {
    groklab_op_convolution op{};
    op.struct_size = sizeof op;
    op.precision = GROKLAB_FP32;
    op.replicas = replicas;
    op.rows = kImages;
    op.channels = kChannels;
    op.height = kExtent;
    op.width = kExtent;
    op.out_channels = kOutputs;
    op.kernel = kernel;
    op.x = x.data();
    op.weight = weight.data();
    op.bias = bias.data();
    op.y = y.data();
    expect_ok(groklab_op_convolution_forward(engine.get(), &op));
    op.dy = dy.data();
    op.dx = dx.data();
    op.dweight = dweight.data();
    op.dbias = dbias.data();
    expect_ok(groklab_op_convolution_backward(engine.get(), &op));
  }

  /// The results of replica r.
  [[nodiscard]] std::vector<float> results(int64_t r) const {
    std::vector<float> all;
    for (const auto* tensor : {&y, &dx, &dweight, &dbias}) {
      const auto size = static_cast<std::ptrdiff_t>(tensor->size()) / replicas;
      all.insert(all.end(), tensor->begin() + r * size, tensor->begin() + (r + 1) * size);
    }
    return all;
  }
};

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

TEST(cudnn_is_used_where_wanted) {
  CHECK(instructions(gpu("1")).find("cuDNN 9.") != std::string::npos);
  CHECK(instructions(gpu(nullptr)).find("cuDNN 9.") != std::string::npos);
  CHECK_EQUAL(instructions(gpu("0")).find("cuDNN"), std::string::npos);
  // The two round differently, and hardly so.
  Layer by_cudnn(1, 3);
  Layer by_tiles(1, 3);
  by_cudnn.run(gpu("1"));
  by_tiles.run(gpu("0"));
  const std::vector<float> a = by_cudnn.results(0);
  const std::vector<float> b = by_tiles.results(0);
  CHECK(!same_bits(a, b));
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(std::abs(a[i] - b[i]) < 1e-5f);
}

TEST(the_same_bits_alone_and_among_others) {
  const EngineHandle engine = gpu("1");
  // A window that cuDNN leaves to the tiles, on the emulator at least, is among them.
  for (const int64_t kernel : {1, 3, 5, 7}) {
    Layer together(5, kernel);
    together.run(engine);
    for (int64_t r = 0; r < together.replicas; ++r) {
      Layer alone(1, kernel);
      const auto take = [&](std::vector<float>& to, const std::vector<float>& from) {
        const auto size = static_cast<std::ptrdiff_t>(to.size());
        to.assign(from.begin() + r * size, from.begin() + (r + 1) * size);
      };
      take(alone.x, together.x);
      take(alone.weight, together.weight);
      take(alone.bias, together.bias);
      take(alone.dy, together.dy);
      alone.run(engine);
      CHECK(same_bits(alone.results(0), together.results(r)));
    }
    Layer again(5, kernel);
    again.run(engine);
    CHECK(same_bits(again.results(3), together.results(3)));
  }
}

/// TF32 has eleven bits, so it takes 1 + 2^-12 for 1.
TEST(tf32_only_where_asked_for) {
  for (const char* tf32 : {"1", "0", static_cast<const char*>(nullptr)}) {
    set("GROKLAB_TF32", tf32);
    Layer layer(1, 1);
    layer.x.assign(layer.x.size(), 1 + 1.0f / 4096);
    layer.weight.assign(layer.weight.size(), 0);
    for (std::size_t o = 0; o < kOutputs; ++o) layer.weight[o * kChannels] = 1;
    layer.bias.assign(layer.bias.size(), 0);
    layer.run(gpu("1"));
    const bool rounds = tf32 != nullptr && std::string(tf32) == "1";
    CHECK_EQUAL(layer.y[0], rounds ? 1.0f : 1 + 1.0f / 4096);
  }
  unsetenv("GROKLAB_TF32");
}

}  // namespace groklab::test
