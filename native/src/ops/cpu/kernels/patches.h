// Patches of images: the matrix that turns a convolution into a product (Chellapilla, Puri & Simard,
// "High performance convolutional neural networks for document processing", 2006), made piece by
// piece where the product wants it and never as a whole.
#pragma once

#include <algorithm>
#include <cstring>

#include "ops/cpu/kernels/gemm_pack.h"
#include "ops/cpu/kernels/gemm_tile.h"
#include "ops/cpu/kernels/simd.h"
#include "ops/ops.h"

namespace groklab::cpu::GROKLAB_ISA {

/// Row (c·K + u)·K + v of an image's patches has for each pixel (i, j), in order, the element
/// (c, i + u − K/2, j + v − K/2), 0 outside of the image. Rows are copied from an image with a border
/// of zeros, which `pad` makes.
template <class T>
class Patches {
 public:
  Patches(const ImageShape& image, std::int64_t kernel)
      : image_(image),
        kernel_(kernel),
        padded_width_(image.width + kernel - 1),
        plane_((image.height + kernel - 1) * padded_width_) {}

  [[nodiscard]] std::int64_t rows() const { return image_.channels * kernel_ * kernel_; }

  /// Elements of a padded image, and of what vectors read beyond it.
  [[nodiscard]] std::int64_t padded_elements() const {
    return (image_.channels * plane_ + 2 * kLine<T> - 1) / kLine<T> * kLine<T>;
  }

  /// Fills the channels that rows `rows` need.
  void pad(const T* image, Range rows, T* padded) const {
    const std::int64_t window = kernel_ * kernel_;
    const std::int64_t border = kernel_ / 2;
    const std::int64_t end = (rows.end + window - 1) / window;
    for (std::int64_t c = rows.begin / window; c < end; ++c) {
      T* to = padded + c * plane_;
      std::fill_n(to, plane_, T{0});
      to += border * padded_width_ + border;
      const T* from = image + c * image_.pixels();
      for (std::int64_t i = 0; i < image_.height; ++i) {
        std::copy_n(from + i * image_.width, image_.width, to + i * padded_width_);
      }
    }
  }

  /// Columns `pixels` of row k. Whole vectors are written, up to kLanes − 1 elements too many.
  void row(const T* padded, std::int64_t k, Range pixels, T* to) const {
    const std::int64_t place = k % (kernel_ * kernel_);
    const T* const from = padded + k / (kernel_ * kernel_) * plane_ +
                          place / kernel_ * padded_width_ + place % kernel_;
    std::int64_t i = pixels.begin / image_.width;
    std::int64_t j = pixels.begin % image_.width;
    for (std::int64_t pixel = pixels.begin; pixel < pixels.end; ++i, j = 0) {
      const std::int64_t count = std::min(image_.width - j, pixels.end - pixel);
      const T* const line = from + i * padded_width_ + j;
      for (std::int64_t l = 0; l < count; l += kLanes<T>) store(to + l, load(line + l));
      to += count;
      pixel += count;
    }
  }

  /// Packs columns `pixels` of rows `rows` into panels; the last one is filled up with zeros.
  /// @param line scratch for a row of as many columns as the panels have, and kLanes more
  void pack(const T* padded, Range rows, Range pixels, T* line, T* panels) const {
    const std::int64_t count = pixels.end - pixels.begin;
    const std::int64_t panel_count = (count + kPanel<T> - 1) / kPanel<T>;
    const std::int64_t stride = panel_stride<T>(rows.end - rows.begin);
    for (std::int64_t k = rows.begin; k < rows.end; ++k, panels += kPanel<T>) {
      row(padded, k, pixels, line);
      std::fill(line + count, line + panel_count * kPanel<T>, T{0});
      for (std::int64_t p = 0; p < panel_count; ++p) {
        std::memcpy(panels + p * stride, line + p * kPanel<T>, kPanel<T> * sizeof(T));
      }
    }
  }

 private:
  ImageShape image_;
  std::int64_t kernel_;
  std::int64_t padded_width_;
  std::int64_t plane_;  // elements of a padded channel
};

}  // namespace groklab::cpu::GROKLAB_ISA
