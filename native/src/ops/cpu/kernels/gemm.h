// The product behind all linear layers: C = A B (+ bias), or C += A B, for one replica.
//
// B is packed into panels of kPanel columns that stay in the first-level cache while the rows of A
// pass by; a register tile of kTileRows × kPanel accumulators runs over a block of the inner
// dimension (Goto & van de Geijn, "Anatomy of high-performance matrix multiplication", 2008). An
// element is always the same chain of fused multiply-adds over k, wherever tiles and shares of
// threads begin, so the bits do not depend on them.
#pragma once

#include "ops/cpu/kernels/simd.h"
#include "ops/cpu/thread_team.h"

namespace groklab::cpu::GROKLAB_ISA {

/// A matrix operand by strides: element (i, j) lies at data[i · row_stride + j · col_stride]; one of
/// the strides is 1.
template <class T>
struct Operand {
  const T* data = nullptr;
  std::int64_t row_stride = 1;
  std::int64_t col_stride = 1;
};

template <class T>
struct Gemm {
  std::int64_t rows = 0;   ///< of A and C
  std::int64_t cols = 0;   ///< of B and C
  std::int64_t inner = 0;  ///< columns of A, rows of B
  Operand<T> a;
  Operand<T> b;
  T* c = nullptr;
  std::int64_t c_stride = 0;  ///< from row to row of C
  const T* bias = nullptr;    ///< [cols], added to every row; null: none
  bool accumulate = false;    ///< C += A B; else C = A B + bias
};

/// How many ways to split rows and columns among threads.
struct Grid {
  std::int64_t row_parts = 1;
  std::int64_t col_parts = 1;
};

/// The least largest share of `tiles` × `panels`, then the fewest row splits, because every one of
/// them packs the same panels again.
Grid choose_grid(std::int64_t threads, std::int64_t tiles, std::int64_t panels);

template <class T>
void gemm(ThreadTeam& team, const Gemm<T>& g);

extern template void gemm<float>(ThreadTeam&, const Gemm<float>&);
extern template void gemm<double>(ThreadTeam&, const Gemm<double>&);

}  // namespace groklab::cpu::GROKLAB_ISA
