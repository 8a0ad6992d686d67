// Convolutions as products with patches that are packed straight from the images. The gradient of the
// input is a convolution as well, of the output's gradient with the kernels turned around.
//
// An element is the same chain of fused multiply-adds, block by block of the inner dimension, wherever
// the shares of threads begin: of the patches' rows, or for a weight's gradient of all images' pixels.
#include <algorithm>

#include "ops/cpu/kernels/cpu_ops.h"
#include "ops/cpu/kernels/patches.h"

namespace groklab::cpu::GROKLAB_ISA {

namespace {

// Pixels of patches that are packed at once.
constexpr std::int64_t kPixelBlock = 256;

constexpr std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// Equal pieces of at most `most` that n items are cut into: how many, and of how many items.
struct Pieces {
  std::int64_t count;
  std::int64_t size;

  constexpr Pieces(std::int64_t n, std::int64_t most)
      : count(std::max<std::int64_t>(divide_up(n, most), 1)),
        size(std::max<std::int64_t>(divide_up(n, count), 1)) {}
};

/// A convolution's weights [outputs, rows of patches], copied so that a block of the inner dimension
/// lies together, a row of it a few lines of the cache from the next.
template <class T>
class Weights {
 public:
  Weights(std::int64_t outputs, std::int64_t inner)
      : outputs_(outputs), inner_(inner), blocks_(inner, kBlock) {}

  [[nodiscard]] std::size_t bytes() const {
    return static_cast<std::size_t>(blocks_.count * outputs_ * stride()) * sizeof(T);
  }

  [[nodiscard]] std::int64_t outputs() const { return outputs_; }

  /// Columns of a block but perhaps the last.
  [[nodiscard]] std::int64_t block() const { return blocks_.size; }

  /// Elements from row to row.
  [[nodiscard]] std::int64_t stride() const { return copied_stride<T>(blocks_.size); }

  /// Row o of block b.
  [[nodiscard]] T* row(T* data, std::int64_t b, std::int64_t o) const {
    return data + (b * outputs_ + o) * stride();
  }

  /// Calls copy(o, first, count, to) for columns [first, first + count) of every row o.
  template <class Copy>
  void fill(ThreadTeam& team, T* data, const Copy& copy) const {
    team.for_ranges(outputs_, inner_ * 4, 1, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t o = begin; o < end; ++o) {
        for (std::int64_t b = 0; b < blocks_.count; ++b) {
          const std::int64_t first = b * blocks_.size;
          copy(o, first, std::min(blocks_.size, inner_ - first), row(data, b, o));
        }
      }
    });
  }

 private:
  std::int64_t outputs_;
  std::int64_t inner_;
  Pieces blocks_;
};

/// The convolution of one replica's images.
template <class T>
struct Convolution {
  ImageShape image;
  std::int64_t kernel;
  Matrices<const T> x;  // [1, N, I·H·W]
  const T* bias;        // of the outputs, or null
  Matrices<T> y;        // [1, N, O·H·W]
};

/// How images are dealt out: pieces of one, or several whole ones.
struct Deal {
  std::int64_t images;  // of a block
  Pieces pieces;        // of an image's panels
  std::int64_t blocks;

  Deal(std::int64_t count, std::int64_t panels, std::int64_t most_panels, int threads)
      : images(std::clamp<std::int64_t>(
            std::min(most_panels / std::max<std::int64_t>(panels, 1), divide_up(count, threads)), 1,
            most_panels)),
        pieces(panels, most_panels),
        blocks(pieces.count * divide_up(count, images)) {}
};

/// What a thread needs memory for.
template <class T>
struct Scratch {
  T* padded;  // images of a block
  T* line;
  T* panels;

  Scratch(ThreadTeam& team, int part, std::int64_t padded_elements, std::int64_t line_elements,
          std::int64_t panel_elements) {
    padded = static_cast<T*>(team.scratch(
        part,
        static_cast<std::size_t>(padded_elements + line_elements + panel_elements) * sizeof(T)));
    line = padded + padded_elements;
    panels = line + line_elements;
  }
};

