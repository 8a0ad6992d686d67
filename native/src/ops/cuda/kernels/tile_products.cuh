// Products of matrices whose factors are computed where they are read: convolutions, whose patches
// then need no memory.
//
// A block has a tile of 64 × 64 elements of the product, a thread 8 × 4 of them. Both factors go
// through shared memory, eight terms at a time; the next eight are fetched while these are summed.
// Every element is one chain of fused multiply-adds in the order of the terms.
#pragma once

#include <cstdint>

#include "ops/cuda/kernels/launch.cuh"

namespace groklab::cuda {

inline constexpr int kTileSize = 64;
inline constexpr int kTileDepth = 8;
inline constexpr int kTileThreads = 128;
inline constexpr int kTileLoads = kTileSize * kTileDepth / kTileThreads;

/// A factor's piece in shared memory, a line a term. Four elements more than a line holds: threads
/// that store eight terms of four lines hit all banks once.
template <class T>
using FactorTile = T[kTileDepth][kTileSize + 4];

/// Which elements of a factor a thread fetches. Threads side by side take neighbouring terms where
/// the factor is kAlongTerms, else neighbouring lines.
///
/// Factor: Real; kAlongTerms; Line, Term; line(r, number), term(r, number), next(Term&);
/// at(Line, Term). Lines and terms may be made, but not used, for numbers beyond the last.
template <class Factor>
struct Fetch {
  using T = typename Factor::Real;
  static constexpr int kLines = Factor::kAlongTerms ? kTileLoads : 1;
  static constexpr int kTerms = kTileLoads / kLines;

  typename Factor::Line lines[kLines];
  bool within[kLines];
  T values[kTileLoads];

  __device__ static int line_of_tile(int i) {
    const int thread = static_cast<int>(threadIdx.x);
    return Factor::kAlongTerms ? thread / kTileDepth + i * (kTileThreads / kTileDepth)
                               : thread % kTileSize;
  }
  __device__ static int term_of_tile() {
    const int thread = static_cast<int>(threadIdx.x);
    return Factor::kAlongTerms ? thread % kTileDepth : thread / kTileSize * kTerms;
  }

  __device__ Fetch(const Factor& factor, std::int64_t r, std::int64_t first, std::int64_t count) {
#pragma unroll
    for (int i = 0; i < kLines; ++i) {
      const std::int64_t line = first + line_of_tile(i);
      lines[i] = factor.line(r, line);
      within[i] = line < count;
    }
  }

  __device__ void fetch(const Factor& factor, std::int64_t r, std::int64_t first,
                        std::int64_t end) {
    const std::int64_t own = first + term_of_tile();
    typename Factor::Term term = factor.term(r, own);
#pragma unroll
    for (int k = 0; k < kTerms; ++k) {
      if (k > 0) factor.next(term);
#pragma unroll
      for (int i = 0; i < kLines; ++i) {
        values[i * kTerms + k] = within[i] && own + k < end ? factor.at(lines[i], term) : T{0};
      }
    }
  }

  __device__ void store(FactorTile<T>& tile) const {
#pragma unroll
    for (int i = 0; i < kLines; ++i) {
#pragma unroll
      for (int k = 0; k < kTerms; ++k) {
        tile[term_of_tile() + k][line_of_tile(i)] = values[i * kTerms + k];
      }
    }
  }
};

/// Body: Real; factors `a` and `b`, by rows and by columns of the product; rows, cols; begin(part) and
/// end(part), the terms that a part sums; Column, what is known of a column; column(r, part, number);
/// store(Column, row, sum).
template <class Body>
__global__ void __launch_bounds__(kTileThreads, kAnyOccupancy)
    multiply_tiles(const Body body, std::int64_t replicas, unsigned row_tiles, unsigned col_tiles) {
  using T = typename Body::Real;
  constexpr int kAcross = 16;  // threads side by side
  constexpr int kDown = kTileThreads / kAcross;
  constexpr int kRows = kTileSize / kDown;
  constexpr int kCols = kTileSize / kAcross;
  __shared__ FactorTile<T> a_tile;
  __shared__ FactorTile<T> b_tile;

  const std::int64_t r = block_replica();
  if (r >= replicas) return;
  const std::int64_t first_col = static_cast<std::int64_t>(blockIdx.x % col_tiles) * kTileSize;
  const unsigned row_tile = blockIdx.x / col_tiles;
  const std::int64_t first_row = static_cast<std::int64_t>(row_tile % row_tiles) * kTileSize;
  const std::int64_t part = row_tile / row_tiles;
  const int across = static_cast<int>(threadIdx.x) % kAcross;
  const int down = static_cast<int>(threadIdx.x) / kAcross;

  Fetch a(body.a, r, first_row, body.rows);
  Fetch b(body.b, r, first_col, body.cols);
  T sums[kRows][kCols] = {};
  const std::int64_t end = body.end(part);
  std::int64_t first = body.begin(part);
  if (first < end) {
    a.fetch(body.a, r, first, end);
    b.fetch(body.b, r, first, end);
  }
  for (; first < end; first += kTileDepth) {
    a.store(a_tile);
    b.store(b_tile);
    __syncthreads();
    if (first + kTileDepth < end) {
      a.fetch(body.a, r, first + kTileDepth, end);
      b.fetch(body.b, r, first + kTileDepth, end);
    }
#pragma unroll
    for (int k = 0; k < kTileDepth; ++k) {
      T column[kCols];
#pragma unroll
      for (int j = 0; j < kCols; ++j) column[j] = b_tile[k][across + j * kAcross];
#pragma unroll
      for (int i = 0; i < kRows; ++i) {
        const T row = a_tile[k][down + i * kDown];
#pragma unroll
        for (int j = 0; j < kCols; ++j) sums[i][j] += row * column[j];
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int j = 0; j < kCols; ++j) {
    const std::int64_t col = first_col + across + j * kAcross;
    if (col >= body.cols) continue;
    const typename Body::Column column = body.column(r, part, col);
#pragma unroll
    for (int i = 0; i < kRows; ++i) {
      const std::int64_t row = first_row + down + i * kDown;
      if (row < body.rows) body.store(column, row, sums[i][j]);
    }
  }
}

template <class Body>
void launch_multiply_tiles(cudaStream_t stream, const char* name, const Body& body,
                           std::int64_t replicas, std::int64_t parts) {
  if (replicas <= 0 || parts <= 0 || body.rows <= 0 || body.cols <= 0) return;
  const std::int64_t row_tiles = divide_up(body.rows, kTileSize);
  const std::int64_t col_tiles = divide_up(body.cols, kTileSize);
  const dim3 grid = replica_grid(parts * row_tiles * col_tiles, replicas);
  multiply_tiles<<<grid, kTileThreads, 0, stream>>>(
      body, replicas, static_cast<unsigned>(row_tiles), static_cast<unsigned>(col_tiles));
  check_launch(name);
}

}  // namespace groklab::cuda
