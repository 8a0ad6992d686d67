// y = x.
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/elements.cuh"

namespace groklab::cuda {

namespace {

template <class T>
struct Copy {
  static constexpr int kWidth = kPieceSize<T>;
  Vectors<const T> x;
  Vectors<T> y;
  bool aligned;

  __device__ void operator()(std::int64_t r, std::int64_t, std::int64_t j) const {
    const Pack<T> pack = load_pack(x.replica(r), j, y.size, aligned);
    store_pack(pack, y.replica(r), j, y.size, aligned);
  }
};

}  // namespace

template <class T>
void CudaOps<T>::copy(Vectors<const T> x, Vectors<T> y) {
  const Copy<T> body{x, y, all_aligned(x, y)};
  launch_for_each_pack(stream_, "copy", body, y.replicas, 1, y.size);
}

template void CudaOps<float>::copy(Vectors<const float>, Vectors<float>);
template void CudaOps<double>::copy(Vectors<const double>, Vectors<double>);

}  // namespace groklab::cuda
