// Layer normalization with its residual addition (Ba, Kiros & Hinton, "Layer normalization", 2016).
//
// A row is a team's: a warp's, or a block's where it is wide. It is read once more for the variance
// and once more for the output; by then it lies in the processor's own cache.
#include "ops/cuda/kernels/column_sums.cuh"
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/pack.cuh"
#include "ops/cuda/kernels/teams.cuh"

namespace groklab::cuda {

namespace {

/// Rows up to this wide are a warp's.
constexpr std::int64_t kMostWarpColumns = 1024;

template <class T, class Team>
__global__ void __launch_bounds__(Team::kSize* Team::kTeams, kAnyOccupancy)
    layer_norm_forward_rows(const LayerNormForward<T> args, bool aligned) {
  constexpr int kWidth = kPieceSize<T>;
  const std::int64_t r = block_replica();
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * Team::kTeams + threadIdx.y;
  const std::int64_t cols = args.x.cols;
  if (r >= args.x.replicas || i >= args.x.rows) return;  // all of a team at once
  const std::int64_t begin = Team::rank() * kWidth;
  constexpr int kStep = Team::kSize * kWidth;

  const auto load_sum = [&](std::int64_t j) {
    Pack<T> s = load_pack(args.x.row(r, i), j, cols, aligned);
    if (args.residual.empty()) return s;
    const Pack<T> residual = load_pack(args.residual.row(r, i), j, cols, aligned);
#pragma unroll
    for (int k = 0; k < kWidth; ++k) s[k] += residual[k];
    return s;
  };

  T sum = 0;
  for (std::int64_t j = begin; j < cols; j += kStep) {
    const Pack<T> s = load_sum(j);
#pragma unroll
    for (int k = 0; k < kWidth; ++k) sum += s[k];
  }
  const T mean = Team::sum(sum) / static_cast<T>(cols);
  T squares = 0;
  for (std::int64_t j = begin; j < cols; j += kStep) {
    const Pack<T> s = load_sum(j);
#pragma unroll
    for (int k = 0; k < kWidth; ++k) {
      const T centred = j + k < cols ? s[k] - mean : T{0};
      squares += centred * centred;
    }
  }
  const T variance = Team::sum(squares) / static_cast<T>(cols);
  const T inverse_deviation = T{1} / sqrt(variance + static_cast<T>(args.epsilon));
  if (Team::rank() == 0) args.inverse_deviation.replica(r)[i] = inverse_deviation;
  for (std::int64_t j = begin; j < cols; j += kStep) {
    Pack<T> normalized = load_sum(j);
    Pack<T> y = load_pack(args.beta.replica(r), j, cols, aligned);
    const Pack<T> gamma = load_pack(args.gamma.replica(r), j, cols, aligned);
#pragma unroll
    for (int k = 0; k < kWidth; ++k) {
      normalized[k] = (normalized[k] - mean) * inverse_deviation;
      y[k] += gamma[k] * normalized[k];
    }
    store_pack(normalized, args.normalized.row(r, i), j, cols, aligned);
    store_pack(y, args.y.row(r, i), j, cols, aligned);
  }
}

/// dx = (γ⊙dy − mean(γ⊙dy) − x̂ · mean(γ⊙dy⊙x̂)) / deviation.
template <class T, class Team>
__global__ void __launch_bounds__(Team::kSize* Team::kTeams, kAnyOccupancy)
    layer_norm_backward_rows(const LayerNormBackward<T> args, bool aligned) {
  constexpr int kWidth = kPieceSize<T>;
  const std::int64_t r = block_replica();
  const std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * Team::kTeams + threadIdx.y;
  const std::int64_t cols = args.dy.cols;
  if (r >= args.dy.replicas || i >= args.dy.rows) return;  // all of a team at once
  const std::int64_t begin = Team::rank() * kWidth;
  constexpr int kStep = Team::kSize * kWidth;

  const auto load_gradient = [&](std::int64_t j) {
    Pack<T> g = load_pack(args.dy.row(r, i), j, cols, aligned);
    const Pack<T> gamma = load_pack(args.gamma.replica(r), j, cols, aligned);
#pragma unroll
    for (int k = 0; k < kWidth; ++k) g[k] *= gamma[k];
    return g;
  };

  T sum = 0;
  T products = 0;
  for (std::int64_t j = begin; j < cols; j += kStep) {
    const Pack<T> g = load_gradient(j);
    const Pack<T> normalized = load_pack(args.normalized.row(r, i), j, cols, aligned);
#pragma unroll
    for (int k = 0; k < kWidth; ++k) {
      sum += g[k];
      products += g[k] * normalized[k];
    }
  }
  const T mean = Team::sum(sum) / static_cast<T>(cols);
  const T projection = Team::sum(products) / static_cast<T>(cols);
  const T inverse_deviation = args.inverse_deviation.replica(r)[i];
  for (std::int64_t j = begin; j < cols; j += kStep) {
    Pack<T> dx = load_gradient(j);
    const Pack<T> normalized = load_pack(args.normalized.row(r, i), j, cols, aligned);
#pragma unroll
    for (int k = 0; k < kWidth; ++k) {
      dx[k] = (dx[k] - mean - normalized[k] * projection) * inverse_deviation;
    }
    store_pack(dx, args.dx.row(r, i), j, cols, aligned);
  }
}

template <class T>
struct ParameterSums {
  using Real = T;
  static constexpr int kSums = 2;
  Matrices<const T> dy;
  Matrices<const T> normalized;
  Vectors<T> dgamma;
  Vectors<T> dbeta;

