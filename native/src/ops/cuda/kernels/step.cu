// What a step reads from the table of its chunk, and what it leaves there.
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/elements.cuh"

namespace groklab::cuda {

namespace {

struct ReadRecord {
  static constexpr int kWidth = kPieceSize<std::int32_t>;
  const std::int64_t* cursor;
  Matrices<const std::int32_t> table;
  Vectors<std::int32_t> record;
  bool aligned;

  __device__ void operator()(std::int64_t r, std::int64_t, std::int64_t j) const {
    const auto words = load_pack(table.row(r, *cursor), j, table.cols, aligned);
    store_pack(words, record.replica(r), j, table.cols, aligned);
  }
};

constexpr int kThreads = 512;

/// One block for all replicas, so that the cursor moves on when everybody has read it.
__global__ void __launch_bounds__(kThreads, kAnyOccupancy)
    write_results_of_step(std::int64_t* cursor, Vectors<const double> results,
                          Matrices<double> table) {
  const std::int64_t step = *cursor;
  __syncthreads();
  const std::int64_t size = table.replicas * table.cols;
  for (std::int64_t i = threadIdx.x; i < size; i += kThreads) {
    const std::int64_t r = i / table.cols;
    const std::int64_t j = i % table.cols;
    table.row(r, step)[j] = results.replica(r)[j];
  }
  if (threadIdx.x == 0) *cursor = step + 1;
}

}  // namespace

template <class T>
void CudaOps<T>::begin_step(const std::int64_t* cursor, Matrices<const std::int32_t> table,
                            Vectors<std::int32_t> record) {
  const ReadRecord body{cursor, table, record, all_aligned(table, record)};
  launch_for_each_pack(stream_, "begin_step", body, table.replicas, 1, table.cols);
}

template <class T>
void CudaOps<T>::end_step(std::int64_t* cursor, Vectors<const double> results,
                          Matrices<double> table) {
  write_results_of_step<<<1, kThreads, 0, stream_>>>(cursor, results, table);
  check_launch("end_step");
}

template void CudaOps<float>::begin_step(const std::int64_t*, Matrices<const std::int32_t>,
                                         Vectors<std::int32_t>);
template void CudaOps<double>::begin_step(const std::int64_t*, Matrices<const std::int32_t>,
                                          Vectors<std::int32_t>);
template void CudaOps<float>::end_step(std::int64_t*, Vectors<const double>, Matrices<double>);
template void CudaOps<double>::end_step(std::int64_t*, Vectors<const double>, Matrices<double>);

}  // namespace groklab::cuda
