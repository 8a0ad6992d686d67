// Multi-head attention along the paths of a prefix tree (Vaswani et al., "Attention is all you
// need", 2017): what forward and backward share. Paths are short (a dozen tokens), so this is dot
// products, not products of matrices.
//
// A group of lanes works on one head of one query; its lanes divide the head's columns. Lane l also
// owns the path's entries l, l + lanes, …: it keeps their scores and weights, and lends them to the
// group by shuffles.
#pragma once

#include <cmath>

#include "ops/cuda/kernels/launch.cuh"
#include "ops/cuda/kernels/pack.cuh"

namespace groklab::cuda {

inline constexpr int kAttentionThreads = 128;

/// Entries whose loads are under way at once.
inline constexpr int kAtOnce = 4;

inline constexpr std::int32_t kNoKey = -1;

/// How a head's columns are divided, and with which factor scores are scaled.
template <class T>
struct HeadPlan {
  std::int64_t width = 0;  ///< of a head
  int lanes = 1;           ///< of a group: a power of two, at most a warp
  bool aligned = false;
  T scale = 1;
};

/// What the threads of a group know of their query and head.
struct HeadGroup {
  int lanes;
  int lane;   ///< in the group
  int first;  ///< the group's first lane in its warp
  bool active;
  std::int64_t replica;
  std::int64_t query;
  std::int64_t head;

  /// A warp's last groups may have no query left: they shuffle along, and store nothing.
  __device__ HeadGroup(int lanes_of_group, std::int64_t queries, std::int64_t heads)
      : lanes(lanes_of_group),
        lane(lane_of_warp() & (lanes_of_group - 1)),
        first(lane_of_warp() - lane),
        replica(block_replica()) {
    const std::int64_t index =
        (static_cast<std::int64_t>(blockIdx.x) * kAttentionThreads + threadIdx.x) / lanes;
    active = index < queries * heads;
    query = active ? index / heads : 0;
    head = active ? index % heads : 0;
  }

  template <class T>
  __device__ T lend(T own, int from) const {
    return __shfl_sync(kAllLanes, own, first + from);
  }

  template <class T>
  __device__ T exchange(T value, int distance) const {
    return __shfl_xor_sync(kAllLanes, value, distance);
  }

  template <class T>
  __device__ T sum(T value) const {
    for (int distance = lanes / 2; distance > 0; distance /= 2) {
      value += exchange(value, distance);
    }
    return value;
  }

  template <class T>
  __device__ T largest(T value) const {
    for (int distance = lanes / 2; distance > 0; distance /= 2) {
      const T other = exchange(value, distance);
      if (other > value) value = other;
    }
    return value;
  }

  /// The key of path entry t, this lane's own.
  __device__ std::int32_t own_key(const std::int32_t* path, std::int64_t t,
                                  std::int64_t length) const {
    return active && t < length ? path[t] : kNoKey;
  }
};

/// The head's columns of the rows of a replica.
template <class T>
struct HeadRows {
  T* data;
  std::int64_t row_stride;

  __device__ HeadRows(const Matrices<T>& m, const HeadGroup& group, std::int64_t width)
      : data(m.row(group.replica, 0) + group.head * width), row_stride(m.row_stride) {}

  __device__ T* row(std::int64_t i) const { return data + i * row_stride; }
};

/// Of the dot products of `vector` with the rows of the group's `count` keys, this lane's own.
template <class T>
__device__ T own_dot(const HeadGroup& group, const HeadPlan<T>& plan, const T* vector,
                     const HeadRows<const T>& rows, std::int32_t own_key, int count) {
  constexpr int kWidth = kPieceSize<T>;
  T own = 0;
  for (int u = 0; u < count; u += kAtOnce) {
    const T* keys[kAtOnce];
    T dots[kAtOnce] = {};
#pragma unroll
    for (int a = 0; a < kAtOnce; ++a) {
      const std::int32_t key = group.lend(own_key, min(u + a, group.lanes - 1));
      keys[a] = u + a < count && key >= 0 ? rows.row(key) : nullptr;
    }
    for (std::int64_t j = group.lane * kWidth; j < plan.width; j += group.lanes * kWidth) {
      const Pack<T> x = load_pack(vector, j, plan.width, plan.aligned);
#pragma unroll
      for (int a = 0; a < kAtOnce; ++a) {
        if (keys[a] == nullptr) continue;
        const Pack<T> y = load_pack(keys[a], j, plan.width, plan.aligned);
#pragma unroll
        for (int k = 0; k < kWidth; ++k) dots[a] += x[k] * y[k];
      }
    }
#pragma unroll
    for (int a = 0; a < kAtOnce; ++a) {
      const T dot = group.sum(dots[a]);
      if (u + a == group.lane) own = dot;
    }
  }
  return own;
}

/// to = Σ weight · row over the path's keys. Each lane keeps its own entry's weight and key; where
/// the path is longer than the group it fetches them again, from `weights` and `path`.
template <class T>
__device__ void combine(const HeadGroup& group, const HeadPlan<T>& plan, const std::int32_t* path,
                        const T* weights, std::int64_t length, std::int32_t own_key, T own_weight,
                        const HeadRows<const T>& rows, T* to) {
  constexpr int kWidth = kPieceSize<T>;
  for (std::int64_t begin = 0; begin < plan.width; begin += group.lanes * kWidth) {
    const std::int64_t j = begin + group.lane * kWidth;
    Pack<T> sum = {};
    for (std::int64_t tile = 0; tile < length; tile += group.lanes) {
      if (length > group.lanes) {
        own_key = group.own_key(path, tile + group.lane, length);
        own_weight = own_key >= 0 ? weights[tile + group.lane] : T{0};
      }
      const int count =
          static_cast<int>(min(static_cast<std::int64_t>(group.lanes), length - tile));
#pragma unroll 4
      for (int u = 0; u < count; ++u) {
        const std::int32_t key = group.lend(own_key, u);
        const T weight = group.lend(own_weight, u);
        if (key < 0) continue;
        const Pack<T> row = load_pack(rows.row(key), j, plan.width, plan.aligned);
#pragma unroll
        for (int k = 0; k < kWidth; ++k) sum[k] += weight * row[k];
      }
    }
    if (group.active) store_pack(sum, to, j, plan.width, plan.aligned);
  }
}

template <class T>
HeadPlan<T> plan_heads(std::int64_t cols, std::int64_t heads, bool aligned) {
  HeadPlan<T> plan;
  plan.width = cols / heads;
  while (plan.lanes < kWarpSize && plan.lanes * kPieceSize<T> < plan.width) plan.lanes *= 2;
  plan.aligned = aligned && plan.width % kPieceSize<T> == 0;
  plan.scale = T{1} / std::sqrt(static_cast<T>(plan.width));
  return plan;
}

template <class T>
dim3 grid_of_queries(const HeadPlan<T>& plan, std::int64_t queries, std::int64_t heads,
                     std::int64_t replicas) {
  return replica_grid(divide_up(queries * heads, kAttentionThreads / plan.lanes), replicas);
}

}  // namespace groklab::cuda
