// Teams of threads that work on one row together, and reductions over them. All threads of a team
// get the same bits, whichever warp or lane they are.
#pragma once

#include <cuda_runtime.h>

#include "ops/cuda/kernels/launch.cuh"

namespace groklab::cuda {

template <class T>
__device__ T exchange(T value, int distance) {
  return __shfl_xor_sync(kAllLanes, value, distance);
}

struct Sum {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a + b;
  }
};

/// `warps` warps in x; teams of one warp may be several in a block, side by side in y.
template <int warps>
struct Team {
  static constexpr int kSize = warps * kWarpSize;
  static constexpr int kTeams = warps == 1 ? 4 : 1;  ///< in a block

  static dim3 block() { return {kSize, kTeams, 1}; }

  [[nodiscard]] __device__ static int rank() { return static_cast<int>(threadIdx.x); }

  /// @param merge commutative, so that both partners of an exchange get the same.
  template <class Value, class Merge>
  __device__ static Value reduce(Value value, Merge merge) {
    for (int distance = kWarpSize / 2; distance > 0; distance /= 2) {
      value = merge(value, exchange(value, distance));
    }
    if constexpr (warps > 1) {
      __shared__ Value parts[warps];
      if (lane_of_warp() == 0) parts[warp_of_block()] = value;
      __syncthreads();
      value = parts[0];
      for (int w = 1; w < warps; ++w) value = merge(value, parts[w]);
      __syncthreads();  // before anybody writes the next reduction's parts
    }
    return value;
  }

  /// What the team has read and written lies before what it will read and write.
  __device__ static void sync() {
    if constexpr (warps == 1) {
      __syncwarp();
    } else {
      __syncthreads();
    }
  }

  template <class Value>
  __device__ static Value sum(Value value) {
    return reduce(value, Sum{});
  }
};

using WarpTeam = Team<1>;
using BlockTeam = Team<8>;

}  // namespace groklab::cuda
