// Softmax cross-entropy: gradients and each row's share by teams of threads, then the sums.
#include <limits>
#include <type_traits>

#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/teams.cuh"

namespace groklab::cuda {

namespace {

/// Rows up to this many classes are a warp's.
constexpr std::int64_t kMostWarpClasses = 2048;

/// Blocks of a replica: each counts the replica's rows for itself, so they are not to be too many.
constexpr std::int64_t kMostBlocks = 512;

/// Numbers of classes, as wide as T: a Best in shared memory has no padding.
template <class T>
using ClassIndex = std::conditional_t<sizeof(T) == 8, std::int64_t, std::int32_t>;

/// The first largest logit.
template <class T>
struct Best {
  T logit;
  ClassIndex<T> at;

  /// NaN is never larger; −∞ is better than nothing.
  __device__ bool is_better_than(const Best& other) const {
    return logit > other.logit || (logit == other.logit && at < other.at);
  }
};

struct Better {
  template <class T>
  __device__ Best<T> operator()(const Best<T>& a, const Best<T>& b) const {
    return b.is_better_than(a) ? b : a;
  }
};

template <class T>
__device__ Best<T> exchange(const Best<T>& best, int distance) {
  return {cuda::exchange(best.logit, distance), cuda::exchange(best.at, distance)};
}

/// Number of rows of the batch, for all threads of a block of one or several teams.
template <class Team>
__device__ double count_rows(const Indices& counts, std::int64_t r) {
  constexpr int kThreads = Team::kSize * Team::kTeams;
  constexpr int kWarps = kThreads / kWarpSize;
  __shared__ long long parts[kWarps];
  const int thread = static_cast<int>(threadIdx.y) * Team::kSize + Team::rank();
  long long sum = 0;
  for (std::int64_t i = thread; i < counts.size; i += kThreads) sum += counts.replica(r)[i];
  sum = WarpTeam::sum(sum);
  if (thread % kWarpSize == 0) parts[thread / kWarpSize] = sum;
  __syncthreads();
  sum = 0;
  for (int w = 0; w < kWarps; ++w) sum += parts[w];
  return static_cast<double>(sum);
}

template <class T>
__device__ double weight_of(const CrossEntropy<T>& args, std::int64_t r, std::int64_t i) {
  return args.weights.empty() ? 1.0 : static_cast<double>(args.weights.replica(r)[i]);
}

/// One row's part in loss and correct answers; `dlogits` (if wanted) = factor · (softmax − one-hot).
template <class T, class Team>
__device__ void treat_row(const CrossEntropy<T>& args, std::int64_t r, std::int64_t i, T factor) {
  const std::int64_t classes = args.logits.cols;
  const T* const logits = args.logits.row(r, i);
  const std::int32_t count = args.counts.replica(r)[i];
  const std::int32_t target = args.targets.replica(r)[i];
  const T at_target = logits[target];

  Best<T> best{-std::numeric_limits<T>::infinity(), std::numeric_limits<ClassIndex<T>>::max()};
  for (std::int64_t j = Team::rank(); j < classes; j += Team::kSize) {
    const Best<T> candidate{logits[j], static_cast<ClassIndex<T>>(j)};
    if (candidate.is_better_than(best)) best = candidate;
  }
  best = Team::reduce(best, Better{});
  // The largest is exactly 1 (or NaN, where it is infinite). Left out of the sum, it does not
  // swallow the others, and log1p keeps the loss of a confident, right answer.
  T others = 0;
  for (std::int64_t j = Team::rank(); j < classes; j += Team::kSize) {
    if (j != best.at) others += exp(logits[j] - best.logit);
  }
  others = Team::sum(others) + (exp(best.logit - best.logit) - T{1});

  if (Team::rank() == 0) {
    double* const result = args.row_results.row(r, i);
    // A row that stands for none must not turn the sum into NaN.
    const double loss = static_cast<double>(best.logit) - static_cast<double>(at_target) +
                        static_cast<double>(log1p(others));
    result[0] = count == 0 ? 0.0 : count * weight_of(args, r, i) * loss;
    result[1] = best.at == target ? count : 0;
  }
  if (args.dlogits.empty()) return;
  T* const dlogits = args.dlogits.row(r, i);
  Team::sync();  // everybody has read logits[target], and the gradients may lie in the same place
  // In working precision, as frameworks have it: an answer beyond doubt gives no gradient.
  const T scale = factor / (T{1} + others);
  for (std::int64_t j = Team::rank(); j < classes; j += Team::kSize) {
    T gradient = exp(logits[j] - best.logit) * scale;
    if (j == target) gradient -= factor;
    dlogits[j] = count == 0 ? T{0} : gradient;
  }
}

template <class T, class Team>
__global__ void __launch_bounds__(Team::kSize* Team::kTeams, kAnyOccupancy)
    cross_entropy_rows(const CrossEntropy<T> args) {
  const std::int64_t r = block_replica();
  if (r >= args.logits.replicas) return;
  double share = 0;
  if (!args.dlogits.empty()) {
    const double total = count_rows<Team>(args.counts, r);
    if (total > 0) share = 1.0 / total;
  }
  for (std::int64_t i = static_cast<std::int64_t>(blockIdx.x) * Team::kTeams + threadIdx.y;
       i < args.logits.rows; i += static_cast<std::int64_t>(gridDim.x) * Team::kTeams) {
    treat_row<T, Team>(args, r, i,
                       static_cast<T>(args.counts.replica(r)[i] * share * weight_of(args, r, i)));
  }
}

/// Adds the rows up; each thread takes rows a block apart.
__global__ void __launch_bounds__(BlockTeam::kSize, kAnyOccupancy)
    cross_entropy_sums(Matrices<const double> rows, Indices counts, Vectors<double> loss,
                       Vectors<double> correct) {
  const std::int64_t r = block_replica();
  if (r >= loss.replicas) return;
  double losses = 0;
  double right = 0;
  long long total = 0;
#pragma unroll 4
  for (std::int64_t i = BlockTeam::rank(); i < counts.size; i += BlockTeam::kSize) {
    losses += rows.row(r, i)[0];
    right += rows.row(r, i)[1];
    total += counts.replica(r)[i];
  }
  losses = BlockTeam::sum(losses);
  right = BlockTeam::sum(right);
  total = BlockTeam::sum(total);
  if (BlockTeam::rank() != 0) return;
  *loss.replica(r) = total == 0 ? 0.0 : losses / static_cast<double>(total);
  *correct.replica(r) = right;
}

template <class T, class Team>
void launch_rows(cudaStream_t stream, const CrossEntropy<T>& args) {
  const std::int64_t blocks = divide_up(args.logits.rows, Team::kTeams);
  const dim3 grid = replica_grid(blocks < kMostBlocks ? blocks : kMostBlocks, args.logits.replicas);
  cross_entropy_rows<T, Team><<<grid, Team::block(), 0, stream>>>(args);
  check_launch("cross_entropy");
}

}  // namespace

template <class T>
void CudaOps<T>::cross_entropy(const CrossEntropy<T>& args) {
  if (args.logits.replicas <= 0) return;
  if (args.logits.rows > 0) {
    if (args.logits.cols <= kMostWarpClasses) {
      launch_rows<T, WarpTeam>(stream_, args);
    } else {
      launch_rows<T, BlockTeam>(stream_, args);
    }
  }
  cross_entropy_sums<<<replica_grid(1, args.logits.replicas), BlockTeam::block(), 0, stream_>>>(
      args.row_results, args.counts, args.loss, args.correct);
  check_launch("cross_entropy");
}

template void CudaOps<float>::cross_entropy(const CrossEntropy<float>&);
template void CudaOps<double>::cross_entropy(const CrossEntropy<double>&);

}  // namespace groklab::cuda
