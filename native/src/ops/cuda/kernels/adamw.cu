// AdamW over flat buffers, one pass: gradient, both moments and the weights are touched once.
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/launch.cuh"
#include "ops/cuda/kernels/pack.cuh"

namespace groklab::cuda {

namespace {

constexpr int kThreads = 256;

/// Packs of a thread: a block has one step's factors to compute, which is to be worth it.
constexpr int kPacks = 2;

/// What a replica's step comes to, in the precision of its weights.
template <class T>
struct Factors {
  T keep;
  T step_size;
  T deviation_scale;
  T beta1;
  T beta1_rest;
  T beta2;
  T beta2_rest;
  T epsilon;
};

/// By the first two threads of a block, one for each bias correction: many GPUs are slow in double
/// precision.
template <class T>
__device__ void compute_factors(const AdamWStep& s, Factors<T>& factors) {
  if (threadIdx.x >= 2) return;
  const bool first = threadIdx.x == 0;
  const double beta = first ? s.beta1 : s.beta2;
  const double correction = 1.0 - pow(beta, static_cast<double>(s.step));
  if (first) {
    factors.keep = static_cast<T>(1.0 - s.learning_rate * s.weight_decay);
    factors.step_size = static_cast<T>(s.learning_rate / correction);
    factors.beta1 = static_cast<T>(beta);
    factors.beta1_rest = static_cast<T>(1.0 - beta);
    factors.epsilon = static_cast<T>(s.epsilon);
  } else {
    factors.deviation_scale = static_cast<T>(sqrt(correction));
    factors.beta2 = static_cast<T>(beta);
    factors.beta2_rest = static_cast<T>(1.0 - beta);
  }
}

template <class T>
__global__ void __launch_bounds__(kThreads, kAnyOccupancy)
    adamw_step(Vectors<const AdamWStep> steps, Vectors<const T> gradients, Vectors<T> values,
               Vectors<T> first_moments, Vectors<T> second_moments, bool aligned) {
  constexpr int kWidth = kPieceSize<T>;
  __shared__ Factors<T> shared_factors;
  const std::int64_t r = block_replica();
  if (r >= values.replicas) return;
  const std::int64_t size = values.size;
  const std::int64_t begin =
      (static_cast<std::int64_t>(blockIdx.x) * kPacks * kThreads + threadIdx.x) * kWidth;
  constexpr int kStep = kThreads * kWidth;

  // The loads first: they are under way while the factors are computed.
  Pack<T> g[kPacks];
  Pack<T> p[kPacks];
  Pack<T> m[kPacks];
  Pack<T> v[kPacks];
#pragma unroll
  for (int a = 0; a < kPacks; ++a) {
    const std::int64_t i = begin + a * kStep;
    g[a] = load_pack(gradients.replica(r), i, size, aligned);
    p[a] = load_pack(values.replica(r), i, size, aligned);
    m[a] = load_pack(first_moments.replica(r), i, size, aligned);
    v[a] = load_pack(second_moments.replica(r), i, size, aligned);
  }
  compute_factors(*steps.replica(r), shared_factors);
  __syncthreads();
  const Factors<T> f = shared_factors;
#pragma unroll
  for (int a = 0; a < kPacks; ++a) {
    const std::int64_t i = begin + a * kStep;
#pragma unroll
    for (int k = 0; k < kWidth; ++k) {
      const T gradient = g[a][k];
      m[a][k] = m[a][k] * f.beta1 + gradient * f.beta1_rest;
      v[a][k] = v[a][k] * f.beta2 + (gradient * gradient) * f.beta2_rest;
      const T denominator = sqrt(v[a][k]) / f.deviation_scale + f.epsilon;
      p[a][k] = p[a][k] * f.keep - f.step_size * (m[a][k] / denominator);
    }
    store_pack(p[a], values.replica(r), i, size, aligned);
    store_pack(m[a], first_moments.replica(r), i, size, aligned);
    store_pack(v[a], second_moments.replica(r), i, size, aligned);
  }
}

}  // namespace

template <class T>
void CudaOps<T>::adamw(Vectors<const AdamWStep> steps, Vectors<const T> gradients,
                       Vectors<T> values, Vectors<T> first_moments, Vectors<T> second_moments) {
  if (values.replicas <= 0 || values.size <= 0) return;
  const std::int64_t blocks = divide_up(values.size, kThreads * kPacks * kPieceSize<T>);
  adamw_step<<<replica_grid(blocks, values.replicas), kThreads, 0, stream_>>>(
      steps, gradients, values, first_moments, second_moments,
      all_aligned(gradients, values, first_moments, second_moments));
  check_launch("adamw");
}

template void CudaOps<float>::adamw(Vectors<const AdamWStep>, Vectors<const float>, Vectors<float>,
                                    Vectors<float>, Vectors<float>);
template void CudaOps<double>::adamw(Vectors<const AdamWStep>, Vectors<const double>,
                                     Vectors<double>, Vectors<double>, Vectors<double>);

}  // namespace groklab::cuda
