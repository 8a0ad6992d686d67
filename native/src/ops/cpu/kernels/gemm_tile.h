// The register tile: kTileRows × kPanel elements of C, accumulated over a block of the inner dimension.
#pragma once

#include <algorithm>

#include "ops/cpu/kernels/simd.h"
#include "ops/cpu/thread_team.h"

namespace groklab::cpu::GROKLAB_ISA {

// Rows of a register tile: with two vectors of columns it fills, but does not overflow, the vector
// registers (32 with AVX-512 and NEON, 16 elsewhere).
#if GROKLAB_VECTOR_BYTES == 64 || defined(__aarch64__)
inline constexpr int kTileRows = 8;
#elif GROKLAB_VECTOR_BYTES == 32
inline constexpr int kTileRows = 6;
#else
inline constexpr int kTileRows = 4;
#endif
inline constexpr int kPanelVectors = 2;

template <class T>
inline constexpr std::int64_t kPanel = kPanelVectors* kLanes<T>;

// Inner dimension of one pass: a panel of B is then at most 32 KiB.
inline constexpr std::int64_t kBlock = 256;

// Rows of A that stay in the second-level cache while panels pass by: at most 192 KiB. A multiple of
// every kTileRows.
inline constexpr std::int64_t kRowBlock = 96;

// Elements of a line of the cache.
template <class T>
inline constexpr auto kLine = static_cast<std::int64_t>(64 / sizeof(T));

/// Elements from one packed tile of A to the next. One line more than it holds, as whole lines: tiles
/// a power of two apart would all lie in the same few sets of the cache.
template <class T>
constexpr std::int64_t tile_stride(std::int64_t inner) {
  return (inner * kTileRows + 2 * kLine<T> - 1) / kLine<T> * kLine<T>;
}

/// Where a tile goes.
template <class T>
struct Target {
  T* c;
  std::int64_t stride;
  std::int64_t cols;  // valid columns of the panel
  const T* bias;      // of the panel's columns, or null
  bool add;           // C += tile
};

/// Rows of A: packed, kTileRows to a step of k; or in place, each contiguous along k.
template <class T, bool kPacked>
struct TileRows {
  const T* data;
  std::int64_t stride;  // from row to row, in place

  [[gnu::always_inline]] T at(std::int64_t i, std::int64_t k) const {
    return kPacked ? data[k * kTileRows + i] : data[i * stride + k];
  }

  /// What the next tile will read: its line number i at about step k.
  [[gnu::always_inline]] const T* ahead(std::int64_t i, std::int64_t k, std::int64_t inner) const {
    return kPacked ? data + tile_stride<T>(inner) + k * kTileRows + i * kLine<T>
                   : data + (kTileRows + i) * stride + k;
  }
};

/// One register tile: `Rows` rows of A times a packed panel of B.
template <class T, int Rows, bool kPacked>
[[gnu::noinline]] void tile(std::int64_t inner, TileRows<T, kPacked> a, const T* panel,
                            const Target<T>& target) {
  Vec<T> sums[Rows][kPanelVectors];
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 2
    for (int v = 0; v < kPanelVectors; ++v) sums[i][v] = Vec<T>{};
  }
  const auto step = [&](std::int64_t k) __attribute__((always_inline)) {
    Vec<T> b[kPanelVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kPanelVectors; ++v) b[v] = load(panel + k * kPanel<T> + v * kLanes<T>);
#pragma GCC unroll 8
    for (int i = 0; i < Rows; ++i) {
      const Vec<T> x = broadcast(a.at(i, k));
#pragma GCC unroll 2
      for (int v = 0; v < kPanelVectors; ++v) sums[i][v] += x * b[v];
    }
  };
  // What comes next is fetched while this is computed: the next tile's rows of A line by line, the
  // tile's lines of C shortly before they are needed.
  std::int64_t k = 0;
  for (; k + 2 * kLine<T> <= inner; k += kLine<T>) {
#pragma GCC unroll 8
    for (int i = 0; i < Rows; ++i) __builtin_prefetch(a.ahead(i, k, inner));
    for (std::int64_t l = k; l < k + kLine<T>; ++l) step(l);
  }
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i) {
    __builtin_prefetch(a.ahead(i, k, inner));
    for (std::int64_t j = 0; j < kPanel<T>; j += kLine<T>) {
      __builtin_prefetch(target.c + i * target.stride + j, 1);
    }
  }
  for (; k < inner; ++k) step(k);
  if (target.bias != nullptr) {
#pragma GCC unroll 2
    for (int v = 0; v < kPanelVectors; ++v) {
      const std::int64_t lanes =
          std::clamp(target.cols - v * kLanes<T>, std::int64_t{0}, kLanes<T>);
      const Vec<T> bias = load_lanes(target.bias + v * kLanes<T>, lanes);
#pragma GCC unroll 8
      for (int i = 0; i < Rows; ++i) sums[i][v] += bias;
    }
  }
  T* c = target.c;
  if (target.cols == kPanel<T>) {
#pragma GCC unroll 8
    for (int i = 0; i < Rows; ++i, c += target.stride) {
#pragma GCC unroll 2
      for (int v = 0; v < kPanelVectors; ++v) {
        if (target.add) sums[i][v] += load(c + v * kLanes<T>);
        store(c + v * kLanes<T>, sums[i][v]);
      }
    }
    return;
  }
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i, c += target.stride) {
#pragma GCC unroll 2
    for (int v = 0; v < kPanelVectors; ++v) {
      const std::int64_t lanes =
          std::clamp(target.cols - v * kLanes<T>, std::int64_t{0}, kLanes<T>);
      if (target.add) sums[i][v] += load_lanes(c + v * kLanes<T>, lanes);
      store_lanes(c + v * kLanes<T>, sums[i][v], lanes);
    }
  }
}

/// A tile of 1 … kTileRows rows.
template <class T, bool kPacked, int Rows = kTileRows>
[[gnu::always_inline]] inline void any_tile(std::int64_t rows, std::int64_t inner,
                                            TileRows<T, kPacked> a, const T* panel,
                                            const Target<T>& target) {
  if (rows == Rows) {
    tile<T, Rows, kPacked>(inner, a, panel, target);
  } else if constexpr (Rows > 1) {
    any_tile<T, kPacked, Rows - 1>(rows, inner, a, panel, target);
  }
}

/// Rows `rows` of C times a packed panel: tile by tile.
/// @param a row `rows.begin`; from tile to tile `tile_step` elements
template <class T, bool kPacked>
void multiply_panel(Range rows, std::int64_t inner, TileRows<T, kPacked> a, std::int64_t tile_step,
                    const T* panel, Target<T> target) {
  for (std::int64_t row = rows.begin; row < rows.end; row += kTileRows) {
    any_tile(std::min<std::int64_t>(kTileRows, rows.end - row), inner, a, panel, target);
    a.data += tile_step;
    target.c += kTileRows * target.stride;
  }
}

}  // namespace groklab::cpu::GROKLAB_ISA
