// y += x.
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/elements.cuh"

namespace groklab::cuda {

namespace {

template <class T>
struct Add {
  static constexpr int kWidth = kPieceSize<T>;
  Matrices<const T> x;
  Matrices<T> y;
  bool aligned;

  __device__ void operator()(std::int64_t r, std::int64_t i, std::int64_t j) const {
    const Pack<T> term = load_pack(x.row(r, i), j, y.cols, aligned);
    Pack<T> sum = load_pack(y.row(r, i), j, y.cols, aligned);
#pragma unroll
    for (int k = 0; k < kWidth; ++k) sum[k] += term[k];
    store_pack(sum, y.row(r, i), j, y.cols, aligned);
  }
};

}  // namespace

template <class T>
void CudaOps<T>::add(Matrices<const T> x, Matrices<T> y) {
  const Add<T> body{x, y, all_aligned(x, y)};
  launch_for_each_pack(stream_, "add", body, y.replicas, y.rows, y.cols);
}

template void CudaOps<float>::add(Matrices<const float>, Matrices<float>);
template void CudaOps<double>::add(Matrices<const double>, Matrices<double>);

}  // namespace groklab::cuda