/// Starts the pixels' rows of y: with the bias, to which products are added.
template <class T>
void start_rows(const Convolution<T>& c, std::int64_t outputs, std::int64_t n, Range pixels) {
  const std::int64_t plane = c.image.pixels();
  for (std::int64_t o = 0; o < outputs; ++o) {
    T* const row = c.y.row(0, n) + o * plane;
    std::fill(row + pixels.begin, row + pixels.end, c.bias[o]);
  }
}

/// Blocks `blocks` of y, by one thread.
template <class T>
void convolve(ThreadTeam& team, int part, const Convolution<T>& c, const Weights<T>& weights,
              T* weight_data, const Deal& deal, Range blocks) {
  const Patches<T> patches(c.image, c.kernel);
  const std::int64_t plane = c.image.pixels();
  const std::int64_t piece = deal.pieces.size * kPanel<T>;  // pixels
  const std::int64_t image_panels = deal.pieces.size * panel_stride<T>(weights.block());
  const Scratch<T> own(team, part, deal.images * patches.padded_elements(), piece + 2 * kLine<T>,
                       deal.images * image_panels);
  std::int64_t padded_image = -1;
  for (std::int64_t block = blocks.begin; block < blocks.end; ++block) {
    const std::int64_t first_image = block / deal.pieces.count * deal.images;
    const std::int64_t images = std::min(deal.images, c.x.rows - first_image);
    const std::int64_t begin = block % deal.pieces.count * piece;
    const Range pixels{begin, std::min(begin + piece, plane)};
    if (first_image != padded_image) {
      for (std::int64_t n = 0; n < images; ++n) {
        patches.pad(c.x.row(0, first_image + n), {0, patches.rows()},
                    own.padded + n * patches.padded_elements());
      }
      padded_image = first_image;
    }
    if (c.bias != nullptr) {
      for (std::int64_t n = 0; n < images; ++n) {
        start_rows(c, weights.outputs(), first_image + n, pixels);
      }
    }
    for (std::int64_t b = 0, first = 0; first == 0 || first < patches.rows();
         ++b, first += weights.block()) {
      const std::int64_t inner = std::min(weights.block(), patches.rows() - first);
      for (std::int64_t n = 0; n < images; ++n) {
        patches.pack(own.padded + n * patches.padded_elements(), {first, first + inner}, pixels,
                     own.line, own.panels + n * image_panels);
      }
      for (std::int64_t row = 0; row < weights.outputs(); row += kRowBlock) {
        const Range some_rows{row, std::min(row + kRowBlock, weights.outputs())};
        const TileRows<T, false> a{weights.row(weight_data, b, row), weights.stride()};
        for (std::int64_t n = 0; n < images; ++n) {
          const T* panel = own.panels + n * image_panels;
          T* const to = c.y.row(0, first_image + n) + row * plane;
          for (std::int64_t pixel = pixels.begin; pixel < pixels.end; pixel += kPanel<T>) {
            multiply_panel<T, false>(some_rows, inner, a, kTileRows * a.stride, panel,
                                     {to + pixel, plane, std::min(kPanel<T>, pixels.end - pixel),
                                      nullptr, c.bias != nullptr || first > 0});
            panel += panel_stride<T>(inner);
          }
        }
      }
    }
  }
}

/// @param copy copies weights of an output channel for rows of the patches, as Weights::fill says
template <class T, class Copy>
void convolve(ThreadTeam& team, const Convolution<T>& c, std::int64_t outputs, const Copy& copy) {
  if (c.x.rows == 0 || c.image.pixels() == 0 || outputs == 0) return;
  const std::int64_t inner = c.image.channels * c.kernel * c.kernel;
  const Weights<T> weights(outputs, inner);
  T* const data = static_cast<T*>(team.shared_scratch(weights.bytes()));
  weights.fill(team, data, copy);
  const Deal deal(c.x.rows, divide_up(c.image.pixels(), kPanel<T>), kPixelBlock / kPanel<T>,
                  team.size());
  const std::int64_t cost = 2 * deal.images * deal.pieces.size * kPanel<T> * outputs * inner;
  team.for_ranges(deal.blocks, cost, 1, [&](std::int64_t begin, std::int64_t end, int part) {
    convolve(team, part, c, weights, data, deal, {begin, end});
  });
}

