// Linear layers: products by cuBLASLt, biases and their gradients by kernels of our own.
#include "ops/cuda/kernels/column_sums.cuh"
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/elements.cuh"

namespace groklab::cuda {

namespace {

template <class T>
struct AddBias {
  static constexpr int kWidth = kPieceSize<T>;
  Vectors<const T> bias;
  Matrices<T> y;
  bool aligned;

  __device__ void operator()(std::int64_t r, std::int64_t i, std::int64_t j) const {
    const Pack<T> term = load_pack(bias.replica(r), j, y.cols, aligned);
    Pack<T> sum = load_pack(y.row(r, i), j, y.cols, aligned);
#pragma unroll
    for (int k = 0; k < kWidth; ++k) sum[k] += term[k];
    store_pack(sum, y.row(r, i), j, y.cols, aligned);
  }
};

template <class T>
struct SumRows {
  using Real = T;
  static constexpr int kSums = 1;
  Matrices<const T> x;
  Vectors<T> sums;

  __device__ void add(std::int64_t r, std::int64_t i, std::int64_t j, T (&sum)[1]) const {
    sum[0] += x.row(r, i)[j];
  }
  __device__ void store(std::int64_t r, std::int64_t j, int, T sum) const {
    sums.replica(r)[j] = sum;
  }
};

}  // namespace

template <class T>
void CudaOps<T>::linear_forward(Matrices<const T> x, Matrices<const T> weight,
                                Vectors<const T> bias, Matrices<T> y) {
  products_.multiply<T>(stream_, x, false, weight, true, y, false);
  if (bias.empty()) return;
  // After the product: the traffic is that of a product which adds to a y filled with biases, and
  // layers with and without a bias share one product.
  const AddBias<T> body{bias, y, all_aligned(bias, y)};
  launch_for_each_pack(stream_, "linear_forward", body, y.replicas, y.rows, y.cols);
}

template <class T>
void CudaOps<T>::linear_backward_input(Matrices<const T> dy, Matrices<const T> weight,
                                       Matrices<T> dx, bool accumulate) {
  products_.multiply<T>(stream_, dy, false, weight, false, dx, accumulate);
}

template <class T>
void CudaOps<T>::linear_backward_weight(Matrices<const T> dy, Matrices<const T> x,
                                        Matrices<T> dweight, Vectors<T> dbias) {
  products_.multiply<T>(stream_, dy, true, x, false, dweight, false);
  if (dbias.empty()) return;
  launch_sum_columns(stream_, "linear_backward_weight", SumRows<T>{dy, dbias}, dy.replicas, dy.rows,
                     dy.cols);
}

template void CudaOps<float>::linear_forward(Matrices<const float>, Matrices<const float>,
                                             Vectors<const float>, Matrices<float>);
template void CudaOps<double>::linear_forward(Matrices<const double>, Matrices<const double>,
                                              Vectors<const double>, Matrices<double>);
template void CudaOps<float>::linear_backward_input(Matrices<const float>, Matrices<const float>,
                                                    Matrices<float>, bool);
template void CudaOps<double>::linear_backward_input(Matrices<const double>, Matrices<const double>,
                                                     Matrices<double>, bool);
template void CudaOps<float>::linear_backward_weight(Matrices<const float>, Matrices<const float>,
                                                     Matrices<float>, Vectors<float>);
template void CudaOps<double>::linear_backward_weight(Matrices<const double>,
                                                      Matrices<const double>, Matrices<double>,
                                                      Vectors<double>);

}  // namespace groklab::cuda
