// Exact GELU (Hendrycks & Gimpel, "Gaussian error linear units", 2016), row by row.
#include "ops/cpu/kernels/cpu_ops.h"
#include "ops/cpu/kernels/math.h"

namespace groklab::cpu::GROKLAB_ISA {

namespace {
constexpr std::int64_t kCost = 40;  // arithmetic operations per element
}

template <class T>
void CpuOps<T>::gelu_forward(Matrices<const T> x, Matrices<T> y) {
  for (std::int64_t r = 0; r < y.replicas; ++r) {
    team_.for_ranges(y.rows, y.cols * kCost, 1,
                     [&](std::int64_t begin, std::int64_t end, int /*part*/) {
                       for (std::int64_t i = begin; i < end; ++i) {
                         const T* from = x.row(r, i);
                         T* to = y.row(r, i);
                         for_vectors<T>(y.cols, [&](std::int64_t j, std::int64_t lanes) {
                           const Vec<T> v = load_lanes(from + j, lanes);
                           store_lanes(to + j, v * normal<T>(v).distribution, lanes);
                         });
                       }
                     });
  }
}

template <class T>
void CpuOps<T>::gelu_backward(Matrices<const T> x, Matrices<const T> dy, Matrices<T> dx) {
  for (std::int64_t r = 0; r < dx.replicas; ++r) {
    team_.for_ranges(dx.rows, dx.cols * kCost, 1,
                     [&](std::int64_t begin, std::int64_t end, int /*part*/) {
                       for (std::int64_t i = begin; i < end; ++i) {
                         const T* from = x.row(r, i);
                         const T* gradient = dy.row(r, i);
                         T* to = dx.row(r, i);
                         for_vectors<T>(dx.cols, [&](std::int64_t j, std::int64_t lanes) {
                           const Vec<T> v = load_lanes(from + j, lanes);
                           const Normal<T> n = normal<T>(v);
                           const Vec<T> slope = n.distribution + v * n.density;
                           store_lanes(to + j, load_lanes(gradient + j, lanes) * slope, lanes);
                         });
                       }
                     });
  }
}

template void CpuOps<float>::gelu_forward(Matrices<const float>, Matrices<float>);
template void CpuOps<double>::gelu_forward(Matrices<const double>, Matrices<double>);
template void CpuOps<float>::gelu_backward(Matrices<const float>, Matrices<const float>,
                                           Matrices<float>);
template void CpuOps<double>::gelu_backward(Matrices<const double>, Matrices<const double>,
                                            Matrices<double>);

}  // namespace groklab::cpu::GROKLAB_ISA
