// Sums over lists of items (views.h, Lists), each a row of packs.
//
// A warp takes a list, its lanes the columns. Where a tree is shared some lists are very long (one
// token pair may serve all rows): those, a block's warps sum together, in segments dealt out in
// turn, and their parts are added in order. What is done depends on a list's length alone.
#pragma once

#include <cstdint>

#include "core/views.h"
#include "ops/cuda/kernels/launch.cuh"

namespace groklab::cuda {

inline constexpr int kListsPerBlock = 8;
inline constexpr int kListThreads = kListsPerBlock * kWarpSize;
inline constexpr int kListSegment = 16;

/// Adds `count` ≤ kListSegment items; all lanes of a warp are in it.
template <class Body>
__device__ void add_segment(const Body& body, std::int64_t r, const std::int32_t* items, int count,
                            const typename Body::Column& column,
                            typename Body::Real (&sums)[Body::kSums]) {
  const int lane = lane_of_warp();
  const std::int32_t own = lane < count ? items[lane] : 0;
#pragma unroll 4
  for (int i = 0; i < count; ++i) body.add(r, __shfl_sync(kAllLanes, own, i), column, sums);
}

/// Body: Real; kWidth, columns of a lane; kSums; Column, what a lane knows of its columns;
/// column(j); add(replica, item, column, sums); store(replica, list, column, sums).
template <class Body>
__global__ void __launch_bounds__(kListThreads, kAnyOccupancy)
    sum_over_lists(const Body body, const Lists lists, std::int64_t replicas,
                   unsigned column_blocks) {
  using Real = typename Body::Real;
  constexpr int kSums = Body::kSums;
  __shared__ Real parts[kListsPerBlock][kSums][kWarpSize];
  __shared__ std::int32_t bounds[kListsPerBlock + 1];

  const std::int64_t r = block_replica();
  if (r >= replicas) return;
  const int warp = warp_of_block();
  const int lane = lane_of_warp();
  const std::int64_t first = static_cast<std::int64_t>(blockIdx.x / column_blocks) * kListsPerBlock;
  const std::int64_t j =
      (static_cast<std::int64_t>(blockIdx.x % column_blocks) * kWarpSize + lane) * Body::kWidth;
  const typename Body::Column column = body.column(j);
  const std::int32_t* const items = lists.items.replica(r);
  if (threadIdx.x <= kListsPerBlock) {
    const std::int64_t list = first + threadIdx.x;
    const std::int64_t end = lists.offsets.size - 1;
    bounds[threadIdx.x] = lists.offsets.replica(r)[list < end ? list : end];
  }
  __syncthreads();

  const int own_length = bounds[warp + 1] - bounds[warp];
  if (own_length <= kListSegment && first + warp < lists.offsets.size - 1) {
    Real sums[kSums] = {};
    add_segment(body, r, items + bounds[warp], own_length, column, sums);
    body.store(r, first + warp, column, sums);
  }

  for (int l = 0; l < kListsPerBlock; ++l) {
    const int begin = bounds[l];
    const int length = bounds[l + 1] - begin;
    if (length <= kListSegment) continue;
    Real sums[kSums] = {};
    for (int s = warp * kListSegment; s < length; s += kListsPerBlock * kListSegment) {
      add_segment(body, r, items + begin + s, min(kListSegment, length - s), column, sums);
    }
#pragma unroll
    for (int k = 0; k < kSums; ++k) parts[warp][k][lane] = sums[k];
    __syncthreads();
    if (warp == l) {
      for (int w = 0; w < kListsPerBlock; ++w) {
#pragma unroll
        for (int k = 0; k < kSums; ++k) {
          sums[k] = w == 0 ? parts[0][k][lane] : sums[k] + parts[w][k][lane];
        }
      }
      body.store(r, first + l, column, sums);
    }
    __syncthreads();
  }
}

template <class Body>
void launch_sum_over_lists(cudaStream_t stream, const char* name, const Body& body,
                           const Lists& lists, std::int64_t replicas, std::int64_t cols) {
  const std::int64_t size = lists.size();
  if (replicas <= 0 || size <= 0 || cols <= 0) return;
  const std::int64_t column_blocks = divide_up(cols, kWarpSize * Body::kWidth);
  const dim3 grid = replica_grid(column_blocks * divide_up(size, kListsPerBlock), replicas);
  sum_over_lists<<<grid, kListThreads, 0, stream>>>(body, lists, replicas,
                                                    static_cast<unsigned>(column_blocks));
  check_launch(name);
}

}  // namespace groklab::cuda
