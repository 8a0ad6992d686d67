// Max pooling of windows of 2 × 2: a thread for each window, and for each element of its gradient.
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/elements.cuh"

namespace groklab::cuda {

namespace {

template <class T>
struct PoolForward {
  static constexpr int kWidth = 1;
  MaxPoolForward<T> args;

  __device__ void operator()(std::int64_t r, std::int64_t n, std::int64_t number) const {
    const std::int64_t width = args.image.width;
    const std::int64_t windows = width / 2;
    // Channels have height / 2 rows of windows each.
    const std::int64_t row = number / windows;
    const std::int64_t channel = row / (args.image.height / 2);
    const std::int64_t odd_rows = args.image.height % 2 * channel;
    const T* const upper = args.x.row(r, n) + (2 * row + odd_rows) * width + number % windows * 2;
    T largest = upper[0];
    std::int32_t winner = 0;
#pragma unroll
    for (int w = 1; w < 4; ++w) {
      const T value = upper[w / 2 * width + w % 2];
      if (value > largest || value != value) {
        largest = value;
        winner = w;
      }
    }
    args.y.row(r, n)[number] = largest;
    args.winners.row(r, n)[number] = winner;
  }
};

template <class T>
struct PoolBackward {
  static constexpr int kWidth = 1;
  MaxPoolBackward<T> args;

  __device__ void operator()(std::int64_t r, std::int64_t n, std::int64_t number) const {
    const std::int64_t width = args.image.width;
    const std::int64_t height = args.image.height;
    const std::int64_t row = number / width;
    const std::int64_t channel = row / height;
    const std::int64_t i = row % height;
    const std::int64_t j = number % width;
    T gradient = 0;
    if (i / 2 < height / 2 && j / 2 < width / 2) {
      const std::int64_t window = (channel * (height / 2) + i / 2) * (width / 2) + j / 2;
      if (args.winners.row(r, n)[window] == i % 2 * 2 + j % 2) {
        gradient = args.dy.row(r, n)[window];
      }
    }
    args.dx.row(r, n)[number] = gradient;
  }
};

}  // namespace

template <class T>
void CudaOps<T>::max_pool_forward(const MaxPoolForward<T>& args) {
  launch_for_each_pack(stream_, "max_pool_forward", PoolForward<T>{args}, args.y.replicas,
                       args.y.rows, args.y.cols);
}

template <class T>
void CudaOps<T>::max_pool_backward(const MaxPoolBackward<T>& args) {
  launch_for_each_pack(stream_, "max_pool_backward", PoolBackward<T>{args}, args.dx.replicas,
                       args.dx.rows, args.dx.cols);
}

template void CudaOps<float>::max_pool_forward(const MaxPoolForward<float>&);
template void CudaOps<double>::max_pool_forward(const MaxPoolForward<double>&);
template void CudaOps<float>::max_pool_backward(const MaxPoolBackward<float>&);
template void CudaOps<double>::max_pool_backward(const MaxPoolBackward<double>&);

}  // namespace groklab::cuda
