// Launching kernels: grids with the replicas in them, and what is said when a launch fails.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>
#include <string>

#include "ops/cuda/device.h"

namespace groklab::cuda {

inline constexpr int kWarpSize = 32;
inline constexpr unsigned kAllLanes = 0xFFFFFFFFu;

/// Least number of blocks on a processor, for __launch_bounds__: left to itself, ptxas spills
/// registers to have more blocks there.
inline constexpr int kAnyOccupancy = 1;

constexpr std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// A grid of `blocks` blocks for each replica. Dimensions y and z end at 65,535, so replicas are
/// folded over both.
inline dim3 replica_grid(std::int64_t blocks, std::int64_t replicas) {
  constexpr std::int64_t kMost = 65535;
  const std::int64_t layers = divide_up(replicas, kMost);
  return {static_cast<unsigned>(blocks), static_cast<unsigned>(divide_up(replicas, layers)),
          static_cast<unsigned>(layers)};
}

/// This block's replica; may lie beyond the last, and then the block has nothing to do.
__device__ inline std::int64_t block_replica() {
  return static_cast<std::int64_t>(blockIdx.z) * gridDim.y + blockIdx.y;
}

__device__ inline int warp_of_block() { return static_cast<int>(threadIdx.x) / kWarpSize; }
__device__ inline int lane_of_warp() { return static_cast<int>(threadIdx.x) % kWarpSize; }

/// Throws where the launch just made was refused.
inline void check_launch(const char* kernel) {
  const cudaError_t error = cudaGetLastError();
  if (error != cudaSuccess) check(error, (std::string("launching ") + kernel).c_str());
}

}  // namespace groklab::cuda
