#include "ops/cpu/kernels/gemm.h"

#include <algorithm>

#include "ops/cpu/kernels/gemm_pack.h"
#include "ops/cpu/kernels/gemm_tile.h"

namespace groklab::cpu::GROKLAB_ISA {

namespace {

// Columns of B that are packed at once: 256 KiB, in the second-level cache. Where rows of A are copied
// or packed too, that is done again for every block of columns: fewer and larger ones then.
constexpr std::int64_t kColBlock = 256;
constexpr std::int64_t kColBlockWithRows = 512;

// Rows of A from this many bytes apart are copied.
constexpr std::size_t kFarApart = 2048;

/// How the register tiles get at their rows of A.
enum class RowsOfA {
  kInPlace,  ///< contiguous along k
  kCopied,   ///< the same, but far apart
  kPacked,   ///< contiguous along rows: A is transposed
};

template <class T>
RowsOfA rows_of(const Operand<T>& a) {
  if (a.row_stride == 1 && a.col_stride != 1) return RowsOfA::kPacked;
  return static_cast<std::size_t>(a.row_stride) * sizeof(T) < kFarApart ? RowsOfA::kInPlace
                                                                        : RowsOfA::kCopied;
}

/// Scratch elements for a block of rows of A.
template <class T>
std::int64_t row_elements(RowsOfA kind, std::int64_t inner) {
  switch (kind) {
    case RowsOfA::kInPlace:
      return 0;
    case RowsOfA::kCopied:
      return kRowBlock * copied_stride<T>(inner);
    case RowsOfA::kPacked:
      return kRowBlock / kTileRows * tile_stride<T>(inner);
  }
  return 0;
}

/// The part of C in `rows` × `cols`, by one thread: block by block of columns, inner dimension and
/// rows, then panel by panel.
template <class T>
void multiply(ThreadTeam& team, int part, const Gemm<T>& g, Range rows, Range cols) {
  const RowsOfA kind = rows_of(g.a);
  const std::int64_t blocks = std::max<std::int64_t>((g.inner + kBlock - 1) / kBlock, 1);
  const std::int64_t block = std::max<std::int64_t>((g.inner + blocks - 1) / blocks, 1);
  const std::int64_t panel_count = (cols.end - cols.begin + kPanel<T> - 1) / kPanel<T>;
  const std::int64_t col_block =
      std::min(kind == RowsOfA::kInPlace ? kColBlock : kColBlockWithRows, panel_count * kPanel<T>);
  const std::int64_t panel_elements = col_block / kPanel<T> * panel_stride<T>(block);
  T* const panels = static_cast<T*>(team.scratch(
      part, static_cast<std::size_t>(panel_elements + row_elements<T>(kind, block)) * sizeof(T)));
  T* const own_rows = panels + panel_elements;

  for (std::int64_t begin = cols.begin; begin < cols.end; begin += col_block) {
    const Range some_cols{begin, std::min(begin + col_block, cols.end)};
    for (std::int64_t first = 0; first == 0 || first < g.inner; first += block) {
      const std::int64_t inner = std::min(block, g.inner - first);
      pack_panels(g.b, first, inner, some_cols, panels);
      for (std::int64_t row = rows.begin; row < rows.end; row += kRowBlock) {
        const Range some_rows{row, std::min(row + kRowBlock, rows.end)};
        TileRows<T, false> a{g.a.data + row * g.a.row_stride + first, g.a.row_stride};
        if (kind == RowsOfA::kPacked) pack_tiles(g.a, some_rows, first, inner, own_rows);
        if (kind == RowsOfA::kCopied) {
          copy_rows(g.a, some_rows, first, inner, own_rows);
          a = {own_rows, copied_stride<T>(inner)};
        }
        for (std::int64_t col = begin; col < some_cols.end; col += kPanel<T>) {
          const T* panel = panels + (col - begin) / kPanel<T> * panel_stride<T>(inner);
          const Target<T> target{
              g.c + row * g.c_stride + col, g.c_stride, std::min(kPanel<T>, some_cols.end - col),
              first == 0 && g.bias != nullptr ? g.bias + col : nullptr, g.accumulate || first > 0};
          if (kind == RowsOfA::kPacked) {
            multiply_panel<T, true>(some_rows, inner, {own_rows, 0}, tile_stride<T>(inner), panel,
                                    target);
          } else {
            multiply_panel<T, false>(some_rows, inner, a, kTileRows * a.stride, panel, target);
          }
        }
      }
    }
  }
}

}  // namespace

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
