// Rows summed over lists: the gradient of gathered rows, of their sums and of embeddings.
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/list_sums.cuh"
#include "ops/cuda/kernels/pack.cuh"

namespace groklab::cuda {

namespace {

template <class T>
struct SumOfRows {
  using Real = T;
  using Column = std::int64_t;
  static constexpr int kWidth = kPieceSize<T>;
  static constexpr int kSums = kWidth;
  Matrices<const T> x;
  Matrices<T> y;
  std::int32_t items_per_row;
  bool aligned;

  __device__ static std::int64_t column(std::int64_t j) { return j; }

  __device__ void add(std::int64_t r, std::int32_t item, std::int64_t j, T (&sums)[kSums]) const {
    const std::int32_t row = items_per_row == 1 ? item : item / items_per_row;
    const Pack<T> pack = load_pack(x.row(r, row), j, y.cols, aligned);
#pragma unroll
    for (int k = 0; k < kWidth; ++k) sums[k] += pack[k];
  }

  __device__ void store(std::int64_t r, std::int64_t list, std::int64_t j,
                        const T (&sums)[kSums]) const {
    Pack<T> pack;
#pragma unroll
    for (int k = 0; k < kWidth; ++k) pack[k] = sums[k];
    store_pack(pack, y.row(r, list), j, y.cols, aligned);
  }
};

}  // namespace

template <class T>
void CudaOps<T>::sum_lists(Matrices<const T> x, Lists lists, std::int64_t items_per_row,
                           Matrices<T> y) {
  const SumOfRows<T> body{x, y, static_cast<std::int32_t>(items_per_row), all_aligned(x, y)};
  launch_sum_over_lists(stream_, "sum_lists", body, lists, y.replicas, y.cols);
}

template void CudaOps<float>::sum_lists(Matrices<const float>, Lists, std::int64_t,
                                        Matrices<float>);
template void CudaOps<double>::sum_lists(Matrices<const double>, Lists, std::int64_t,
                                         Matrices<double>);

}  // namespace groklab::cuda
