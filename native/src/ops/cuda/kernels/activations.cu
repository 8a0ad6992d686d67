// Activations: exact GELU (Hendrycks & Gimpel, "Gaussian error linear units", 2016) and ReLU.
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

struct Gelu {
  template <class T>
  __device__ static T value(T x) {
    return x * normal_distribution(x);
  }
  template <class T>
  __device__ static T gradient(T x, T dy) {
    return dy * (normal_distribution(x) + x * normal_density(x));
  }
};

/// Comparisons as they are, so that NaN stays NaN.
struct Relu {
  template <class T>
  __device__ static T value(T x) {
    return x < T{0} ? T{0} : x;
  }
  template <class T>
  __device__ static T gradient(T x, T dy) {
    return x > T{0} ? dy : T{0};
  }
};

template <class T, class Activation>
struct Activate {
  static constexpr int kWidth = kPieceSize<T>;
  Matrices<const T> x;
  Matrices<T> y;
  bool aligned;

  __device__ void operator()(std::int64_t r, std::int64_t i, std::int64_t j) const {
    Pack<T> pack = load_pack(x.row(r, i), j, y.cols, aligned);
#pragma unroll
    for (int k = 0; k < kWidth; ++k) pack[k] = Activation::value(pack[k]);
    store_pack(pack, y.row(r, i), j, y.cols, aligned);
  }
};

template <class T, class Activation>
struct ActivateBackward {
  static constexpr int kWidth = kPieceSize<T>;
  Matrices<const T> x;
  Matrices<const T> dy;
  Matrices<T> dx;
  bool aligned;

  __device__ void operator()(std::int64_t r, std::int64_t i, std::int64_t j) const {
    const Pack<T> at = load_pack(x.row(r, i), j, dx.cols, aligned);
    Pack<T> gradient = load_pack(dy.row(r, i), j, dx.cols, aligned);
#pragma unroll
    for (int k = 0; k < kWidth; ++k) gradient[k] = Activation::gradient(at[k], gradient[k]);
    store_pack(gradient, dx.row(r, i), j, dx.cols, aligned);
  }
};

template <class Activation, class T>
void forward(cudaStream_t stream, const char* name, Matrices<const T> x, Matrices<T> y) {
  const Activate<T, Activation> body{x, y, all_aligned(x, y)};
  launch_for_each_pack(stream, name, body, y.replicas, y.rows, y.cols);
}

template <class Activation, class T>
void backward(cudaStream_t stream, const char* name, Matrices<const T> x, Matrices<const T> dy,
              Matrices<T> dx) {
  const ActivateBackward<T, Activation> body{x, dy, dx, all_aligned(x, dy, dx)};
  launch_for_each_pack(stream, name, body, dx.replicas, dx.rows, dx.cols);
}

}  // namespace

template <class T>
void CudaOps<T>::gelu_forward(Matrices<const T> x, Matrices<T> y) {
  forward<Gelu>(stream_, "gelu_forward", x, y);
}

template <class T>
void CudaOps<T>::gelu_backward(Matrices<const T> x, Matrices<const T> dy, Matrices<T> dx) {
  backward<Gelu>(stream_, "gelu_backward", x, dy, dx);
}

template <class T>
void CudaOps<T>::relu_forward(Matrices<const T> x, Matrices<T> y) {
  forward<Relu>(stream_, "relu_forward", x, y);
}

template <class T>
void CudaOps<T>::relu_backward(Matrices<const T> x, Matrices<const T> dy, Matrices<T> dx) {
  backward<Relu>(stream_, "relu_backward", x, dy, dx);
}

template void CudaOps<float>::gelu_forward(Matrices<const float>, Matrices<float>);
template void CudaOps<double>::gelu_forward(Matrices<const double>, Matrices<double>);
template void CudaOps<float>::gelu_backward(Matrices<const float>, Matrices<const float>,
                                            Matrices<float>);
template void CudaOps<double>::gelu_backward(Matrices<const double>, Matrices<const double>,
                                             Matrices<double>);
template void CudaOps<float>::relu_forward(Matrices<const float>, Matrices<float>);
template void CudaOps<double>::relu_forward(Matrices<const double>, Matrices<double>);
template void CudaOps<float>::relu_backward(Matrices<const float>, Matrices<const float>,
                                            Matrices<float>);
template void CudaOps<double>::relu_backward(Matrices<const double>, Matrices<const double>,
                                             Matrices<double>);

}  // namespace groklab::cuda
