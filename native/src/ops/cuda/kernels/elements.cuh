// Ops that treat every element, or pack of columns, for itself.
#pragma once

#include <cstdint>

#include "ops/cuda/kernels/launch.cuh"
#include "ops/cuda/kernels/pack.cuh"

namespace groklab::cuda {

/// How packs of `width` columns of [rows, cols] are spread over blocks of (columns, rows) threads:
/// small blocks, so that few rows still reach many processors.
struct ElementBlocks {
  static constexpr int kThreads = 128;

  dim3 threads;
  unsigned column_blocks = 0;  ///< side by side, then the next rows
  std::int64_t blocks = 0;

  ElementBlocks(std::int64_t rows, std::int64_t cols, int width) {
    const std::int64_t packs = divide_up(cols, width);
    unsigned across = 1;
    while (across < packs && across < kThreads) across *= 2;
    threads = {across, kThreads / across, 1};
    column_blocks = static_cast<unsigned>(divide_up(packs, across));
    blocks = column_blocks * divide_up(rows, threads.y);
  }
};

/// Which pack of which row is this thread's.
struct ElementPlace {
  std::int64_t row;
  std::int64_t col;

  __device__ ElementPlace(unsigned column_blocks, int width)
      : row(static_cast<std::int64_t>(blockIdx.x / column_blocks) * blockDim.y + threadIdx.y),
        col((static_cast<std::int64_t>(blockIdx.x % column_blocks) * blockDim.x + threadIdx.x) *
            width) {}
};

/// Calls body(replica, row, column) for each pack of Body::kWidth columns.
template <class Body>
__global__ void __launch_bounds__(ElementBlocks::kThreads, kAnyOccupancy)
    for_each_pack(const Body body, std::int64_t replicas, std::int64_t rows, std::int64_t cols,
                  unsigned column_blocks) {
  const std::int64_t r = block_replica();
  const ElementPlace at(column_blocks, Body::kWidth);
  if (r < replicas && at.row < rows && at.col < cols) body(r, at.row, at.col);
}

template <class Body>
void launch_for_each_pack(cudaStream_t stream, const char* name, const Body& body,
                          std::int64_t replicas, std::int64_t rows, std::int64_t cols) {
  if (replicas <= 0 || rows <= 0 || cols <= 0) return;
  const ElementBlocks blocks(rows, cols, Body::kWidth);
  for_each_pack<<<replica_grid(blocks.blocks, replicas), blocks.threads, 0, stream>>>(
      body, replicas, rows, cols, blocks.column_blocks);
  check_launch(name);
}

}  // namespace groklab::cuda
