// Lists made from the key of each item: a stable counting sort, one block for each job and replica.
//
// Histogram and prefix sum are the textbook's. The last pass must keep equal keys in order: it goes
// over the items tile by tile; in a tile each warp ranks its lanes among equals by a match, and
// then the warps take turns to move the lists' cursors on.
#include <algorithm>

#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/launch.cuh"

namespace groklab::cuda {

namespace {

/// A block has as many threads as its largest job has use for, at most these.
constexpr std::int64_t kMostThreads = 512;
constexpr int kMostWarps = kMostThreads / kWarpSize;

/// The cursors of this many lists lie in shared memory, those of more in `offsets` itself.
constexpr std::int64_t kMostSharedLists = 12000;

__device__ inline int block_threads() { return static_cast<int>(blockDim.x); }
__device__ inline int block_warps() { return block_threads() / kWarpSize; }

struct Jobs {
  ListsOf jobs[kMostLists];
};

/// cursors[l] = number of items of list l.
__device__ void count_items(const Indices& keys, std::int64_t r, std::int64_t lists,
                            std::int32_t* cursors) {
  for (std::int64_t l = threadIdx.x; l < lists; l += block_threads()) cursors[l] = 0;
  __syncthreads();
  for (std::int64_t i = threadIdx.x; i < keys.size; i += block_threads()) {
    const std::int32_t key = keys.replica(r)[i];
    if (key >= 0) atomicAdd(cursors + key, 1);
  }
  __syncthreads();
}

/// From the lists' lengths to their beginnings, in `cursors` and `offsets`, which may be the same.
__device__ void sum_lengths(std::int64_t lists, std::int32_t* cursors, std::int32_t* offsets) {
  __shared__ std::int32_t parts[kMostWarps];
  std::int32_t before = 0;
  for (std::int64_t tile = 0; tile < lists; tile += block_threads()) {
    const std::int64_t l = tile + threadIdx.x;
    const std::int32_t length = l < lists ? cursors[l] : 0;
    std::int32_t sum = length;  // of the warp's lists up to and with this
    for (int distance = 1; distance < kWarpSize; distance *= 2) {
      const std::int32_t other = __shfl_up_sync(kAllLanes, sum, distance);
      if (lane_of_warp() >= distance) sum += other;
    }
    if (lane_of_warp() == kWarpSize - 1) parts[warp_of_block()] = sum;
    __syncthreads();
    std::int32_t begin = before + sum - length;
    for (int w = 0; w < block_warps(); ++w) {
      if (w < warp_of_block()) begin += parts[w];
      before += parts[w];
    }
    if (l < lists) {
      cursors[l] = begin;
      offsets[l] = begin;
    }
    __syncthreads();
  }
  if (threadIdx.x == 0) offsets[lists] = before;
}

/// Moves each list's cursor from its beginning to its end.
__device__ void place_items(const Indices& keys, std::int64_t r, std::int32_t* cursors,
                            std::int32_t* items) {
  const int lane = lane_of_warp();
  for (std::int64_t tile = 0; tile < keys.size; tile += block_threads()) {
    const std::int64_t i = tile + threadIdx.x;
    const std::int32_t key = i < keys.size ? keys.replica(r)[i] : -1;
    const unsigned equals = __match_any_sync(kAllLanes, key);
    const int rank = __popc(equals & ((1u << lane) - 1));
    std::int32_t begin = 0;
    for (int w = 0; w < block_warps() && tile + w * kWarpSize < keys.size; ++w) {
      if (w == warp_of_block() && rank == 0 && key >= 0) {
        begin = cursors[key];
        cursors[key] = begin + __popc(equals);
      }
      __syncthreads();
    }
    begin = __shfl_sync(kAllLanes, begin, __ffs(static_cast<int>(equals)) - 1);
    if (key >= 0) items[begin + rank] = static_cast<std::int32_t>(i);
  }
}

/// The end of a list is the beginning of the next: moves them up by one, from the last on.
__device__ void shift_ends(std::int64_t lists, std::int32_t* offsets) {
  for (std::int64_t tile = (lists - 1) / block_threads() * block_threads(); tile >= 0;
       tile -= block_threads()) {
    const std::int64_t l = tile + threadIdx.x;
    const std::int32_t end = l < lists ? offsets[l] : 0;
    __syncthreads();
    if (l < lists) offsets[l + 1] = end;
    __syncthreads();
  }
  if (threadIdx.x == 0) offsets[0] = 0;
}

__global__ void __launch_bounds__(kMostThreads, kAnyOccupancy)
    sort_into_lists(const Jobs jobs, std::int64_t replicas) {
  __shared__ std::int32_t shared_cursors[kMostSharedLists];
  const std::int64_t r = block_replica();
  if (r >= replicas) return;
  const ListsOf& job = jobs.jobs[blockIdx.x];
  std::int32_t* const offsets = job.offsets.replica(r);
  const std::int64_t lists = job.offsets.size - 1;
  const bool in_offsets = lists > kMostSharedLists;
  std::int32_t* const cursors = in_offsets ? offsets : shared_cursors;
  count_items(job.keys, r, lists, cursors);
  sum_lengths(lists, cursors, offsets);
  place_items(job.keys, r, cursors, job.items.replica(r));
  if (in_offsets) shift_ends(lists, offsets);
}

}  // namespace

template <class T>
void CudaOps<T>::make_lists(std::span<const ListsOf> jobs) {
  if (jobs.empty() || jobs.front().keys.replicas <= 0) return;
  Jobs all;
  std::copy(jobs.begin(), jobs.end(), all.jobs);
  std::int64_t most = 1;
  for (const ListsOf& job : jobs) most = std::max({most, job.keys.size, job.offsets.size - 1});
  const std::int64_t threads = std::min(divide_up(most, kWarpSize) * kWarpSize, kMostThreads);
  const std::int64_t replicas = jobs.front().keys.replicas;
  sort_into_lists<<<replica_grid(static_cast<std::int64_t>(jobs.size()), replicas),
                    static_cast<unsigned>(threads), 0, stream_>>>(all, replicas);
  check_launch("make_lists");
}

template void CudaOps<float>::make_lists(std::span<const ListsOf>);
template void CudaOps<double>::make_lists(std::span<const ListsOf>);

}  // namespace groklab::cuda
