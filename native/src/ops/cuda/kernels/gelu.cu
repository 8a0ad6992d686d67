// Exact GELU (Hendrycks & Gimpel, "Gaussian error linear units", 2016).
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/elements.cuh"

namespace groklab::cuda {

namespace {

/// Φ, the normal distribution function. It keeps its relative accuracy in the left tail, which
/// (1 + erf)/2 would not.
__device__ inline float normal_distribution(float x) { return normcdff(x); }
__device__ inline double normal_distribution(double x) { return normcdf(x); }

/// φ, its density.
__device__ inline float normal_density(float x) {
  return 0.39894228040143268f * expf(-0.5f * x * x);
}
__device__ inline double normal_density(double x) {
  return 0.39894228040143267794 * exp(-0.5 * x * x);
}

template <class T>
struct GeluForward {
  static constexpr int kWidth = kPieceSize<T>;
  Matrices<const T> x;
  Matrices<T> y;
  bool aligned;

  __device__ void operator()(std::int64_t r, std::int64_t i, std::int64_t j) const {
    Pack<T> pack = load_pack(x.row(r, i), j, y.cols, aligned);
#pragma unroll
    for (int k = 0; k < kWidth; ++k) pack[k] *= normal_distribution(pack[k]);
    store_pack(pack, y.row(r, i), j, y.cols, aligned);
  }
};

template <class T>
struct GeluBackward {
  static constexpr int kWidth = kPieceSize<T>;
  Matrices<const T> x;
  Matrices<const T> dy;
  Matrices<T> dx;
  bool aligned;

  __device__ void operator()(std::int64_t r, std::int64_t i, std::int64_t j) const {
    const Pack<T> at = load_pack(x.row(r, i), j, dx.cols, aligned);
    Pack<T> gradient = load_pack(dy.row(r, i), j, dx.cols, aligned);
#pragma unroll
    for (int k = 0; k < kWidth; ++k) {
      gradient[k] *= normal_distribution(at[k]) + at[k] * normal_density(at[k]);
    }
    store_pack(gradient, dx.row(r, i), j, dx.cols, aligned);
  }
};

}  // namespace

template <class T>
void CudaOps<T>::gelu_forward(Matrices<const T> x, Matrices<T> y) {
  const GeluForward<T> body{x, y, all_aligned(x, y)};
  launch_for_each_pack(stream_, "gelu_forward", body, y.replicas, y.rows, y.cols);
}

template <class T>
void CudaOps<T>::gelu_backward(Matrices<const T> x, Matrices<const T> dy, Matrices<T> dx) {
  const GeluBackward<T> body{x, dy, dx, all_aligned(x, dy, dx)};
  launch_for_each_pack(stream_, "gelu_backward", body, dx.replicas, dx.rows, dx.cols);
}

template void CudaOps<float>::gelu_forward(Matrices<const float>, Matrices<float>);
template void CudaOps<double>::gelu_forward(Matrices<const double>, Matrices<double>);
template void CudaOps<float>::gelu_backward(Matrices<const float>, Matrices<const float>,
                                            Matrices<float>);
template void CudaOps<double>::gelu_backward(Matrices<const double>, Matrices<const double>,
                                             Matrices<double>);

}  // namespace groklab::cuda
