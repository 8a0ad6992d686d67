// Sums over the rows of a matrix, for each column: gradients of biases and of the like.
//
// A block takes eight columns (32 bytes of floats, what memory moves at least) and deals the rows
// to 64 groups of eight threads. Each group adds its rows in order, then the groups are added in a
// fixed order: it depends on the number of rows alone.
#pragma once

#include <cstdint>

#include "ops/cuda/kernels/launch.cuh"

namespace groklab::cuda {

inline constexpr int kSumColumns = 8;
inline constexpr int kSumThreads = 512;

/// Body: Real; kSums, how many sums a column has; add(replica, row, column, Real (&sums)[kSums]);
/// store(replica, column, which sum, sum).
template <class Body>
__global__ void __launch_bounds__(kSumThreads, kAnyOccupancy)
    sum_columns(const Body body, std::int64_t replicas, std::int64_t rows, std::int64_t cols) {
  using Real = typename Body::Real;
  constexpr int kSums = Body::kSums;
  constexpr int kGroups = kSumThreads / kSumColumns;
  constexpr int kWarps = kSumThreads / kWarpSize;
  __shared__ Real parts[kSums][kWarps][kSumColumns];

  const std::int64_t r = block_replica();
  if (r >= replicas) return;
  const int column = static_cast<int>(threadIdx.x) % kSumColumns;
  const std::int64_t j = static_cast<std::int64_t>(blockIdx.x) * kSumColumns + column;
  Real sums[kSums] = {};
  if (j < cols) {
#pragma unroll 4
    for (std::int64_t i = threadIdx.x / kSumColumns; i < rows; i += kGroups) {
      body.add(r, i, j, sums);
    }
  }
#pragma unroll
  for (int s = 0; s < kSums; ++s) {
    for (int distance = kSumColumns; distance < kWarpSize; distance *= 2) {
      sums[s] += __shfl_xor_sync(kAllLanes, sums[s], distance);
    }
    if (lane_of_warp() < kSumColumns) parts[s][warp_of_block()][column] = sums[s];
  }
  __syncthreads();
  const int s = static_cast<int>(threadIdx.x) / kSumColumns;
  if (s >= kSums || j >= cols) return;
  Real sum = parts[s][0][column];
  for (int w = 1; w < kWarps; ++w) sum += parts[s][w][column];
  body.store(r, j, s, sum);
}

template <class Body>
void launch_sum_columns(cudaStream_t stream, const char* name, const Body& body,
                        std::int64_t replicas, std::int64_t rows, std::int64_t cols) {
  if (replicas <= 0 || cols <= 0) return;
  sum_columns<<<replica_grid(divide_up(cols, kSumColumns), replicas), kSumThreads, 0, stream>>>(
      body, replicas, rows, cols);
  check_launch(name);
}

}  // namespace groklab::cuda
