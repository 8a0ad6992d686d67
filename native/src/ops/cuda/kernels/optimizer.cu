// One step of any optimizer over flat buffers, in one pass: the gradient, the weights and what the
// replica's optimizer remembers of them are touched once.
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
  T clip;  ///< of the gradient
  T decay;
  T keep;
  T step_size;
  T deviation_scale;
  T beta1;
  T beta1_rest;
  T beta2;
  T beta2_rest;
  T momentum;
  T epsilon;
};

/// By the first two threads of a block, one for each bias correction: many GPUs are slow in double
/// precision. RMSprop's α is both β, without corrections.
template <class T>
__device__ void compute_factors(const OptimizerStep& s, Factors<T>& factors) {
  if (threadIdx.x >= 2) return;
  const Optimizer& o = s.optimizer;
  const bool first = threadIdx.x == 0;
  double beta = o.alpha;
  double correction = 1.0;
  if (o.is_adam()) {
    beta = first ? o.beta1 : o.beta2;
    correction = 1.0 - pow(beta, static_cast<double>(s.step));
  }
  if (first) {
    factors.decay = static_cast<T>(o.weight_decay);
    const bool decoupled = o.kind == OptimizerKind::kAdamW;
    factors.keep = static_cast<T>(decoupled ? 1.0 - s.learning_rate * o.weight_decay : 1.0);
    factors.step_size = static_cast<T>(s.learning_rate / correction);
    factors.beta1 = static_cast<T>(beta);
    factors.beta1_rest = static_cast<T>(1.0 - beta);
    factors.momentum = static_cast<T>(o.momentum);
    factors.epsilon = static_cast<T>(o.epsilon);
  } else {
    factors.deviation_scale = static_cast<T>(sqrt(correction));
    factors.beta2 = static_cast<T>(beta);
    factors.beta2_rest = static_cast<T>(1.0 - beta);
  }
}

/// By a thread of another warp, at the same time. Replicas that do not clip may have no squares.
template <class T>
__device__ void compute_clip(const Optimizer& o, const Vectors<const double>& squares,
                             std::int64_t r, Factors<T>& factors) {
  if (threadIdx.x != kWarpSize) return;
  double clip = 1.0;
  if (o.clips()) clip = o.clip_norm / (sqrt(*squares.replica(r)) + 1e-6);
  factors.clip = static_cast<T>(clip > 1.0 ? 1.0 : clip);  // NaN stays NaN
}

/// What a thread has under way. What the optimizer does not remember is 0, and is not stored.
template <class T>
struct Elements {
  Pack<T> gradient;
  Pack<T> value;
  Pack<T> first_moment;
  Pack<T> second_moment;
  Pack<T> momentum;
};

/// The formulas of ops.h; where two products are added, `fma` says which of them is rounded.
/// Without momentum μ and b are 0, so that b becomes the update itself.
template <OptimizerKind kind, class T>
__device__ void update(const Optimizer& o, const Factors<T>& f, Elements<T>& e) {
#pragma unroll
  for (int k = 0; k < kPieceSize<T>; ++k) {
    T& p = e.value[k];
    T& m = e.first_moment[k];
    T& v = e.second_moment[k];
    T& b = e.momentum[k];
    T gradient = e.gradient[k] * f.clip;
    if constexpr (kind != OptimizerKind::kAdamW) gradient = fma(f.decay, p, gradient);
    if constexpr (kind == OptimizerKind::kSgd) {
      b = f.momentum * b + gradient;
      p -= f.step_size * (o.nesterov ? f.momentum * b + gradient : b);
      continue;
    }
    m = fma(gradient, f.beta1_rest, m * f.beta1);
    v = fma(gradient * gradient, f.beta2_rest, v * f.beta2);
    if constexpr (kind == OptimizerKind::kRmsProp) {
      T variance = o.centered ? v - m * m : v;
      if (variance < T{0}) variance = T{0};  // NaN stays NaN
      b = f.momentum * b + gradient / (sqrt(variance) + f.epsilon);
      p -= f.step_size * b;
    } else {
      const T denominator = sqrt(v) / f.deviation_scale + f.epsilon;
      p = fma(-f.step_size, m / denominator, p * f.keep);
    }
  }
}

