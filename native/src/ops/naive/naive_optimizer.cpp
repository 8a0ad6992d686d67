// Optimizers, element by element, as the formulas in ops.h say.
#include <cmath>

#include "ops/naive/naive_ops.h"

namespace groklab::naive {
namespace {

using Index = std::int64_t;

/// What one element of a replica has: its weight, gradient, and what its optimizer remembers.
struct Element {
  double p;
  double g;
  double m = 0;
  double v = 0;
  double b = 0;
};

void adam(const OptimizerStep& s, Element& e) {
  const Optimizer& o = s.optimizer;
  if (o.kind == OptimizerKind::kAdamW) {
    e.p *= 1.0 - s.learning_rate * o.weight_decay;
  } else {
    e.g += o.weight_decay * e.p;
  }
  const double correction1 = 1.0 - std::pow(o.beta1, static_cast<double>(s.step));
  const double correction2 = 1.0 - std::pow(o.beta2, static_cast<double>(s.step));
  e.m = o.beta1 * e.m + (1.0 - o.beta1) * e.g;
  e.v = o.beta2 * e.v + (1.0 - o.beta2) * e.g * e.g;
  e.p -=
      s.learning_rate / correction1 * e.m / (std::sqrt(e.v) / std::sqrt(correction2) + o.epsilon);
}

void sgd(const OptimizerStep& s, Element& e) {
  const Optimizer& o = s.optimizer;
  e.g += o.weight_decay * e.p;
  if (o.momentum > 0) {
    e.b = o.momentum * e.b + e.g;
    e.g = o.nesterov ? e.g + o.momentum * e.b : e.b;
  }
  e.p -= s.learning_rate * e.g;
}

void rmsprop(const OptimizerStep& s, Element& e) {
  const Optimizer& o = s.optimizer;
  e.g += o.weight_decay * e.p;
  e.v = o.alpha * e.v + (1.0 - o.alpha) * e.g * e.g;
  double variance = e.v;
  if (o.centered) {
    e.m = o.alpha * e.m + (1.0 - o.alpha) * e.g;
    variance = e.v - e.m * e.m;
    if (variance < 0) variance = 0;
  }
  const double update = e.g / (std::sqrt(variance) + o.epsilon);
  if (o.momentum > 0) {
    e.b = o.momentum * e.b + update;
    e.p -= s.learning_rate * e.b;
  } else {
    e.p -= s.learning_rate * update;
  }
}

}  // namespace

template <class T>
void NaiveOps<T>::optimizer_step(Vectors<const OptimizerStep> steps, Vectors<const T> gradients,
                                 Vectors<const double> squares, Vectors<T> values,
                                 const OptimizerState<T>& state) {
  for (Index r = 0; r < values.replicas; ++r) {
    const OptimizerStep& s = *steps.replica(r);
    const Optimizer& o = s.optimizer;
    double scale = 1.0;
    if (o.clips()) scale = o.clip_norm / (std::sqrt(*squares.replica(r)) + 1e-6);
    if (scale > 1.0) scale = 1.0;  // NaN stays
    for (Index i = 0; i < values.size; ++i) {
      Element e{static_cast<double>(values.replica(r)[i]),
                scale * static_cast<double>(gradients.replica(r)[i])};
      if (o.has_first_moments()) e.m = static_cast<double>(state.first_moments.replica(r)[i]);
      if (o.has_second_moments()) e.v = static_cast<double>(state.second_moments.replica(r)[i]);
      if (o.has_momentum()) e.b = static_cast<double>(state.momentum.replica(r)[i]);
      if (o.is_adam()) adam(s, e);
      if (o.kind == OptimizerKind::kSgd) sgd(s, e);
      if (o.kind == OptimizerKind::kRmsProp) rmsprop(s, e);
      values.replica(r)[i] = static_cast<T>(e.p);
      if (o.has_first_moments()) state.first_moments.replica(r)[i] = static_cast<T>(e.m);
      if (o.has_second_moments()) state.second_moments.replica(r)[i] = static_cast<T>(e.v);
      if (o.has_momentum()) state.momentum.replica(r)[i] = static_cast<T>(e.b);
    }
  }
}

template void NaiveOps<float>::optimizer_step(Vectors<const OptimizerStep>, Vectors<const float>,
                                              Vectors<const double>, Vectors<float>,
                                              const OptimizerState<float>&);
template void NaiveOps<double>::optimizer_step(Vectors<const OptimizerStep>, Vectors<const double>,
                                               Vectors<const double>, Vectors<double>,
                                               const OptimizerState<double>&);

}  // namespace groklab::naive
