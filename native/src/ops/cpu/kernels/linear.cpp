// Linear layers: three products on one GEMM.
#include <algorithm>

#include "ops/cpu/kernels/cpu_ops.h"
#include "ops/cpu/kernels/gemm.h"

namespace groklab::cpu::GROKLAB_ISA {

template <class T>
void CpuOps<T>::linear_forward(Matrices<const T> x, Matrices<const T> weight, Vectors<const T> bias,
                               Matrices<T> y) {
  for (std::int64_t r = 0; r < y.replicas; ++r) {
    Gemm<T> g;
    g.rows = y.rows;
    g.cols = y.cols;
    g.inner = x.cols;
    g.a = {x.row(r, 0), x.row_stride, 1};
    g.b = {weight.row(r, 0), 1, weight.row_stride};
    g.c = y.row(r, 0);
    g.c_stride = y.row_stride;
    g.bias = bias.empty() ? nullptr : bias.replica(r);
    gemm(team_, g);
  }
}

template <class T>
void CpuOps<T>::linear_backward_input(Matrices<const T> dy, Matrices<const T> weight,
                                      Matrices<T> dx, bool accumulate) {
  for (std::int64_t r = 0; r < dx.replicas; ++r) {
    Gemm<T> g;
    g.rows = dx.rows;
    g.cols = dx.cols;
    g.inner = dy.cols;
    g.a = {dy.row(r, 0), dy.row_stride, 1};
    g.b = {weight.row(r, 0), weight.row_stride, 1};
    g.c = dx.row(r, 0);
    g.c_stride = dx.row_stride;
    g.accumulate = accumulate;
    gemm(team_, g);
  }
}

namespace {

/// sums[j] = Σ over rows of x[i, j], in row order; threads share the columns.
template <class T>
void sum_columns(ThreadTeam& team, Matrices<const T> x, std::int64_t r, T* sums) {
  team.for_ranges(x.cols, x.rows, kLanes<T>,
                  [&](std::int64_t begin, std::int64_t end, int /*part*/) {
                    std::fill(sums + begin, sums + end, T{0});
                    for (std::int64_t i = 0; i < x.rows; ++i) {
                      const T* row = x.row(r, i);
                      for (std::int64_t j = begin; j < end; ++j) sums[j] += row[j];
                    }
                  });
}

}  // namespace

template <class T>
void CpuOps<T>::linear_backward_weight(Matrices<const T> dy, Matrices<const T> x,
                                       Matrices<T> dweight, Vectors<T> dbias) {
  for (std::int64_t r = 0; r < dweight.replicas; ++r) {
    Gemm<T> g;
    g.rows = dweight.rows;
    g.cols = dweight.cols;
    g.inner = dy.rows;
    g.a = {dy.row(r, 0), 1, dy.row_stride};
    g.b = {x.row(r, 0), x.row_stride, 1};
    g.c = dweight.row(r, 0);
    g.c_stride = dweight.row_stride;
    gemm(team_, g);
    if (!dbias.empty()) sum_columns(team_, dy, r, dbias.replica(r));
  }
}

template void CpuOps<float>::linear_forward(Matrices<const float>, Matrices<const float>,
                                            Vectors<const float>, Matrices<float>);
template void CpuOps<double>::linear_forward(Matrices<const double>, Matrices<const double>,
                                             Vectors<const double>, Matrices<double>);
template void CpuOps<float>::linear_backward_input(Matrices<const float>, Matrices<const float>,
                                                   Matrices<float>, bool);
template void CpuOps<double>::linear_backward_input(Matrices<const double>, Matrices<const double>,
                                                    Matrices<double>, bool);
template void CpuOps<float>::linear_backward_weight(Matrices<const float>, Matrices<const float>,
                                                    Matrices<float>, Vectors<float>);
template void CpuOps<double>::linear_backward_weight(Matrices<const double>, Matrices<const double>,
                                                     Matrices<double>, Vectors<double>);

}  // namespace groklab::cpu::GROKLAB_ISA