/// A block's replica has one kind of optimizer, so all of its threads go the same way.
template <class T>
__global__ void __launch_bounds__(kThreads, kAnyOccupancy)
    step_of_optimizer(Vectors<const OptimizerStep> steps, Vectors<const T> gradients,
                      Vectors<const double> squares, Vectors<T> values,
                      const OptimizerState<T> state, bool aligned) {
  constexpr int kWidth = kPieceSize<T>;
  __shared__ Factors<T> shared_factors;
  const std::int64_t r = block_replica();
  if (r >= values.replicas) return;
  const OptimizerStep& step = *steps.replica(r);
  const Optimizer o = step.optimizer;  // a copy, which no store can change
  const std::int64_t size = values.size;
  const std::int64_t begin =
      (static_cast<std::int64_t>(blockIdx.x) * kPacks * kThreads + threadIdx.x) * kWidth;
  constexpr int kStep = kThreads * kWidth;

  // The loads first: they are under way while the factors are computed.
  Elements<T> elements[kPacks] = {};
  const auto load = [&](const auto& buffer, Pack<T> Elements<T>::*pack) {
#pragma unroll
    for (int a = 0; a < kPacks; ++a) {
      elements[a].*pack = load_pack<T>(buffer.replica(r), begin + a * kStep, size, aligned);
    }
  };
  load(gradients, &Elements<T>::gradient);
  load(values, &Elements<T>::value);
  if (o.has_first_moments()) load(state.first_moments, &Elements<T>::first_moment);
  if (o.has_second_moments()) load(state.second_moments, &Elements<T>::second_moment);
  if (o.has_momentum()) load(state.momentum, &Elements<T>::momentum);
  compute_factors(step, shared_factors);
  compute_clip(o, squares, r, shared_factors);
  __syncthreads();
  const Factors<T> f = shared_factors;

#pragma unroll
  for (int a = 0; a < kPacks; ++a) {
    switch (o.kind) {
      case OptimizerKind::kAdamW:
        update<OptimizerKind::kAdamW>(o, f, elements[a]);
        break;
      case OptimizerKind::kAdam:
        update<OptimizerKind::kAdam>(o, f, elements[a]);
        break;
      case OptimizerKind::kSgd:
        update<OptimizerKind::kSgd>(o, f, elements[a]);
        break;
      case OptimizerKind::kRmsProp:
        update<OptimizerKind::kRmsProp>(o, f, elements[a]);
        break;
    }
  }
  const auto store = [&](const Vectors<T>& buffer, Pack<T> Elements<T>::*pack) {
#pragma unroll
    for (int a = 0; a < kPacks; ++a) {
      store_pack(elements[a].*pack, buffer.replica(r), begin + a * kStep, size, aligned);
    }
  };
  store(values, &Elements<T>::value);
  if (o.has_first_moments()) store(state.first_moments, &Elements<T>::first_moment);
  if (o.has_second_moments()) store(state.second_moments, &Elements<T>::second_moment);
  if (o.has_momentum()) store(state.momentum, &Elements<T>::momentum);
}

}  // namespace

template <class T>
void CudaOps<T>::optimizer_step(Vectors<const OptimizerStep> steps, Vectors<const T> gradients,
                                Vectors<const double> squares, Vectors<T> values,
                                const OptimizerState<T>& state) {
  if (values.replicas <= 0 || values.size <= 0) return;
  const std::int64_t blocks = divide_up(values.size, kThreads * kPacks * kPieceSize<T>);
  step_of_optimizer<<<replica_grid(blocks, values.replicas), kThreads, 0, stream_>>>(
      steps, gradients, squares, values, state,
      all_aligned(gradients, values, state.first_moments, state.second_moments, state.momentum));
  check_launch("optimizer_step");
}

template void CudaOps<float>::optimizer_step(Vectors<const OptimizerStep>, Vectors<const float>,
                                             Vectors<const double>, Vectors<float>,
                                             const OptimizerState<float>&);
template void CudaOps<double>::optimizer_step(Vectors<const OptimizerStep>, Vectors<const double>,
                                              Vectors<const double>, Vectors<double>,
                                              const OptimizerState<double>&);

}  // namespace groklab::cuda
