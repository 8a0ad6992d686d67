// Inverted dropout (Srivastava et al., JMLR 2014) with counter-based masks: element e of a site
// takes number e mod 4 of the Philox block e div 4.
#include "core/philox.h"
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/kernels/elements.cuh"

namespace groklab::cuda {

namespace {

/// Columns of a thread: as many as a Philox block decides over.
constexpr int kWidth = 4;

/// What a replica's key comes to.
template <class T>
struct Mask {
  std::uint64_t threshold;
  T scale;
};

/// Number `index` of a block. Chosen, not indexed, so that the block stays in registers.
__device__ inline std::uint32_t choose(const PhiloxCounter& bits, std::uint32_t index) {
  const std::uint32_t low = (index & 1) == 0 ? bits[0] : bits[1];
  const std::uint32_t high = (index & 1) == 0 ? bits[2] : bits[3];
  return (index & 2) == 0 ? low : high;
}

template <class T>
__global__ void __launch_bounds__(ElementBlocks::kThreads, kAnyOccupancy)
    drop_elements(Vectors<const DropoutKey> keys, std::uint32_t site, Indices numbers,
                  Matrices<const T> x, Matrices<T> y, unsigned column_blocks, bool aligned) {
  __shared__ Mask<T> mask;
  const std::int64_t r = block_replica();
  if (r >= y.replicas) return;
  const DropoutKey* const key = keys.replica(r);
  // By one thread: many GPUs are slow in double precision.
  if (threadIdx.x == 0 && threadIdx.y == 0) {
    mask.threshold = dropout_threshold(key->rate);
    mask.scale = static_cast<T>(1.0 / (1.0 - key->rate));
  }
  __syncthreads();
  const ElementPlace at(column_blocks, kWidth);
  if (at.row >= y.rows || at.col >= y.cols) return;

  const auto first = static_cast<std::uint64_t>(numbers.replica(r)[at.row] * y.cols + at.col);
  const auto draw = [&](std::uint64_t block) {
    return dropout_bits(key->seed, key->step, site, static_cast<std::uint32_t>(block));
  };
  // Where rows are no multiple of four long, a pack may begin in one block and end in the next.
  const auto shift = static_cast<std::uint32_t>(first % 4);
  const PhiloxCounter bits = draw(first / 4);
  PhiloxCounter next = bits;
  if (shift != 0) next = draw(first / 4 + 1);
  Pack<T, kWidth> pack = load_pack<T, kWidth>(x.row(r, at.row), at.col, y.cols, aligned);
#pragma unroll
  for (std::uint32_t k = 0; k < kWidth; ++k) {
    const std::uint32_t number = choose(shift + k < 4 ? bits : next, (shift + k) % 4);
    pack[k] = number >= mask.threshold ? pack[k] * mask.scale : T{0};
  }
  store_pack(pack, y.row(r, at.row), at.col, y.cols, aligned);
}

}  // namespace

template <class T>
void CudaOps<T>::dropout(Vectors<const DropoutKey> keys, std::uint32_t site, Indices numbers,
                         Matrices<const T> x, Matrices<T> y) {
  if (y.replicas <= 0 || y.rows <= 0 || y.cols <= 0) return;
  const ElementBlocks blocks(y.rows, y.cols, kWidth);
  drop_elements<<<replica_grid(blocks.blocks, y.replicas), blocks.threads, 0, stream_>>>(
      keys, site, numbers, x, y, blocks.column_blocks, all_aligned(x, y));
  check_launch("dropout");
}

template void CudaOps<float>::dropout(Vectors<const DropoutKey>, std::uint32_t, Indices,
                                      Matrices<const float>, Matrices<float>);
template void CudaOps<double>::dropout(Vectors<const DropoutKey>, std::uint32_t, Indices,
                                       Matrices<const double>, Matrices<double>);

}  // namespace groklab::cuda