  __device__ void add(std::int64_t r, std::int64_t i, std::int64_t j, T (&sums)[2]) const {
    const T gradient = dy.row(r, i)[j];
    sums[0] += gradient * normalized.row(r, i)[j];
    sums[1] += gradient;
  }
  __device__ void store(std::int64_t r, std::int64_t j, int which, T sum) const {
    (which == 0 ? dgamma : dbeta).replica(r)[j] = sum;
  }
};

template <class Team>
dim3 grid_of_rows(std::int64_t rows, std::int64_t replicas) {
  return replica_grid(divide_up(rows, Team::kTeams), replicas);
}

}  // namespace

template <class T>
void CudaOps<T>::layer_norm_forward(const LayerNormForward<T>& args) {
  const std::int64_t replicas = args.x.replicas;
  const std::int64_t rows = args.x.rows;
  if (replicas <= 0 || rows <= 0 || args.x.cols <= 0) return;
  const bool aligned =
      all_aligned(args.x, args.residual, args.gamma, args.beta, args.normalized, args.y);
  if (args.x.cols <= kMostWarpColumns) {
    layer_norm_forward_rows<T, WarpTeam>
        <<<grid_of_rows<WarpTeam>(rows, replicas), WarpTeam::block(), 0, stream_>>>(args, aligned);
  } else {
    layer_norm_forward_rows<T, BlockTeam>
        <<<grid_of_rows<BlockTeam>(rows, replicas), BlockTeam::block(), 0, stream_>>>(args,
                                                                                      aligned);
  }
  check_launch("layer_norm_forward");
}

template <class T>
void CudaOps<T>::layer_norm_backward(const LayerNormBackward<T>& args) {
  const std::int64_t replicas = args.dy.replicas;
  const std::int64_t rows = args.dy.rows;
  // The parameters first: dx may overwrite dy.
  const ParameterSums<T> sums{args.dy, args.normalized, args.dgamma, args.dbeta};
  launch_sum_columns(stream_, "layer_norm_backward", sums, replicas, rows, args.dy.cols);
  if (replicas <= 0 || rows <= 0 || args.dy.cols <= 0) return;
  const bool aligned = all_aligned(args.dy, args.normalized, args.gamma, args.dx);
  if (args.dy.cols <= kMostWarpColumns) {
    layer_norm_backward_rows<T, WarpTeam>
        <<<grid_of_rows<WarpTeam>(rows, replicas), WarpTeam::block(), 0, stream_>>>(args, aligned);
  } else {
    layer_norm_backward_rows<T, BlockTeam>
        <<<grid_of_rows<BlockTeam>(rows, replicas), BlockTeam::block(), 0, stream_>>>(args,
                                                                                      aligned);
  }
  check_launch("layer_norm_backward");
}

template void CudaOps<float>::layer_norm_forward(const LayerNormForward<float>&);
template void CudaOps<double>::layer_norm_forward(const LayerNormForward<double>&);
template void CudaOps<float>::layer_norm_backward(const LayerNormBackward<float>&);
template void CudaOps<double>::layer_norm_backward(const LayerNormBackward<double>&);

}  // namespace groklab::cuda