/// Rows `rows` and columns `cols` of the transposed gradient of a replica's weights, which has a row
/// for each row of the patches: Σ over all images' pixels, by one thread.
template <class T>
void sum_weight_gradient(ThreadTeam& team, int part, const ConvolutionBackwardWeight<T>& args,
                         std::int64_t r, Range rows, Range cols) {
  const Patches<T> patches(args.image, args.kernel);
  const std::int64_t plane = args.image.pixels();
  // Of several small images, or of one in pieces: the inner dimension of a block.
  const Pieces pieces(plane, kBlock);
  const std::int64_t most_images =
      std::max<std::int64_t>(kBlock / std::max<std::int64_t>(plane, 1), 1);
  const std::int64_t most_inner = most_images * pieces.size;
  const std::int64_t panel_count = divide_up(cols.end - cols.begin, kPanel<T>);
  const std::int64_t sum_stride = panel_count * kPanel<T>;
  const std::int64_t row_count = rows.end - rows.begin;
  const std::int64_t patch_stride = copied_stride<T>(most_inner);
  const Scratch<T> own(team, part, most_images * patches.padded_elements(),
                       kRowBlock * patch_stride + row_count * sum_stride,
                       panel_count * panel_stride<T>(most_inner));
  T* const patch_rows = own.line;
  T* const sums = own.line + kRowBlock * patch_stride;
  std::fill_n(sums, row_count * sum_stride, T{0});

  for (std::int64_t first_image = 0; first_image < args.x.rows; first_image += most_images) {
    const std::int64_t images = std::min(most_images, args.x.rows - first_image);
    for (std::int64_t n = 0; n < images; ++n) {
      patches.pad(args.x.row(r, first_image + n), rows, own.padded + n * patches.padded_elements());
    }
    for (std::int64_t begin = 0; begin < plane; begin += pieces.size) {
      const Range pixels{begin, std::min(begin + pieces.size, plane)};
      const std::int64_t count = pixels.end - pixels.begin;
      const std::int64_t inner = images * count;
      for (std::int64_t n = 0; n < images; ++n) {
        const Operand<T> dy{args.dy.row(r, first_image + n) + cols.begin * plane + begin, 1, plane};
        for (std::int64_t p = 0; p < panel_count; ++p) {
          const std::int64_t col = p * kPanel<T>;
          pack_panel(dy, dy.data + col * plane, count,
                     std::min(kPanel<T>, cols.end - cols.begin - col),
                     own.panels + p * panel_stride<T>(inner) + n * count * kPanel<T>);
        }
      }
      for (std::int64_t row = rows.begin; row < rows.end; row += kRowBlock) {
        const Range some_rows{row, std::min(row + kRowBlock, rows.end)};
        for (std::int64_t k = some_rows.begin; k < some_rows.end; ++k) {
          for (std::int64_t n = 0; n < images; ++n) {
            patches.row(own.padded + n * patches.padded_elements(), k, pixels,
                        patch_rows + (k - row) * patch_stride + n * count);
          }
        }
        for (std::int64_t p = 0; p < panel_count; ++p) {
          multiply_panel<T, false>(some_rows, inner, {patch_rows, patch_stride},
                                   kTileRows * patch_stride,
                                   own.panels + p * panel_stride<T>(inner),
                                   {sums + (row - rows.begin) * sum_stride + p * kPanel<T>,
                                    sum_stride, kPanel<T>, nullptr, true});
        }
      }
    }
  }

  for (std::int64_t o = cols.begin; o < cols.end; ++o) {
    const T* const from = sums + (o - cols.begin);
    T* const to = args.dweight.row(r, o) + rows.begin;
    for (std::int64_t k = 0; k < row_count; ++k) to[k] = from[k * sum_stride];
  }
}

/// The gradient of a replica's weights; threads share its elements.
template <class T>
void sum_weight_gradient(ThreadTeam& team, const ConvolutionBackwardWeight<T>& args,
                         std::int64_t r) {
  const std::int64_t rows = args.dweight.cols;
  const std::int64_t cols = args.dweight.rows;
  if (rows == 0 || cols == 0) return;
  constexpr std::int64_t kWorthMeeting = 200000;  // multiply-adds: some microseconds
  if (team.size() == 1 || args.x.rows * args.image.pixels() * rows * cols < kWorthMeeting) {
    sum_weight_gradient(team, 0, args, r, {0, rows}, {0, cols});
    return;
  }
  // Fewest splits of the columns: each of them makes the same patches again.
  const Grid grid =
      choose_grid(team.size(), divide_up(cols, kPanel<T>), divide_up(rows, kTileRows));
  team.run([&](int part) {
    if (part >= grid.row_parts * grid.col_parts) return;
    const Range some_cols = share(cols, grid.row_parts, part % grid.row_parts, kPanel<T>);
    const Range some_rows = share(rows, grid.col_parts, part / grid.row_parts, kTileRows);
    if (some_rows.begin < some_rows.end && some_cols.begin < some_cols.end) {
      sum_weight_gradient(team, part, args, r, some_rows, some_cols);
    }
  });
}

