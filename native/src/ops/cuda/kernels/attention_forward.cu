// Attention of queries along their paths: scores, softmax, and the mean of the values by it.
#include <limits>

#include "ops/cuda/kernels/attention.cuh"
#include "ops/cuda/kernels/cuda_ops.h"

namespace groklab::cuda {

namespace {

template <class T>
__global__ void __launch_bounds__(kAttentionThreads, kAnyOccupancy)
    attention_forward_queries(const AttentionForward<T> args, const HeadPlan<T> plan) {
  if (block_replica() >= args.q.replicas) return;
  const HeadGroup group(plan.lanes, args.q.rows, args.heads);
  const std::int64_t length = args.path.cols;
  const std::int32_t* const path = args.path.row(group.replica, group.query);
  T* const weights = args.weights.row(group.replica, group.query) + group.head * length;
  const HeadRows<const T> q(args.q, group, plan.width);
  const HeadRows<const T> k(args.k, group, plan.width);
  const HeadRows<const T> v(args.v, group, plan.width);
  const HeadRows<T> y(args.y, group, plan.width);

  // Where the path is no longer than the group, a lane's one entry stays in its registers.
  const bool one_tile = length <= group.lanes;
  T largest = -std::numeric_limits<T>::infinity();
  T own = 0;
  std::int32_t own_key = kNoKey;
  for (std::int64_t tile = 0; tile < length; tile += group.lanes) {
    const std::int64_t t = tile + group.lane;
    const int count = static_cast<int>(min(static_cast<std::int64_t>(group.lanes), length - tile));
    own_key = group.own_key(path, t, length);
    own = plan.scale * own_dot(group, plan, q.row(group.query), k, own_key, count);
    if (own_key < 0) continue;
    if (own > largest) largest = own;
    if (!one_tile) weights[t] = own;
  }
  largest = group.largest(largest);

  T total = 0;
  for (std::int64_t t = group.lane; t < length; t += group.lanes) {
    if (!one_tile) own_key = group.own_key(path, t, length);
    if (own_key < 0) continue;
    own = exp((one_tile ? own : weights[t]) - largest);
    if (!one_tile) weights[t] = own;
    total += own;
  }
  total = group.sum(total);
  for (std::int64_t t = group.lane; t < length; t += group.lanes) {
    if (!one_tile) own_key = group.own_key(path, t, length);
    own = own_key < 0 ? T{0} : (one_tile ? own : weights[t]) / total;
    if (group.active) weights[t] = own;
  }
  combine(group, plan, path, weights, length, own_key, own, v, y.row(group.query));
}

}  // namespace

template <class T>
void CudaOps<T>::attention_forward(const AttentionForward<T>& args) {
  const std::int64_t replicas = args.q.replicas;
  if (replicas <= 0 || args.q.rows <= 0 || args.q.cols <= 0) return;
  const HeadPlan<T> plan =
      plan_heads<T>(args.q.cols, args.heads, all_aligned(args.q, args.k, args.v, args.y));
  attention_forward_queries<<<grid_of_queries(plan, args.q.rows, args.heads, replicas),
                              kAttentionThreads, 0, stream_>>>(args, plan);
  check_launch("attention_forward");
}

template void CudaOps<float>::attention_forward(const AttentionForward<float>&);
template void CudaOps<double>::attention_forward(const AttentionForward<double>&);

}  // namespace groklab::cuda
