// What products on a GPU promise beyond their sums, which the op test checks: any number of
// replicas, the same bits whatever runs beside, TF32 only where it is asked for.
#include <cstdlib>
#include <cstring>
#include <vector>

#include "abi_test/expect.h"

namespace groklab::test {
namespace {

EngineHandle gpu() { return open_engine({GROKLAB_BACKEND_CUDA, ""}, 0); }

/// x weightᵀ of replicas of [1, 3] and [2, 3].
std::vector<float> multiply(const EngineHandle& engine, const std::vector<float>& x,
                            const std::vector<float>& weight) {
  constexpr int64_t kIn = 3;
  constexpr int64_t kOut = 2;
  groklab_op_linear op{};
  op.struct_size = sizeof op;
  op.precision = GROKLAB_FP32;
  op.replicas = static_cast<int64_t>(x.size()) / kIn;
  op.rows = 1;
  op.in_features = kIn;
  op.out_features = kOut;
  op.x = x.data();
  op.weight = weight.data();
  std::vector<float> y(static_cast<std::size_t>(op.replicas * kOut));
  op.y = y.data();
  expect_ok(groklab_op_linear_forward(engine.get(), &op));
  return y;
}

}  // namespace

/// More than the grid of a kernel has blocks in one dimension, so more than one call's.
TEST(any_number_of_replicas) {
  constexpr std::size_t kReplicas = 65'537;
  std::vector<float> x(kReplicas * 3);
  std::vector<float> weight(kReplicas * 6);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 1009) / 64;
  for (std::size_t i = 0; i < weight.size(); ++i) weight[i] = static_cast<float>(i % 997) / 64;
  const std::vector<float> y = multiply(gpu(), x, weight);
  std::size_t wrong = 0;
  for (std::size_t r = 0; r < kReplicas; ++r) {
    for (std::size_t o = 0; o < 2; ++o) {
      float sum = 0;  // exact: all terms are small multiples of 2^-12
      for (std::size_t i = 0; i < 3; ++i) sum += x[r * 3 + i] * weight[r * 6 + o * 3 + i];
      if (y[r * 2 + o] != sum) ++wrong;
    }
  }
  CHECK_EQUAL(wrong, 0u);
}

TEST(the_same_bits_alone_and_among_others) {
  const EngineHandle engine = gpu();
  std::vector<float> x(20 * 3);
  std::vector<float> weight(20 * 6);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 1.0f / static_cast<float>(i + 3);
  for (std::size_t i = 0; i < weight.size(); ++i) weight[i] = 1.0f / static_cast<float>(i + 7);
  const std::vector<float> together = multiply(engine, x, weight);
  for (std::ptrdiff_t r = 0; r < 20; ++r) {
    const std::vector<float> alone =
        multiply(engine, {x.begin() + r * 3, x.begin() + (r + 1) * 3},
                 {weight.begin() + r * 6, weight.begin() + (r + 1) * 6});
    CHECK(std::memcmp(alone.data(), together.data() + r * 2, 2 * sizeof(float)) == 0);
  }
}

/// TF32 has eleven bits, so it takes 1 + 2^-12 for 1.
TEST(tf32_only_where_asked_for) {
  const float fine = 1 + 1.0f / 4096;
  const std::vector<float> weight = {1, 0, 0, 0, 1, 0};
  setenv("GROKLAB_TF32", "1", 1);
  CHECK_EQUAL(multiply(gpu(), {fine, 0, 0}, weight)[0], 1.0f);
  for (const char* off : {"0", static_cast<const char*>(nullptr)}) {
    if (off == nullptr) {
      unsetenv("GROKLAB_TF32");
    } else {
      setenv("GROKLAB_TF32", off, 1);
    }
    CHECK_EQUAL(multiply(gpu(), {fine, 0, 0}, weight)[0], fine);
  }
}

}  // namespace groklab::test
