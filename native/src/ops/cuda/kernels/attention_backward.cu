// The gradient of attention, in two kernels without shared sums: queries first (scores and dq), then
// keys, each of which gathers from the queries that used it, in order.
#include "ops/cuda/kernels/attention.cuh"
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/list_sums.cuh"

namespace groklab::cuda {

namespace {

/// Softmax: ds_t = w_t (dw_t − Σ w dw), with dw_t = dy · v_t; dq = Σ ds_t k_t. The scores' scale
/// goes into ds.
template <class T>
__global__ void __launch_bounds__(kAttentionThreads, kAnyOccupancy)
    attention_backward_queries(const AttentionBackward<T> args, const HeadPlan<T> plan) {
  if (block_replica() >= args.q.replicas) return;
  const HeadGroup group(plan.lanes, args.q.rows, args.heads);
  const std::int64_t length = args.path.cols;
  const std::int32_t* const path = args.path.row(group.replica, group.query);
  const T* const weights = args.weights.row(group.replica, group.query) + group.head * length;
  T* const dscores = args.dscores.row(group.replica, group.query) + group.head * length;
  const HeadRows<const T> k(args.k, group, plan.width);
  const HeadRows<const T> v(args.v, group, plan.width);
  const HeadRows<const T> dy(args.dy, group, plan.width);
  const HeadRows<T> dq(args.dq, group, plan.width);

  // Where the path is no longer than the group, a lane's one entry stays in its registers.
  const bool one_tile = length <= group.lanes;
  T mean = 0;
  T own = 0;
  std::int32_t own_key = kNoKey;
  for (std::int64_t tile = 0; tile < length; tile += group.lanes) {
    const std::int64_t t = tile + group.lane;
    const int count = static_cast<int>(min(static_cast<std::int64_t>(group.lanes), length - tile));
    own_key = group.own_key(path, t, length);
    own = own_dot(group, plan, dy.row(group.query), v, own_key, count);
    if (own_key < 0) continue;
    mean += weights[t] * own;
    if (!one_tile) dscores[t] = own;
  }
  mean = group.sum(mean);

  for (std::int64_t t = group.lane; t < length; t += group.lanes) {
    if (!one_tile) own_key = group.own_key(path, t, length);
    own = own_key < 0 ? T{0} : plan.scale * weights[t] * ((one_tile ? own : dscores[t]) - mean);
    if (group.active) dscores[t] = own;
  }
  combine(group, plan, path, dscores, length, own_key, own, k, dq.row(group.query));
}

/// dk and dv of a key: Σ ds q and Σ w dy over the path entries that name it.
/// @tparam width columns of a lane, which must lie in one head
template <class T, int width>
struct KeySums {
  using Real = T;
  static constexpr int kWidth = width;
  static constexpr int kSums = 2 * width;

  struct Column {
    std::int64_t j;
    std::int64_t first_entry;  ///< of the head, among a query's weights
  };

  Matrices<const T> q;
  Matrices<const T> dy;
  Matrices<const T> weights;
  Matrices<const T> dscores;
  Matrices<T> dk;
  Matrices<T> dv;
  std::int64_t head_width;
  std::int32_t length;
  bool aligned;

  __device__ Column column(std::int64_t j) const { return {j, j / head_width * length}; }

  __device__ void add(std::int64_t r, std::int32_t item, const Column& column,
                      T (&sums)[kSums]) const {
    if (column.j >= q.cols) return;  // such a lane's head is beyond the last
    const std::int32_t n = item / length;
    const std::int64_t entry = column.first_entry + item % length;
    const T ds = dscores.row(r, n)[entry];
    const T w = weights.row(r, n)[entry];
    const Pack<T, width> query = load_pack<T, width>(q.row(r, n), column.j, q.cols, aligned);
    const Pack<T, width> gradient = load_pack<T, width>(dy.row(r, n), column.j, q.cols, aligned);
#pragma unroll
    for (int k = 0; k < width; ++k) {
      sums[k] += ds * query[k];
      sums[width + k] += w * gradient[k];
    }
  }

  __device__ void store(std::int64_t r, std::int64_t key, const Column& column,
                        const T (&sums)[kSums]) const {
    Pack<T, width> of_key;
    Pack<T, width> of_value;
#pragma unroll
    for (int k = 0; k < width; ++k) {
      of_key[k] = sums[k];
      of_value[k] = sums[width + k];
    }
    store_pack(of_key, dk.row(r, key), column.j, q.cols, aligned);
    store_pack(of_value, dv.row(r, key), column.j, q.cols, aligned);
  }
};

template <class T, int width>
void sum_over_uses(cudaStream_t stream, const AttentionBackward<T>& args, bool aligned) {
  const KeySums<T, width> body{args.q,
                               args.dy,
                               args.weights,
                               args.dscores,
                               args.dk,
                               args.dv,
                               args.q.cols / args.heads,
                               static_cast<std::int32_t>(args.path.cols),
                               aligned};
  launch_sum_over_lists(stream, "attention_backward", body, args.uses, args.dk.replicas,
                        args.dk.cols);
}

}  // namespace

template <class T>
void CudaOps<T>::attention_backward(const AttentionBackward<T>& args) {
  const std::int64_t replicas = args.q.replicas;
  if (replicas <= 0 || args.q.cols <= 0) return;
  const bool aligned = all_aligned(args.q, args.k, args.v, args.dy, args.dq, args.dk, args.dv);
  const HeadPlan<T> plan = plan_heads<T>(args.q.cols, args.heads, aligned);
  if (args.q.rows > 0) {
    attention_backward_queries<<<grid_of_queries(plan, args.q.rows, args.heads, replicas),
                                 kAttentionThreads, 0, stream_>>>(args, plan);
    check_launch("attention_backward");
  }
  if (plan.width % kPieceSize<T> == 0) {
    sum_over_uses<T, kPieceSize<T>>(stream_, args, aligned);
  } else {
    sum_over_uses<T, 1>(stream_, args, aligned);
  }
}

template void CudaOps<float>::attention_backward(const AttentionBackward<float>&);
template void CudaOps<double>::attention_backward(const AttentionBackward<double>&);

}  // namespace groklab::cuda
