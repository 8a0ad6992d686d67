// Matrix products of all replicas at once, by cuBLASLt.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>

#include "core/views.h"

namespace groklab::cuda {

/// Row-major products C[r] = op(A[r]) op(B[r]), or C[r] += …, op being the transpose or nothing.
/// The algorithm is chosen once for a shape, whatever the number of replicas, without split sums: a
/// replica's bits do not depend on how many run beside it. (Should cuBLASLt refuse the algorithm for
/// another number, that number gets one of its own.)
class Products {
 public:
  /// @param tf32 whether products of floats may round their factors to TF32.
  explicit Products(bool tf32);
  Products(const Products&) = delete;
  Products& operator=(const Products&) = delete;
  ~Products();

  /// C [R, M, N]; A [R, M, K] or, transposed, [R, K, M]; B [R, K, N] or, transposed, [R, N, K].
  /// Where M, N or R is 0 nothing is done; where K is 0 the sums are 0.
  template <class T>
  void multiply(cudaStream_t stream, Matrices<const T> a, bool transpose_a, Matrices<const T> b,
                bool transpose_b, Matrices<T> c, bool accumulate);

 private:
  class Plans;
  std::unique_ptr<Plans> plans_;
};

}  // namespace groklab::cuda
