// Activations, row by row: exact GELU (Hendrycks & Gimpel, "Gaussian error linear units", 2016), ReLU.
#include "ops/cpu/kernels/cpu_ops.h"
#include "ops/cpu/kernels/math.h"

namespace groklab::cpu::GROKLAB_ISA {

namespace {

// Arithmetic operations per element.
constexpr std::int64_t kGeluCost = 40;
constexpr std::int64_t kReluCost = 1;

/// y = f(x) for whole vectors.
template <class T, class F>
void map_rows(ThreadTeam& team, Matrices<const T> x, Matrices<T> y, std::int64_t cost, F f) {
  for (std::int64_t r = 0; r < y.replicas; ++r) {
    team.for_ranges(y.rows, y.cols * cost, 1, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t i = begin; i < end; ++i) {
        const T* from = x.row(r, i);
        T* to = y.row(r, i);
        for_vectors<T>(y.cols, [&](std::int64_t j, std::int64_t lanes) {
          store_lanes(to + j, f(load_lanes(from + j, lanes)), lanes);
        });
      }
    });
  }
}

/// dx = f(x, dy) for whole vectors.
template <class T, class F>
void map_rows(ThreadTeam& team, Matrices<const T> x, Matrices<const T> dy, Matrices<T> dx,
              std::int64_t cost, F f) {
  for (std::int64_t r = 0; r < dx.replicas; ++r) {
    team.for_ranges(dx.rows, dx.cols * cost, 1, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t i = begin; i < end; ++i) {
        const T* from = x.row(r, i);
        const T* gradient = dy.row(r, i);
        T* to = dx.row(r, i);
        for_vectors<T>(dx.cols, [&](std::int64_t j, std::int64_t lanes) {
          store_lanes(to + j, f(load_lanes(from + j, lanes), load_lanes(gradient + j, lanes)),
                      lanes);
        });
      }
    });
  }
}

}  // namespace

template <class T>
void CpuOps<T>::gelu_forward(Matrices<const T> x, Matrices<T> y) {
  map_rows<T>(team_, x, y, kGeluCost, [](Vec<T> v) { return v * normal<T>(v).distribution; });
}

template <class T>
void CpuOps<T>::gelu_backward(Matrices<const T> x, Matrices<const T> dy, Matrices<T> dx) {
  map_rows<T>(team_, x, dy, dx, kGeluCost, [](Vec<T> v, Vec<T> gradient) {
    const Normal<T> n = normal<T>(v);
    const Vec<T> slope = n.distribution + v * n.density;
    return gradient * slope;
  });
}

template <class T>
void CpuOps<T>::relu_forward(Matrices<const T> x, Matrices<T> y) {
  map_rows<T>(team_, x, y, kReluCost, [](Vec<T> v) { return v < T{0} ? Vec<T>{} : v; });
}

template <class T>
void CpuOps<T>::relu_backward(Matrices<const T> x, Matrices<const T> dy, Matrices<T> dx) {
  map_rows<T>(team_, x, dy, dx, kReluCost,
              [](Vec<T> v, Vec<T> gradient) { return v > T{0} ? gradient : Vec<T>{}; });
}

template void CpuOps<float>::gelu_forward(Matrices<const float>, Matrices<float>);
template void CpuOps<double>::gelu_forward(Matrices<const double>, Matrices<double>);
template void CpuOps<float>::gelu_backward(Matrices<const float>, Matrices<const float>,
                                           Matrices<float>);
template void CpuOps<double>::gelu_backward(Matrices<const double>, Matrices<const double>,
                                            Matrices<double>);
template void CpuOps<float>::relu_forward(Matrices<const float>, Matrices<float>);
template void CpuOps<double>::relu_forward(Matrices<const double>, Matrices<double>);
template void CpuOps<float>::relu_backward(Matrices<const float>, Matrices<const float>,
                                           Matrices<float>);
template void CpuOps<double>::relu_backward(Matrices<const double>, Matrices<const double>,
                                            Matrices<double>);

}  // namespace groklab::cpu::GROKLAB_ISA
