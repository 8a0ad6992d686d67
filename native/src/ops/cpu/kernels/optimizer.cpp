// Optimizers over flat buffers, each in one pass: gradient, what is remembered and the weights are
// touched once.
#include <cmath>

#include "ops/cpu/kernels/cpu_ops.h"
#include "ops/cpu/kernels/simd.h"

namespace groklab::cpu::GROKLAB_ISA {

namespace {

/// One replica's step: its flat buffers, of which those that its optimizer lacks are null, and the
/// factors in the precision of the weights.
template <class T>
struct Update {
  std::int64_t size;
  const T* g;
  T* p;
  T* m;
  T* v;
  T* b;
  T scale;  // of the gradient, for clipping
  T rate;
  T weight_decay;
};

/// By torch.nn.utils.clip_grad_norm_; a norm that is no number makes everything so.
double clip_scale(const Optimizer& o, const Vectors<const double>& squares, std::int64_t r) {
  if (!o.clips()) return 1.0;
  const double scale = o.clip_norm / (std::sqrt(*squares.replica(r)) + 1e-6);
  return scale >= 1.0 ? 1.0 : scale;
}

template <class T, bool kDecoupled>
void adam(ThreadTeam& team, const Update<T>& u, const OptimizerStep& s) {
  const Optimizer& o = s.optimizer;
  const auto t = static_cast<double>(s.step);
  const T keep = static_cast<T>(1.0 - s.learning_rate * o.weight_decay);
  const T step_size = static_cast<T>(s.learning_rate / (1.0 - std::pow(o.beta1, t)));
  const T deviation_scale = static_cast<T>(std::sqrt(1.0 - std::pow(o.beta2, t)));
  const T beta1 = static_cast<T>(o.beta1);
  const T beta1_rest = static_cast<T>(1.0 - o.beta1);
  const T beta2 = static_cast<T>(o.beta2);
  const T beta2_rest = static_cast<T>(1.0 - o.beta2);
  const T epsilon = static_cast<T>(o.epsilon);
  const T scale = u.scale;
  const T decay = u.weight_decay;
  const T* const __restrict g = u.g;
  T* const __restrict p = u.p;
  T* const __restrict m = u.m;
  T* const __restrict v = u.v;
  team.for_ranges(u.size, 12, kLanes<T>, [=](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t i = begin; i < end; ++i) {
      T gradient = g[i] * scale;
      if constexpr (!kDecoupled) gradient += decay * p[i];
      const T mean = m[i] * beta1 + gradient * beta1_rest;
      const T square = v[i] * beta2 + (gradient * gradient) * beta2_rest;
      m[i] = mean;
      v[i] = square;
      const T denominator = std::sqrt(square) / deviation_scale + epsilon;
      const T kept = kDecoupled ? p[i] * keep : p[i];
      p[i] = kept - step_size * (mean / denominator);
    }
  });
}

template <class T, bool kMomentum>
void sgd(ThreadTeam& team, const Update<T>& u, const Optimizer& o) {
  const T momentum = static_cast<T>(o.momentum);
  const T scale = u.scale;
  const T rate = u.rate;
  const T decay = u.weight_decay;
  const bool looks_ahead = o.nesterov;
  const T* const __restrict g = u.g;
  T* const __restrict p = u.p;
  T* const __restrict b = u.b;
  team.for_ranges(u.size, 6, kLanes<T>, [=](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t i = begin; i < end; ++i) {
      T update = g[i] * scale + decay * p[i];
      if constexpr (kMomentum) {
        const T sum = b[i] * momentum + update;
        b[i] = sum;
        update = looks_ahead ? update + momentum * sum : sum;
      }
      p[i] -= rate * update;
    }
  });
}

