#include <algorithm>

#include "ops/cuda/device.h"
#include "ops/cuda/zero.h"

namespace groklab::cuda {

namespace {

constexpr int kThreads = 256;
constexpr std::int64_t kMostBlocks = 65536;

/// Each thread takes elements a whole grid apart.
template <class T>
__global__ void __launch_bounds__(kThreads) zero_kernel(Matrices<T> x) {
  const std::int64_t elements = x.replicas * x.rows * x.cols;
  const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * kThreads;
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
       i < elements; i += stride) {
    const std::int64_t row = i / x.cols;
    x.data[row / x.rows * x.replica_stride + row % x.rows * x.row_stride + i % x.cols] = T(0);
  }
}

}  // namespace

template <class T>
void fill_zero(cudaStream_t stream, Matrices<T> x) {
  const std::int64_t elements = x.replicas * x.rows * x.cols;
  if (elements == 0) return;
  const std::int64_t blocks = std::min(kMostBlocks, (elements + kThreads - 1) / kThreads);
  zero_kernel<T><<<static_cast<unsigned>(blocks), kThreads, 0, stream>>>(x);
  check(cudaGetLastError(), "filling with zeros");
}

template void fill_zero<float>(cudaStream_t, Matrices<float>);
template void fill_zero<double>(cudaStream_t, Matrices<double>);

cudaError_t find_kernels() {
  cudaFuncAttributes attributes;
  return cudaFuncGetAttributes(&attributes, zero_kernel<float>);
}

}  // namespace groklab::cuda
