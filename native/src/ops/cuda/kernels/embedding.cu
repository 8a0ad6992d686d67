// Sums of a token's and a position's row.
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/elements.cuh"

namespace groklab::cuda {

namespace {

template <class T>
struct Embed {
  static constexpr int kWidth = kPieceSize<T>;
  Matrices<const T> token_table;
  Matrices<const T> position_table;
  Indices tokens;
  Indices positions;
  Matrices<T> y;
  bool aligned;

  __device__ void operator()(std::int64_t r, std::int64_t i, std::int64_t j) const {
    const T* const token = token_table.row(r, tokens.replica(r)[i]);
    const T* const position = position_table.row(r, positions.replica(r)[i]);
    Pack<T> sum = load_pack(token, j, y.cols, aligned);
    const Pack<T> term = load_pack(position, j, y.cols, aligned);
#pragma unroll
    for (int k = 0; k < kWidth; ++k) sum[k] += term[k];
    store_pack(sum, y.row(r, i), j, y.cols, aligned);
  }
};

}  // namespace

template <class T>
void CudaOps<T>::embedding(Matrices<const T> token_table, Matrices<const T> position_table,
                           Indices tokens, Indices positions, Matrices<T> y) {
  const Embed<T> body{token_table, position_table,
                      tokens,      positions,
                      y,           all_aligned(token_table, position_table, y)};
  launch_for_each_pack(stream_, "embedding", body, y.replicas, y.rows, y.cols);
}

template void CudaOps<float>::embedding(Matrices<const float>, Matrices<const float>, Indices,
                                        Indices, Matrices<float>);
template void CudaOps<double>::embedding(Matrices<const double>, Matrices<const double>, Indices,
                                         Indices, Matrices<double>);

}  // namespace groklab::cuda
