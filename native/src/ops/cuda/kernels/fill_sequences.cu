// The places of an encoder–decoder's batch, made from the rows' numbers where the data set lies.
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/launch.cuh"

namespace groklab::cuda {

namespace {

constexpr int kThreads = 128;

/// Tokens of a row before its end.
__device__ std::int64_t tokens_before_end(const std::int32_t* tokens, std::int64_t most) {
  std::int64_t count = 0;
  while (count < most && tokens[count] >= 0) ++count;
  return count;
}

/// path[t] = first + t for the first `seen` of `length` positions, −1 after them.
__device__ void fill_path(std::int32_t* path, std::int64_t length, std::int64_t seen,
                          std::int64_t first) {
  for (std::int64_t t = 0; t < length; ++t) {
    path[t] = t < seen ? static_cast<std::int32_t>(first + t) : -1;
  }
}

/// One row of one replica's batch.
struct SequenceRow {
  const SequenceRows& args;
  std::int64_t r;
  std::int64_t i;
  const std::int32_t* source;
  const std::int32_t* sequence;
  std::int64_t source_tokens;

  __device__ SequenceRow(const SequenceRows& rows, std::int64_t replica, std::int64_t row)
      : args(rows),
        r(replica),
        i(row),
        source(args.sources.row(r, args.rows.replica(r)[i])),
        sequence(args.sequences.row(r, args.rows.replica(r)[i])),
        source_tokens(tokens_before_end(source, args.sources.cols)) {}

  __device__ void fill_source(std::int64_t s) const {
    const std::int64_t length = args.sources.cols;
    const std::int64_t place = i * length + s;
    const std::int64_t number = args.numbers.replica(r)[i] * length + s;
    args.source_tokens.replica(r)[place] = s < source_tokens ? source[s] : 0;
    args.source_positions.replica(r)[place] = static_cast<std::int32_t>(s);
    args.source_numbers.replica(r)[place] = static_cast<std::int32_t>(number);
    fill_path(args.source_paths.row(r, place), length, source_tokens, i * length);
  }

  __device__ void fill_target(std::int64_t u) const {
    const std::int64_t length = args.sequences.cols - 1;
    const std::int64_t answers = tokens_before_end(sequence, length + 1) - 1;
    const std::int64_t place = i * length + u;
    const std::int64_t number = args.numbers.replica(r)[i] * length + u;
    const bool asked = u < answers;
    args.target_tokens.replica(r)[place] = asked ? sequence[u] : 0;
    args.target_positions.replica(r)[place] = static_cast<std::int32_t>(u);
    args.target_numbers.replica(r)[place] = static_cast<std::int32_t>(number);
    const std::int64_t seen = args.causal && asked ? u + 1 : answers;
    fill_path(args.target_paths.row(r, place), length, seen, i * length);
    fill_path(args.cross_paths.row(r, place), args.sources.cols, source_tokens,
              i * args.sources.cols);
    args.answers.replica(r)[place] = asked ? sequence[u + 1] : 0;
    args.answer_counts.replica(r)[place] = asked ? args.counts.replica(r)[i] : 0;
  }
};

/// A thread for each place: a row's source, then its target.
__global__ void __launch_bounds__(kThreads, kAnyOccupancy)
    fill_sequence_rows(const SequenceRows args) {
  const std::int64_t r = block_replica();
  if (r >= args.rows.replicas) return;
  const std::int64_t sources = args.sources.cols;
  const std::int64_t places = sources + args.sequences.cols - 1;
  const std::int64_t index = static_cast<std::int64_t>(blockIdx.x) * kThreads + threadIdx.x;
  const std::int64_t i = index / places;
  if (i >= args.rows.size) return;
  const SequenceRow row(args, r, i);
  const std::int64_t place = index % places;
  if (place < sources) {
    row.fill_source(place);
  } else {
    row.fill_target(place - sources);
  }
}

}  // namespace

template <class T>
void CudaOps<T>::fill_sequences(const SequenceRows& args) {
  const std::int64_t threads = args.rows.size * (args.sources.cols + args.sequences.cols - 1);
  if (args.rows.replicas <= 0 || threads <= 0) return;
  fill_sequence_rows<<<replica_grid(divide_up(threads, kThreads), args.rows.replicas), kThreads, 0,
                       stream_>>>(args);
  check_launch("fill_sequences");
}

template void CudaOps<float>::fill_sequences(const SequenceRows&);
template void CudaOps<double>::fill_sequences(const SequenceRows&);

}  // namespace groklab::cuda
