// Packing of operands: what a register tile reads lies in the order in which it reads it.
#pragma once

#include <algorithm>
#include <cstring>
#include <utility>

#include "ops/cpu/kernels/gemm.h"
#include "ops/cpu/kernels/gemm_tile.h"

namespace groklab::cpu::GROKLAB_ISA {

/// Lane l of the result is a[l], or b[l − d], where bit d of l is set.
template <class T, std::size_t d, std::size_t... l>
[[gnu::always_inline]] inline Vec<T> low_halves(Vec<T> a, Vec<T> b, std::index_sequence<l...>) {
  return __builtin_shufflevector(a, b, ((l & d) != 0 ? sizeof...(l) + l - d : l)...);
}

/// Lane l of the result is a[l + d], or b[l], where bit d of l is set.
template <class T, std::size_t d, std::size_t... l>
[[gnu::always_inline]] inline Vec<T> high_halves(Vec<T> a, Vec<T> b, std::index_sequence<l...>) {
  return __builtin_shufflevector(a, b, ((l & d) != 0 ? sizeof...(l) + l : l + d)...);
}

/// Exchanges rows and lanes of a square of vectors, by halves.
template <class T, std::size_t d = static_cast<std::size_t>(kLanes<T>) / 2>
[[gnu::always_inline]] inline void transpose(Vec<T>* rows) {
  constexpr auto n = static_cast<std::size_t>(kLanes<T>);
#pragma GCC unroll 16
  for (std::size_t i = 0; i < n; ++i) {
    if ((i & d) != 0) continue;
    const Vec<T> a = rows[i];
    const Vec<T> b = rows[i + d];
    rows[i] = low_halves<T, d>(a, b, std::make_index_sequence<n>());
    rows[i + d] = high_halves<T, d>(a, b, std::make_index_sequence<n>());
  }
  if constexpr (d > 1) transpose<T, d / 2>(rows);
}

/// Packs kLanes columns of B, each contiguous along k, into one vector column of a panel.
template <class T>
void pack_columns(const T* from, std::int64_t col_stride, std::int64_t inner, T* panel) {
  std::int64_t k = 0;
  for (; k + kLanes<T> <= inner; k += kLanes<T>) {
    Vec<T> square[kLanes<T>];
#pragma GCC unroll 16
    for (std::int64_t j = 0; j < kLanes<T>; ++j) square[j] = load(from + j * col_stride + k);
    transpose<T>(square);
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kLanes<T>; ++i) store(panel + (k + i) * kPanel<T>, square[i]);
  }
  for (; k < inner; ++k) {
    for (std::int64_t j = 0; j < kLanes<T>; ++j)
      panel[k * kPanel<T> + j] = from[j * col_stride + k];
  }
}

// Rows of an operand between the one that is packed and the one that is fetched.
constexpr std::int64_t kAhead = 8;

/// Has `count` elements on their way to the cache.
template <class T>
[[gnu::always_inline]] inline void fetch(const T* from, std::int64_t count) {
  for (std::int64_t j = 0; j < count; j += kLine<T>) __builtin_prefetch(from + j);
}

/// Elements from one packed panel to the next. One line more than it holds: panels of a power of two
/// would all lie in the same few sets of the cache.
template <class T>
constexpr std::int64_t panel_stride(std::int64_t inner) {
  return (inner + 1) * kPanel<T>;
}

/// Packs one panel whose columns begin at `from`; zeros beyond `valid` columns.
template <class T>
void pack_panel(const Operand<T>& b, const T* from, std::int64_t inner, std::int64_t valid,
                T* panel) {
  if (valid == kPanel<T> && b.col_stride != 1) {
    for (std::int64_t j = 0; j < kPanel<T>; j += kLanes<T>) {
      pack_columns(from + j * b.col_stride, b.col_stride, inner, panel + j);
    }
    return;
  }
  std::fill_n(panel, inner * kPanel<T>, T{0});
  for (std::int64_t k = 0; k < inner; ++k) {
    for (std::int64_t j = 0; j < valid; ++j) {
      panel[k * kPanel<T> + j] = from[k * b.row_stride + j * b.col_stride];
    }
  }
}

/// Packs columns `cols` of rows [first, first + inner) of B into panels of kPanel columns; the last
/// panel is filled up with zeros.
template <class T>
void pack_panels(const Operand<T>& b, std::int64_t first, std::int64_t inner, Range cols,
                 T* panels) {
  const T* from = b.data + first * b.row_stride + cols.begin * b.col_stride;
  const std::int64_t count = cols.end - cols.begin;
  const std::int64_t stride = panel_stride<T>(inner);
  std::int64_t col = 0;
  if (b.col_stride == 1) {
    // Row by row through all panels, as memory likes it.
    const std::int64_t whole = count / kPanel<T>;
    for (std::int64_t k = 0; k < inner; ++k) {
      const T* row = from + k * b.row_stride;
      T* to = panels + k * kPanel<T>;
      for (std::int64_t p = 0; p < whole; ++p) {
        fetch(row + kAhead * b.row_stride + p * kPanel<T>, kPanel<T>);
        std::memcpy(to + p * stride, row + p * kPanel<T>, kPanel<T> * sizeof(T));
      }
    }
    col = whole * kPanel<T>;
  }
  for (; col < count; col += kPanel<T>) {
    pack_panel(b, from + col * b.col_stride, inner, std::min(kPanel<T>, count - col),
               panels + col / kPanel<T> * stride);
  }
}

/// Packs rows `rows` of a transposed A (contiguous along rows) into tiles of kTileRows.
template <class T>
void pack_tiles(const Operand<T>& a, Range rows, std::int64_t first, std::int64_t inner, T* tiles) {
  const std::int64_t count = rows.end - rows.begin;
  const std::int64_t whole = count / kTileRows;
  const std::int64_t rest = count % kTileRows;
  const std::int64_t stride = tile_stride<T>(inner);
  for (std::int64_t k = 0; k < inner; ++k) {
    const T* from = a.data + rows.begin + (first + k) * a.col_stride;
    T* to = tiles + k * kTileRows;
    fetch(from + kAhead * a.col_stride, count);
    for (std::int64_t t = 0; t < whole; ++t) {
      std::memcpy(to + t * stride, from + t * kTileRows, kTileRows * sizeof(T));
    }
    for (std::int64_t i = 0; i < rest; ++i) to[whole * stride + i] = from[whole * kTileRows + i];
  }
}

/// Elements from row to row of copied rows of A.
template <class T>
constexpr std::int64_t copied_stride(std::int64_t inner) {
  return (inner + 2 * kLine<T> - 1) / kLine<T> * kLine<T>;
}

/// Copies rows of A that lie far apart: in place they would hit few sets of the cache, a page each.
template <class T>
void copy_rows(const Operand<T>& a, Range rows, std::int64_t first, std::int64_t inner, T* to) {
  for (std::int64_t i = rows.begin; i < rows.end; ++i, to += copied_stride<T>(inner)) {
    std::memcpy(to, a.data + i * a.row_stride + first, static_cast<std::size_t>(inner) * sizeof(T));
  }
}

}  // namespace groklab::cpu::GROKLAB_ISA
