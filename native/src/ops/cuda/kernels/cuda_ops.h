// The GPU's op set: own kernels with the replicas in the grid, products by cuBLASLt, convolutions by
// cuDNN where it is. One file an op.
#pragma once

#include <cuda_runtime_api.h>

#include "ops/cuda/convolutions.h"
#include "ops/cuda/products.h"
#include "ops/ops.h"

namespace groklab::cuda {

/// Ops on a stream; the stream and the memory are the caller's. Launch failures are thrown as
/// Error(kDeviceError); failures of running kernels show when the stream is waited for.
template <class T>
class CudaOps final : public Ops<T> {
 public:
  /// @param convolutions may be null: there are kernels of our own.
  CudaOps(cudaStream_t stream, Products& products, Convolutions* convolutions)
      : stream_(stream), products_(products), convolutions_(convolutions) {}

  void begin_step(const std::int64_t* cursor, Matrices<const std::int32_t> table,
                  Vectors<std::int32_t> record) override;
  void end_step(std::int64_t* cursor, Vectors<const double> results,
                Matrices<double> table) override;
  void fill_tree(const TreeRows& args) override;
  void fill_sequences(const SequenceRows& args) override;
  void make_lists(std::span<const ListsOf> jobs) override;

  void embedding(Matrices<const T> token_table, Matrices<const T> position_table, Indices tokens,
                 Indices positions, Matrices<T> y) override;
  void gather_rows(Matrices<const T> x, Indices rows, Matrices<T> y) override;
  void gather_sum(Matrices<const T> x, Matrices<const std::int32_t> path, Vectors<const T> bias,
                  Matrices<T> y) override;
  void sum_lists(Matrices<const T> x, Lists lists, std::int64_t items_per_row,
                 Matrices<T> y) override;
  void add(Matrices<const T> x, Matrices<T> y) override;
  void copy(Vectors<const T> x, Vectors<T> y) override;
  void linear_forward(Matrices<const T> x, Matrices<const T> weight, Vectors<const T> bias,
                      Matrices<T> y) override;
  void linear_backward_input(Matrices<const T> dy, Matrices<const T> weight, Matrices<T> dx,
                             bool accumulate) override;
  void linear_backward_weight(Matrices<const T> dy, Matrices<const T> x, Matrices<T> dweight,
                              Vectors<T> dbias) override;
  void layer_norm_forward(const LayerNormForward<T>& args) override;
  void layer_norm_backward(const LayerNormBackward<T>& args) override;
  void gelu_forward(Matrices<const T> x, Matrices<T> y) override;
  void gelu_backward(Matrices<const T> x, Matrices<const T> dy, Matrices<T> dx) override;
  void relu_forward(Matrices<const T> x, Matrices<T> y) override;
  void relu_backward(Matrices<const T> x, Matrices<const T> dy, Matrices<T> dx) override;
  void lstm_cell_forward(const LstmCellForward<T>& args) override;
  void lstm_cell_backward(const LstmCellBackward<T>& args) override;
  void convolution_forward(const ConvolutionForward<T>& args) override;
  void convolution_backward_input(const ConvolutionBackwardInput<T>& args) override;
  void convolution_backward_weight(const ConvolutionBackwardWeight<T>& args) override;
  std::int64_t scratch(const ConvolutionForward<T>& args) override;
  std::int64_t scratch(const ConvolutionBackwardInput<T>& args) override;
  std::int64_t scratch(const ConvolutionBackwardWeight<T>& args) override;
  void max_pool_forward(const MaxPoolForward<T>& args) override;
  void max_pool_backward(const MaxPoolBackward<T>& args) override;
  void attention_forward(const AttentionForward<T>& args) override;
  void attention_backward(const AttentionBackward<T>& args) override;
  void cross_entropy(const CrossEntropy<T>& args) override;
  void dropout(Vectors<const DropoutKey> keys, std::uint32_t site, Indices numbers,
               Matrices<const T> x, Matrices<T> y) override;
  void optimizer_step(Vectors<const OptimizerStep> steps, Vectors<const T> gradients,
                      Vectors<const double> squares, Vectors<T> values,
                      const OptimizerState<T>& state) override;
  void sum_of_squares(Vectors<const T> x, Vectors<double> out) override;

 private:
  cudaStream_t stream_;
  Products& products_;
  Convolutions* convolutions_;
};

extern template class CudaOps<float>;
extern template class CudaOps<double>;

}  // namespace groklab::cuda