template <class T, bool kCentered, bool kMomentum>
void rmsprop(ThreadTeam& team, const Update<T>& u, const Optimizer& o) {
  const T alpha = static_cast<T>(o.alpha);
  const T alpha_rest = static_cast<T>(1.0 - o.alpha);
  const T momentum = static_cast<T>(o.momentum);
  const T epsilon = static_cast<T>(o.epsilon);
  const T scale = u.scale;
  const T rate = u.rate;
  const T decay = u.weight_decay;
  const T* const __restrict g = u.g;
  T* const __restrict p = u.p;
  T* const __restrict m = u.m;
  T* const __restrict v = u.v;
  T* const __restrict b = u.b;
  team.for_ranges(u.size, 12, kLanes<T>, [=](std::int64_t begin, std::int64_t end, int) {
    for (std::int64_t i = begin; i < end; ++i) {
      const T gradient = g[i] * scale + decay * p[i];
      const T square = v[i] * alpha + (gradient * gradient) * alpha_rest;
      v[i] = square;
      T variance = square;
      if constexpr (kCentered) {
        const T mean = m[i] * alpha + gradient * alpha_rest;
        m[i] = mean;
        variance = square - mean * mean;
        variance = variance < 0 ? T{0} : variance;
      }
      T update = gradient / (std::sqrt(variance) + epsilon);
      if constexpr (kMomentum) {
        update = b[i] * momentum + update;
        b[i] = update;
      }
      p[i] -= rate * update;
    }
  });
}

template <class T>
void step_replica(ThreadTeam& team, const Update<T>& u, const OptimizerStep& s) {
  const Optimizer& o = s.optimizer;
  switch (o.kind) {
    case OptimizerKind::kAdamW:
      return adam<T, true>(team, u, s);
    case OptimizerKind::kAdam:
      return adam<T, false>(team, u, s);
    case OptimizerKind::kSgd:
      return o.has_momentum() ? sgd<T, true>(team, u, o) : sgd<T, false>(team, u, o);
    case OptimizerKind::kRmsProp:
      if (o.centered) {
        return o.has_momentum() ? rmsprop<T, true, true>(team, u, o)
                                : rmsprop<T, true, false>(team, u, o);
      }
      return o.has_momentum() ? rmsprop<T, false, true>(team, u, o)
                              : rmsprop<T, false, false>(team, u, o);
  }
}

}  // namespace

template <class T>
void CpuOps<T>::optimizer_step(Vectors<const OptimizerStep> steps, Vectors<const T> gradients,
                               Vectors<const double> squares, Vectors<T> values,
                               const OptimizerState<T>& state) {
  for (std::int64_t r = 0; r < values.replicas; ++r) {
    const OptimizerStep s = *steps.replica(r);
    const Optimizer& o = s.optimizer;
    Update<T> u{};
    u.size = values.size;
    u.g = gradients.replica(r);
    u.p = values.replica(r);
    if (o.has_first_moments()) u.m = state.first_moments.replica(r);
    if (o.has_second_moments()) u.v = state.second_moments.replica(r);
    if (o.has_momentum()) u.b = state.momentum.replica(r);
    u.scale = static_cast<T>(clip_scale(o, squares, r));
    u.rate = static_cast<T>(s.learning_rate);
    u.weight_decay = static_cast<T>(o.weight_decay);
    step_replica(team_, u, s);
  }
}

template <class T>
void CpuOps<T>::sum_of_squares(Vectors<const T> x, Vectors<double> out) {
  for (std::int64_t r = 0; r < x.replicas; ++r) {
    const T* from = x.replica(r);
    // Lanes of fixed number, so that the order is the same on one thread and on many: one thread.
    double sums[8] = {};
    for (std::int64_t i = 0; i < x.size; ++i) {
      const auto value = static_cast<double>(from[i]);
      sums[i % 8] += value * value;
    }
    double total = 0;
    for (const double sum : sums) total += sum;
    *out.replica(r) = total;
  }
}

template void CpuOps<float>::optimizer_step(Vectors<const OptimizerStep>, Vectors<const float>,
                                            Vectors<const double>, Vectors<float>,
                                            const OptimizerState<float>&);
template void CpuOps<double>::optimizer_step(Vectors<const OptimizerStep>, Vectors<const double>,
                                             Vectors<const double>, Vectors<double>,
                                             const OptimizerState<double>&);
template void CpuOps<float>::sum_of_squares(Vectors<const float>, Vectors<double>);
template void CpuOps<double>::sum_of_squares(Vectors<const double>, Vectors<double>);

}  // namespace groklab::cpu::GROKLAB_ISA
