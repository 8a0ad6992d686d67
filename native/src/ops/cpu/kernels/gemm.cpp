#include "ops/cpu/kernels/gemm.h"

#include <algorithm>

namespace groklab::cpu::GROKLAB_ISA {

namespace {

// Rows of a register tile: with two vectors of columns it fills, but does not overflow, the vector
// registers (32 with AVX-512 and NEON, 16 elsewhere).
#if GROKLAB_VECTOR_BYTES == 64 || defined(__aarch64__)
constexpr int kTileRows = 8;
#elif GROKLAB_VECTOR_BYTES == 32
constexpr int kTileRows = 6;
#else
constexpr int kTileRows = 4;
#endif
constexpr int kPanelVectors = 2;

template <class T>
constexpr std::int64_t kPanel = kPanelVectors* kLanes<T>;

// Inner dimension of one pass: a panel of B is then at most 32 KiB.
constexpr std::int64_t kBlock = 256;

// Rows of A that stay in the second-level cache while panels pass by: at most 192 KiB. A multiple of
// every kTileRows.
constexpr std::int64_t kRowBlock = 96;

// Columns of B that are packed at once, where there are more rows than that to use them for.
constexpr std::int64_t kColBlock = 512;

/// Where a finished tile goes.
template <class T>
struct Target {
  T* c;
  std::int64_t stride;
  std::int64_t cols;  // valid columns of the panel
  const T* bias;      // of the panel's columns, or null
  bool add;           // C += tile
};

template <class T>
void finish_row(Vec<T> (&sums)[kPanelVectors], const Target<T>& target, std::int64_t row) {
  T* c = target.c + row * target.stride;
#pragma GCC unroll 2
  for (int v = 0; v < kPanelVectors; ++v) {
    const std::int64_t lanes = std::min(kLanes<T>, target.cols - v * kLanes<T>);
    if (lanes <= 0) break;
    Vec<T> sum = sums[v];
    if (target.bias != nullptr) sum += load_lanes(target.bias + v * kLanes<T>, lanes);
    if (target.add) sum += load_lanes(c + v * kLanes<T>, lanes);
    store_lanes(c + v * kLanes<T>, sum, lanes);
  }
}

/// One register tile: `Rows` rows of A, by strides, times a packed panel of B.
template <class T, int Rows, bool kPackedA>
[[gnu::noinline]] void tile(std::int64_t inner, const T* a, std::int64_t a_stride, const T* panel,
                            const Target<T>& target) {
  Vec<T> sums[Rows][kPanelVectors] = {};
  for (std::int64_t k = 0; k < inner; ++k) {
    Vec<T> b[kPanelVectors];
#pragma GCC unroll 2
    for (int v = 0; v < kPanelVectors; ++v) b[v] = load(panel + k * kPanel<T> + v * kLanes<T>);
#pragma GCC unroll 8
    for (int i = 0; i < Rows; ++i) {
      const Vec<T> x = broadcast(kPackedA ? a[k * kTileRows + i] : a[i * a_stride + k]);
#pragma GCC unroll 2
      for (int v = 0; v < kPanelVectors; ++v) sums[i][v] += x * b[v];
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < Rows; ++i) finish_row<T>(sums[i], target, i);
}

/// A tile of 1 … kTileRows rows.
template <class T, bool kPackedA, int Rows = kTileRows>
void any_tile(std::int64_t rows, std::int64_t inner, const T* a, std::int64_t a_stride,
              const T* panel, const Target<T>& target) {
  if (rows == Rows) {
    tile<T, Rows, kPackedA>(inner, a, a_stride, panel, target);
  } else if constexpr (Rows > 1) {
    any_tile<T, kPackedA, Rows - 1>(rows, inner, a, a_stride, panel, target);
  }
}

/// Packs columns [col, col + kPanel) of rows [first, first + inner) of B, zeros beyond `cols`.
template <class T>
void pack_panel(const Operand<T>& b, std::int64_t first, std::int64_t inner, std::int64_t col,
                std::int64_t cols, T* panel) {
  const std::int64_t valid = std::min(kPanel<T>, cols - col);
  const T* from = b.data + first * b.row_stride + col * b.col_stride;
  if (valid < kPanel<T>) std::fill_n(panel, inner * kPanel<T>, T{0});
  if (b.col_stride == 1) {
    for (std::int64_t k = 0; k < inner; ++k) {
      for (std::int64_t j = 0; j < valid; ++j)
        panel[k * kPanel<T> + j] = from[k * b.row_stride + j];
    }
  } else {
    // Columns of B are contiguous: read each of them along k.
    for (std::int64_t j = 0; j < valid; ++j) {
      const T* column = from + j * b.col_stride;
      for (std::int64_t k = 0; k < inner; ++k) panel[k * kPanel<T> + j] = column[k];
    }
  }
}

/// Packs rows [row, row + rows) of a transposed A (contiguous along rows) into tiles of kTileRows.
template <class T>
void pack_tiles(const Operand<T>& a, std::int64_t row, std::int64_t rows, std::int64_t first,
                std::int64_t inner, T* tiles) {
  for (std::int64_t i = 0; i < rows; i += kTileRows, tiles += inner * kTileRows) {
    const std::int64_t valid = std::min<std::int64_t>(kTileRows, rows - i);
    const T* from = a.data + row + i + first * a.col_stride;
    for (std::int64_t k = 0; k < inner; ++k) {
      for (std::int64_t t = 0; t < valid; ++t)
        tiles[k * kTileRows + t] = from[k * a.col_stride + t];
    }
  }
}

/// Rows `rows` of C times the columns of one packed panel, of which `cols` are valid.
/// @param packed_a the tiles of a transposed A; else null.
template <class T>
void multiply_panel(const Gemm<T>& g, Range rows, std::int64_t first, std::int64_t inner,
                    const T* packed_a, const T* panel, std::int64_t col) {
  for (std::int64_t row = rows.begin; row < rows.end; row += kTileRows) {
    const std::int64_t height = std::min<std::int64_t>(kTileRows, rows.end - row);
    const Target<T> target{
        g.c + row * g.c_stride + col, g.c_stride, std::min(kPanel<T>, g.cols - col),
        first == 0 && g.bias != nullptr ? g.bias + col : nullptr, g.accumulate || first > 0};
    if (packed_a != nullptr) {
      any_tile<T, true>(height, inner, packed_a + (row - rows.begin) * inner, 0, panel, target);
    } else {
      any_tile<T, false>(height, inner, g.a.data + row * g.a.row_stride + first, g.a.row_stride,
                         panel, target);
    }
  }
}

/// The part of C in `rows` × `cols`, by one thread: block by block of columns, inner dimension and
/// rows. A panel is packed when its turn comes, if its rows are few; many share all of a block.
template <class T>
void multiply(ThreadTeam& team, int part, const Gemm<T>& g, Range rows, Range cols) {
  const bool transposed_a = g.a.row_stride == 1 && g.a.col_stride != 1;
  const std::int64_t block = std::min(kBlock, g.inner);
  const bool many_rows = rows.end - rows.begin > kRowBlock;
  const std::int64_t col_block = many_rows ? std::max(kColBlock, kPanel<T>) : kPanel<T>;
  const std::int64_t a_elements = transposed_a ? kRowBlock * block : 0;
  T* const panels = static_cast<T*>(
      team.scratch(part, static_cast<std::size_t>(col_block * block + a_elements) * sizeof(T)));
  T* const tiles = panels + col_block * block;

  for (std::int64_t begin = cols.begin; begin < cols.end; begin += col_block) {
    const std::int64_t end = std::min(begin + col_block, cols.end);
    for (std::int64_t first = 0; first == 0 || first < g.inner; first += kBlock) {
      const std::int64_t inner = std::min(kBlock, g.inner - first);
      for (std::int64_t col = begin; col < end; col += kPanel<T>) {
        pack_panel(g.b, first, inner, col, g.cols, panels + (col - begin) * inner);
      }
      for (std::int64_t row = rows.begin; row < rows.end; row += kRowBlock) {
        const Range some{row, std::min(row + kRowBlock, rows.end)};
        if (transposed_a) pack_tiles(g.a, some.begin, some.end - some.begin, first, inner, tiles);
        for (std::int64_t col = begin; col < end; col += kPanel<T>) {
          multiply_panel(g, some, first, inner, transposed_a ? tiles : nullptr,
                         panels + (col - begin) * inner, col);
        }
      }
    }
  }
}

/// How many ways to split rows and columns: the least largest share, then the fewest row splits,
/// because every one of them packs the same panels again.
struct Grid {
  std::int64_t row_parts = 1;
  std::int64_t col_parts = 1;
};

Grid choose_grid(std::int64_t threads, std::int64_t tiles, std::int64_t panels) {
  Grid best;
  std::int64_t least = tiles * panels;
  for (std::int64_t row_parts = 1; row_parts <= std::min(threads, tiles); ++row_parts) {
    const std::int64_t col_parts = std::min(threads / row_parts, panels);
    const std::int64_t largest =
        ((tiles + row_parts - 1) / row_parts) * ((panels + col_parts - 1) / col_parts);
    if (largest < least) {
      least = largest;
      best = {row_parts, col_parts};
    }
  }
  return best;
}

}  // namespace

template <class T>
void gemm(ThreadTeam& team, const Gemm<T>& g) {
  if (g.rows == 0 || g.cols == 0) return;
  constexpr std::int64_t kWorthMeeting = 200000;  // multiply-adds: some microseconds
  if (team.size() == 1 || g.rows * g.cols * g.inner < kWorthMeeting) {
    multiply(team, 0, g, {0, g.rows}, {0, g.cols});
    return;
  }
  const Grid grid = choose_grid(team.size(), (g.rows + kTileRows - 1) / kTileRows,
                                (g.cols + kPanel<T> - 1) / kPanel<T>);
  team.run([&](int part) {
    if (part >= grid.row_parts * grid.col_parts) return;
    const Range rows = share(g.rows, grid.row_parts, part / grid.col_parts, kTileRows);
    const Range cols = share(g.cols, grid.col_parts, part % grid.col_parts, kPanel<T>);
    if (rows.begin < rows.end && cols.begin < cols.end) multiply(team, part, g, rows, cols);
  });
}

template void gemm<float>(ThreadTeam&, const Gemm<float>&);
template void gemm<double>(ThreadTeam&, const Gemm<double>&);

}  // namespace groklab::cpu::GROKLAB_ISA
