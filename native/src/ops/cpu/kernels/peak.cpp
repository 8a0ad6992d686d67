// What a thread reaches at most: multiply-adds that wait for nothing but their own predecessors, and a
// pass over memory that does next to nothing else.
#include "ops/cpu/instruction_sets.h"
#include "ops/cpu/kernels/simd.h"

namespace groklab::cpu {

namespace GROKLAB_ISA {

namespace {

// Independent sums: at least the latency of a multiply-add times the number of them that begin in a
// cycle (4 × 2, or 4 × 4 on some processors with 32 registers), and with their two constants no more
// than there are vector registers.
#if GROKLAB_VECTOR_BYTES == 64 || defined(__aarch64__)
constexpr int kSums = 24;
#else
constexpr int kSums = 12;
#endif

template <class T>
T multiply_add(std::int64_t rounds, T factor, T term) {
  const Vec<T> f = broadcast(factor);
  const Vec<T> t = broadcast(term);
  Vec<T> sums[kSums];
#pragma GCC unroll 24
  for (int i = 0; i < kSums; ++i) sums[i] = broadcast(static_cast<T>(i));
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 24
    for (int i = 0; i < kSums; ++i) sums[i] = sums[i] * f + t;
  }
  Vec<T> total = {};
#pragma GCC unroll 24
  for (int i = 0; i < kSums; ++i) total += sums[i];
  return sum_lanes<T>(total);
}

template <class T>
void add_scaled(T scale, const T* x, T* y, std::int64_t n) {
  const Vec<T> s = broadcast(scale);
  for_vectors<T>(n, [&](std::int64_t i, std::int64_t lanes) {
    store_lanes<T>(y + i, load_lanes(y + i, lanes) + s * load_lanes(x + i, lanes), lanes);
  });
}

}  // namespace

}  // namespace GROKLAB_ISA

template <>
PeakLoops<float> peak_loops<float, InstructionSet::GROKLAB_ISA>() {
  using namespace GROKLAB_ISA;
  return {2.0 * kSums * static_cast<double>(kLanes<float>), multiply_add<float>, add_scaled<float>};
}

template <>
PeakLoops<double> peak_loops<double, InstructionSet::GROKLAB_ISA>() {
  using namespace GROKLAB_ISA;
  return {2.0 * kSums * static_cast<double>(kLanes<double>), multiply_add<double>,
          add_scaled<double>};
}

}  // namespace groklab::cpu
