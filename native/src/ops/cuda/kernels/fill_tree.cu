// The prefix tree of a step's batch, made from the rows' numbers where the data set lies.
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/launch.cuh"

namespace groklab::cuda {

namespace {

constexpr int kThreads = 128;

/// One row of one replica's batch.
struct TreeRow {
  const TreeRows& args;
  std::int64_t r;
  std::int64_t i;
  std::int64_t size;    ///< rows of the batch that count
  std::int64_t source;  ///< row of the data set; padding repeats the first

  __device__ TreeRow(const TreeRows& rows, std::int64_t replica, std::int64_t row)
      : args(rows), r(replica), i(row), size(*rows.sizes.replica(replica)) {
    source = size > 0 ? args.rows.replica(r)[i < size ? i : 0] : 0;
  }

  [[nodiscard]] __device__ std::int32_t token(std::int64_t t) const {
    return args.tokens.row(0, source)[t];
  }

  [[nodiscard]] __device__ std::int64_t node(std::int64_t t) const {
    const std::int64_t shared = args.shared_nodes.cols;
    if (t < shared) return args.shared_nodes.row(0, source)[t];
    return args.first_node + (t - shared) * args.rows.size + i;
  }

  [[nodiscard]] __device__ std::int32_t pair(std::int64_t t) const {
    const std::int32_t own_pairs = args.row_pairs.data[t];
    if (own_pairs >= 0) return own_pairs + static_cast<std::int32_t>(i);
    const std::int64_t vocabulary = args.shared_pairs.size / args.tokens.cols;
    return args.shared_pairs.data[t * vocabulary + token(t)];
  }

  /// What belongs to the row as a whole; its position t, if it has a pair of its own there.
  __device__ void fill_position(std::int64_t t) const {
    const std::int32_t own_pairs = args.row_pairs.data[t];
    if (own_pairs >= 0) args.pair_tokens.replica(r)[own_pairs + i] = token(t);
    if (t > 0) return;
    args.leaf_targets.replica(r)[i] = args.targets.data[source];
    args.leaf_counts.replica(r)[i] = i < size ? 1 : 0;
  }

  /// Position u of the paths of the row's own node at level t.
  __device__ void fill_node(std::int64_t t, std::int64_t u) const {
    const std::int64_t own = node(t);
    args.node_paths.row(r, own)[u] = u <= t ? static_cast<std::int32_t>(node(u)) : -1;
    args.pair_paths.row(r, own)[u] = u <= t ? pair(u) : -1;
    if (u != t) return;
    args.node_pairs.replica(r)[own] = pair(t);
    args.node_parents.replica(r)[own] = t > 0 ? static_cast<std::int32_t>(node(t - 1)) : -1;
    const std::int64_t number = args.first_node + (t - args.shared_nodes.cols) * size + i;
    args.node_numbers.replica(r)[own] = i < size ? static_cast<std::int32_t>(number) : 0;
  }
};

/// A thread for each row, own level and position; those of one level more treat the row as such.
__global__ void __launch_bounds__(kThreads, kAnyOccupancy) fill_tree_rows(const TreeRows args) {
  const std::int64_t r = block_replica();
  if (r >= args.rows.replicas) return;
  const std::int64_t length = args.tokens.cols;
  const std::int64_t shared = args.shared_nodes.cols;
  const std::int64_t levels = length - shared + 1;
  const std::int64_t index = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const std::int64_t i = index / (levels * length);
  if (i >= args.rows.size) return;
  const std::int64_t t = shared + index / length % levels;
  const TreeRow row(args, r, i);
  if (t < length) {
    row.fill_node(t, index % length);
  } else {
    row.fill_position(index % length);
  }
}

}  // namespace

template <class T>
void CudaOps<T>::fill_tree(const TreeRows& args) {
  const std::int64_t length = args.tokens.cols;
  const std::int64_t threads = args.rows.size * (length - args.shared_nodes.cols + 1) * length;
  if (args.rows.replicas <= 0 || threads <= 0) return;
  fill_tree_rows<<<replica_grid(divide_up(threads, kThreads), args.rows.replicas), kThreads, 0,
                   stream_>>>(args);
  check_launch("fill_tree");
}

template void CudaOps<float>::fill_tree(const TreeRows&);
template void CudaOps<double>::fill_tree(const TreeRows&);

}  // namespace groklab::cuda
