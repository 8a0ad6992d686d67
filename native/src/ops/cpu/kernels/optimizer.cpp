// AdamW over flat buffers, one pass: gradient, both moments and the weights are touched once.
#include <cmath>

#include "ops/cpu/kernels/cpu_ops.h"
#include "ops/cpu/kernels/simd.h"

namespace groklab::cpu::GROKLAB_ISA {

template <class T>
void CpuOps<T>::adamw(Vectors<const AdamWStep> steps, Vectors<const T> gradients, Vectors<T> values,
                      Vectors<T> first_moments, Vectors<T> second_moments) {
  for (std::int64_t r = 0; r < values.replicas; ++r) {
    const AdamWStep s = *steps.replica(r);
    const auto t = static_cast<double>(s.step);
    const double correction1 = 1.0 - std::pow(s.beta1, t);
    const double correction2 = 1.0 - std::pow(s.beta2, t);
    const T keep = static_cast<T>(1.0 - s.learning_rate * s.weight_decay);
    const T step_size = static_cast<T>(s.learning_rate / correction1);
    const T deviation_scale = static_cast<T>(std::sqrt(correction2));
    const T beta1 = static_cast<T>(s.beta1);
    const T beta1_rest = static_cast<T>(1.0 - s.beta1);
    const T beta2 = static_cast<T>(s.beta2);
    const T beta2_rest = static_cast<T>(1.0 - s.beta2);
    const T epsilon = static_cast<T>(s.epsilon);
    const T* const __restrict g = gradients.replica(r);
    T* const __restrict p = values.replica(r);
    T* const __restrict m = first_moments.replica(r);
    T* const __restrict v = second_moments.replica(r);
    team_.for_ranges(values.size, 12, kLanes<T>, [=](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t i = begin; i < end; ++i) {
        const T mean = m[i] * beta1 + g[i] * beta1_rest;
        const T square = v[i] * beta2 + (g[i] * g[i]) * beta2_rest;
        m[i] = mean;
        v[i] = square;
        const T denominator = std::sqrt(square) / deviation_scale + epsilon;
        p[i] = p[i] * keep - step_size * (mean / denominator);
      }
    });
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

template void CpuOps<float>::adamw(Vectors<const AdamWStep>, Vectors<const float>, Vectors<float>,
                                   Vectors<float>, Vectors<float>);
template void CpuOps<double>::adamw(Vectors<const AdamWStep>, Vectors<const double>,
                                    Vectors<double>, Vectors<double>, Vectors<double>);
template void CpuOps<float>::sum_of_squares(Vectors<const float>, Vectors<double>);
template void CpuOps<double>::sum_of_squares(Vectors<const double>, Vectors<double>);

}  // namespace groklab::cpu::GROKLAB_ISA
