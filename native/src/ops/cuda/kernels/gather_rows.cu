// Rows copied to where they are asked for.
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/elements.cuh"

namespace groklab::cuda {

namespace {

template <class T>
struct Gather {
  static constexpr int kWidth = kPieceSize<T>;
  Matrices<const T> x;
  Indices rows;
  Matrices<T> y;
  bool aligned;

  __device__ void operator()(std::int64_t r, std::int64_t i, std::int64_t j) const {
    const Pack<T> pack = load_pack(x.row(r, rows.replica(r)[i]), j, y.cols, aligned);
    store_pack(pack, y.row(r, i), j, y.cols, aligned);
  }
};

}  // namespace

template <class T>
void CudaOps<T>::gather_rows(Matrices<const T> x, Indices rows, Matrices<T> y) {
  const Gather<T> body{x, rows, y, all_aligned(x, y)};
  launch_for_each_pack(stream_, "gather_rows", body, y.replicas, y.rows, y.cols);
}

template void CudaOps<float>::gather_rows(Matrices<const float>, Indices, Matrices<float>);
template void CudaOps<double>::gather_rows(Matrices<const double>, Indices, Matrices<double>);

}  // namespace groklab::cuda