/// sums[o] = Σ over images and pixels of dy: image by image.
template <class T>
void sum_pixels(ThreadTeam& team, const ConvolutionBackwardWeight<T>& args, std::int64_t r) {
  const std::int64_t plane = args.image.pixels();
  T* const sums = args.dbias.replica(r);
  team.for_ranges(args.dbias.size, args.dy.rows * plane, 1,
                  [&](std::int64_t begin, std::int64_t end, int /*part*/) {
                    std::fill(sums + begin, sums + end, T{0});
                    for (std::int64_t n = 0; n < args.dy.rows; ++n) {
                      for (std::int64_t o = begin; o < end; ++o) {
                        const T* const from = args.dy.row(r, n) + o * plane;
                        Vec<T> sum = {};
                        for_vectors<T>(plane, [&](std::int64_t j, std::int64_t lanes) {
                          sum += load_lanes(from + j, lanes);
                        });
                        sums[o] += sum_lanes<T>(sum);
                      }
                    }
                  });
}

/// Replica r of matrices.
template <class T>
Matrices<T> only(Matrices<T> m, std::int64_t r) {
  return {m.row(r, 0), 1, m.rows, m.cols, m.row_stride, m.replica_stride};
}

}  // namespace

template <class T>
void CpuOps<T>::convolution_forward(const ConvolutionForward<T>& args) {
  for (std::int64_t r = 0; r < args.y.replicas; ++r) {
    const T* const bias = args.bias.empty() ? nullptr : args.bias.replica(r);
    convolve<T>(team_, {args.image, args.kernel, only(args.x, r), bias, only(args.y, r)},
                args.weight.rows,
                [&](std::int64_t o, std::int64_t first, std::int64_t count, T* to) {
                  std::copy_n(args.weight.row(r, o) + first, count, to);
                });
  }
}

template <class T>
void CpuOps<T>::convolution_backward_input(const ConvolutionBackwardInput<T>& args) {
  const std::int64_t window = args.kernel * args.kernel;
  const ImageShape image{args.weight.rows, args.image.height, args.image.width};
  for (std::int64_t r = 0; r < args.dx.replicas; ++r) {
    convolve<T>(team_, {image, args.kernel, only(args.dy, r), nullptr, only(args.dx, r)},
                args.image.channels,
                [&](std::int64_t c, std::int64_t first, std::int64_t count, T* to) {
                  std::int64_t o = first / window;
                  std::int64_t place = first % window;
                  for (std::int64_t k = 0; k < count; ++o, place = 0) {
                    const T* const last = args.weight.row(r, o) + (c + 1) * window - 1;
                    for (; place < window && k < count; ++place, ++k) to[k] = last[-place];
                  }
                });
  }
}

template <class T>
void CpuOps<T>::convolution_backward_weight(const ConvolutionBackwardWeight<T>& args) {
  for (std::int64_t r = 0; r < args.dweight.replicas; ++r) {
    sum_weight_gradient(team_, args, r);
    if (!args.dbias.empty()) sum_pixels(team_, args, r);
  }
}

template void CpuOps<float>::convolution_forward(const ConvolutionForward<float>&);
template void CpuOps<double>::convolution_forward(const ConvolutionForward<double>&);
template void CpuOps<float>::convolution_backward_input(const ConvolutionBackwardInput<float>&);
template void CpuOps<double>::convolution_backward_input(const ConvolutionBackwardInput<double>&);
template void CpuOps<float>::convolution_backward_weight(const ConvolutionBackwardWeight<float>&);
template void CpuOps<double>::convolution_backward_weight(const ConvolutionBackwardWeight<double>&);

}  // namespace groklab::cpu::GROKLAB_ISA
