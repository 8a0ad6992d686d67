// Sums of the rows that a path names: a linear layer over joined rows, of which each row's own part
// of the product was made once.
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/elements.cuh"

namespace groklab::cuda {

namespace {

/// Entries of the path whose rows are under way at once.
constexpr int kAtOnce = 4;

template <class T>
struct GatherSum {
  static constexpr int kWidth = kPieceSize<T>;
  Matrices<const T> x;
  Matrices<const std::int32_t> path;
  Vectors<const T> bias;
  Matrices<T> y;
  bool aligned;

  __device__ void operator()(std::int64_t r, std::int64_t i, std::int64_t j) const {
    const std::int32_t* const entries = path.row(r, i);
    Pack<T> sum = {};
    if (!bias.empty()) sum = load_pack(bias.replica(r), j, y.cols, aligned);
    for (std::int64_t t = 0; t < path.cols; t += kAtOnce) {
      Pack<T> terms[kAtOnce] = {};
#pragma unroll
      for (int a = 0; a < kAtOnce; ++a) {
        const std::int32_t row = t + a < path.cols ? entries[t + a] : -1;
        if (row >= 0) terms[a] = load_pack(x.row(r, row), j, y.cols, aligned);
      }
#pragma unroll
      for (int a = 0; a < kAtOnce; ++a) {
#pragma unroll
        for (int k = 0; k < kWidth; ++k) sum[k] += terms[a][k];
      }
    }
    store_pack(sum, y.row(r, i), j, y.cols, aligned);
  }
};

}  // namespace

template <class T>
void CudaOps<T>::gather_sum(Matrices<const T> x, Matrices<const std::int32_t> path,
                            Vectors<const T> bias, Matrices<T> y) {
  const GatherSum<T> body{x, path, bias, y, all_aligned(x, bias, y)};
  launch_for_each_pack(stream_, "gather_sum", body, y.replicas, y.rows, y.cols);
}

template void CudaOps<float>::gather_sum(Matrices<const float>, Matrices<const std::int32_t>,
                                         Vectors<const float>, Matrices<float>);
template void CudaOps<double>::gather_sum(Matrices<const double>, Matrices<const std::int32_t>,
                                          Vectors<const double>, Matrices<double>);

}  // namespace groklab::cuda
