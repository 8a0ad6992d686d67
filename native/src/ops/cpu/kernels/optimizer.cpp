// Optimizers over flat buffers, each in one pass: gradient, what is remembered and the weights are
// touched once.
#include <cmath>

#include "ops/cpu/kernels/cpu_ops.h"
#include "ops/cpu/kernels/math.h"

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

/// Calls f(i, lanes) for all vectors of a flat buffer, on the team's threads.
template <class T, class F>
void for_flat(ThreadTeam& team, std::int64_t size, std::int64_t cost, F f) {
  team.for_ranges(size, cost, kLanes<T>, [&](std::int64_t begin, std::int64_t end, int) {
    for_vectors<T>(end - begin, [&](std::int64_t i, std::int64_t lanes) { f(begin + i, lanes); });
  });
}

template <class T, bool kDecoupled>
void adam(ThreadTeam& team, const Update<T>& update, const OptimizerStep& s) {
  const Update<T> u = update;
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
  for_flat<T>(team, u.size, 12, [=](std::int64_t i, std::int64_t lanes) {
    Vec<T> gradient = load_lanes(u.g + i, lanes) * u.scale;
    const Vec<T> p = load_lanes(u.p + i, lanes);
    if constexpr (!kDecoupled) gradient += u.weight_decay * p;
    const Vec<T> mean = load_lanes(u.m + i, lanes) * beta1 + gradient * beta1_rest;
    const Vec<T> square = load_lanes(u.v + i, lanes) * beta2 + (gradient * gradient) * beta2_rest;
    store_lanes(u.m + i, mean, lanes);
    store_lanes(u.v + i, square, lanes);
    const Vec<T> denominator = sqrt<T>(square) / deviation_scale + epsilon;
    const Vec<T> kept = kDecoupled ? p * keep : p;
    store_lanes(u.p + i, kept - step_size * (mean / denominator), lanes);
  });
}

template <class T, bool kMomentum>
void sgd(ThreadTeam& team, const Update<T>& update, const Optimizer& o) {
  const Update<T> u = update;
  const T momentum = static_cast<T>(o.momentum);
  const bool looks_ahead = o.nesterov;
  for_flat<T>(team, u.size, 6, [=](std::int64_t i, std::int64_t lanes) {
    const Vec<T> p = load_lanes(u.p + i, lanes);
    Vec<T> change = load_lanes(u.g + i, lanes) * u.scale + u.weight_decay * p;
    if constexpr (kMomentum) {
      const Vec<T> sum = load_lanes(u.b + i, lanes) * momentum + change;
      store_lanes(u.b + i, sum, lanes);
      change = looks_ahead ? change + momentum * sum : sum;
    }
    store_lanes(u.p + i, p - u.rate * change, lanes);
  });
}

template <class T, bool kCentered, bool kMomentum>
void rmsprop(ThreadTeam& team, const Update<T>& update, const Optimizer& o) {
  const Update<T> u = update;
  const T alpha = static_cast<T>(o.alpha);
  const T alpha_rest = static_cast<T>(1.0 - o.alpha);
  const T momentum = static_cast<T>(o.momentum);
  const T epsilon = static_cast<T>(o.epsilon);
  for_flat<T>(team, u.size, 12, [=](std::int64_t i, std::int64_t lanes) {
    const Vec<T> p = load_lanes(u.p + i, lanes);
    const Vec<T> gradient = load_lanes(u.g + i, lanes) * u.scale + u.weight_decay * p;
    const Vec<T> square = load_lanes(u.v + i, lanes) * alpha + (gradient * gradient) * alpha_rest;
    store_lanes(u.v + i, square, lanes);
    Vec<T> variance = square;
    if constexpr (kCentered) {
      const Vec<T> mean = load_lanes(u.m + i, lanes) * alpha + gradient * alpha_rest;
      store_lanes(u.m + i, mean, lanes);
      variance = square - mean * mean;
      variance = variance < T{0} ? Vec<T>{} : variance;
    }
    Vec<T> change = gradient / (sqrt<T>(variance) + epsilon);
    if constexpr (kMomentum) {
      change = load_lanes(u.b + i, lanes) * momentum + change;
      store_lanes(u.b + i, change, lanes);
    }
    store_lanes(u.p + i, p - u.rate * change, lanes);
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
    // Eight sums, whatever the instruction set: the order is the same everywhere, on one thread.
    typedef T Values __attribute__((vector_size(8 * sizeof(T))));
    typedef double Sums __attribute__((vector_size(8 * sizeof(double))));
    Sums sums = {};
    std::int64_t i = 0;
    for (; i + 8 <= x.size; i += 8) {
      Values values;
      std::memcpy(&values, from + i, sizeof values);
      const Sums wide = __builtin_convertvector(values, Sums);
      sums += wide * wide;
    }
    for (; i < x.size; ++i) {
      const auto value = static_cast<double>(from[i]);
      sums[i % 8] += value * value;
    }
    double total = 0;
    for (int lane = 0; lane < 8; ++lane) total += sums[lane];
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
