// Σ x², in double precision: the norm that clipping needs, and that an evaluation asks for.
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/teams.cuh"

namespace groklab::cuda {

namespace {

/// A replica is one block's: the widest there is.
using Everybody = Team<32>;

template <class T>
__global__ void __launch_bounds__(Everybody::kSize, kAnyOccupancy)
    square_sums(Vectors<const T> x, Vectors<double> out) {
  const std::int64_t r = block_replica();
  if (r >= x.replicas) return;
  const T* const from = x.replica(r);
  double sum = 0;
#pragma unroll 8
  for (std::int64_t i = Everybody::rank(); i < x.size; i += Everybody::kSize) {
    const auto value = static_cast<double>(from[i]);
    sum += value * value;
  }
  sum = Everybody::sum(sum);
  if (Everybody::rank() == 0) *out.replica(r) = sum;
}

}  // namespace

template <class T>
void CudaOps<T>::sum_of_squares(Vectors<const T> x, Vectors<double> out) {
  if (x.replicas <= 0) return;
  square_sums<<<replica_grid(1, x.replicas), Everybody::block(), 0, stream_>>>(x, out);
  check_launch("sum_of_squares");
}

template void CudaOps<float>::sum_of_squares(Vectors<const float>, Vectors<double>);
template void CudaOps<double>::sum_of_squares(Vectors<const double>, Vectors<double>);

}  // namespace groklab::cuda
