// Convolutions by kernels of our own: products with the images' patches, which are read straight from
// the images (Chetlur et al., "cuDNN: efficient primitives for deep learning", 2014). The gradient of
// the input is a convolution of the output's gradient with the kernels turned around.
#pragma once

#include "ops/cuda/kernels/elements.cuh"
#include "ops/cuda/kernels/tile_products.cuh"
#include "ops/ops.h"

namespace groklab::cuda {

/// Images, or images of gradients, and the window that slides over them.
template <class T>
struct Images {
  Matrices<const T> x;  ///< [R, N, C·H·W]
  ImageShape shape;
  int kernel;

  __host__ __device__ std::int64_t pixels() const { return shape.pixels(); }

  /// Element (c, i, j) of an image, 0 outside.
  __device__ T at(const T* image, std::int64_t c, int i, int j) const {
    const bool inside = i >= 0 && i < shape.height && j >= 0 && j < shape.width;
    return inside ? image[(c * shape.height + i) * shape.width + j] : T{0};
  }
};

/// A pixel of an image, as the upper left corner of the window around it.
template <class T>
struct Pixel {
  const T* image;
  int i;
  int j;
};

/// A place in the window, in a channel.
struct Place {
  std::int64_t channel;
  int u;
  int v;
};

template <class T>
__device__ Pixel<T> corner_of(const Images<T>& images, std::int64_t r, std::int64_t number) {
  const std::int64_t n = number / images.pixels();
  const int pixel = static_cast<int>(number % images.pixels());
  const int width = static_cast<int>(images.shape.width);
  const int border = images.kernel / 2;
  return {images.x.row(r, n), pixel / width - border, pixel % width - border};
}

__device__ inline Place place_of(std::int64_t number, int kernel) {
  const int window = kernel * kernel;
  const int place = static_cast<int>(number % window);
  return {number / window, place / kernel, place % kernel};
}

/// By output channel, the weights in their order.
template <class T>
struct WeightRows {
  using Real = T;
  static constexpr bool kAlongTerms = true;
  using Line = const T*;
  using Term = std::int64_t;
  Matrices<const T> weight;

  __device__ Line line(std::int64_t r, std::int64_t o) const { return weight.row(r, o); }
  __device__ Term term(std::int64_t, std::int64_t k) const { return k; }
  __device__ void next(Term& k) const { ++k; }
  __device__ T at(Line row, Term k) const { return row[k]; }
};

/// By input channel, the weights that it has in every output channel, the last of a window first.
template <class T>
struct TurnedWeights {
  using Real = T;
  static constexpr bool kAlongTerms = true;
  using Line = const T*;
  using Term = std::int64_t;
  Matrices<const T> weight;
  int window;

  __device__ Line line(std::int64_t r, std::int64_t c) const {
    return weight.row(r, 0) + c * window + window - 1;
  }
  /// From there on.
  __device__ Term term(std::int64_t, std::int64_t k) const {
    return k / window * weight.row_stride - k % window;
  }
  __device__ void next(Term&) const {}  // one term a thread
  __device__ T at(Line last, Term term) const { return last[term]; }
};

/// By pixel, the patch around it.
template <class T>
struct PatchesOfPixels {
  using Real = T;
  static constexpr bool kAlongTerms = false;
  using Line = Pixel<T>;
  using Term = Place;
  Images<T> images;

  __device__ Line line(std::int64_t r, std::int64_t pixel) const {
    return corner_of(images, r, pixel);
  }
  __device__ Term term(std::int64_t, std::int64_t k) const { return place_of(k, images.kernel); }
  __device__ void next(Term& place) const {
    if (++place.v < images.kernel) return;
    place.v = 0;
    if (++place.u < images.kernel) return;
    place.u = 0;
    ++place.channel;
  }
  __device__ T at(const Line& corner, const Term& place) const {
    return images.at(corner.image, place.channel, corner.i + place.u, corner.j + place.v);
  }
};

/// By place in the window, what all pixels of all images have there.
template <class T>
struct PixelsOfPlaces {
  using Real = T;
  static constexpr bool kAlongTerms = true;
  using Line = Place;
  using Term = Pixel<T>;
  Images<T> images;

  __device__ Line line(std::int64_t, std::int64_t k) const { return place_of(k, images.kernel); }
  __device__ Term term(std::int64_t r, std::int64_t pixel) const {
    return corner_of(images, r, pixel);
  }
  __device__ void next(Term&) const {}  // one term a thread
  __device__ T at(const Line& place, const Term& corner) const {
    return images.at(corner.image, place.channel, corner.i + place.u, corner.j + place.v);
  }
};

/// By channel, all pixels of all images.
template <class T>
struct PixelsOfChannels {
  using Real = T;
  static constexpr bool kAlongTerms = true;
  using Line = std::int64_t;  // elements before the channel
  using Term = const T*;      // the pixel in the first channel
  Matrices<const T> x;
  std::int64_t pixels;

  __device__ Line line(std::int64_t, std::int64_t channel) const { return channel * pixels; }
  __device__ Term term(std::int64_t r, std::int64_t number) const {
    return x.row(r, number / pixels) + number % pixels;
  }
  __device__ void next(Term&) const {}  // one term a thread
  __device__ T at(Line channel, Term pixel) const { return pixel[channel]; }
};

/// y, or dx: a row for each channel, a column for each pixel of each image.
template <class T, class WeightFactor>
struct Convolve {
  using Real = T;
  WeightFactor a;
  PatchesOfPixels<T> b;
  std::int64_t rows;
  std::int64_t cols;
  std::int64_t terms;
  Vectors<const T> bias;  ///< of the rows; may be empty
  Matrices<T> y;

  struct Column {
    T* first_channel;
    const T* bias;
  };

  __device__ std::int64_t begin(std::int64_t) const { return 0; }
  __device__ std::int64_t end(std::int64_t) const { return terms; }
  __device__ Column column(std::int64_t r, std::int64_t, std::int64_t number) const {
    const std::int64_t pixels = b.images.pixels();
    return {y.row(r, number / pixels) + number % pixels, bias.empty() ? nullptr : bias.replica(r)};
  }
  __device__ void store(const Column& column, std::int64_t channel, T sum) const {
    if (column.bias != nullptr) sum += column.bias[channel];
    column.first_channel[channel * b.images.pixels()] = sum;
  }
};

/// A part of the images' sum of the weights' gradient.
template <class T>
struct WeightGradient {
  using Real = T;
  PixelsOfChannels<T> a;
  PixelsOfPlaces<T> b;
  std::int64_t rows;
  std::int64_t cols;
  std::int64_t images;
  Matrices<T> partial;

  using Column = T*;

  /// Pixels before those of a part.
  __device__ std::int64_t begin(std::int64_t part) const {
    return images * part / partial.rows * a.pixels;
  }
  __device__ std::int64_t end(std::int64_t part) const { return begin(part + 1); }
  __device__ Column column(std::int64_t r, std::int64_t part, std::int64_t number) const {
    return partial.row(r, part) + number;
  }
  __device__ void store(Column column, std::int64_t row, T sum) const { column[row * cols] = sum; }
};

template <class T>
struct AddParts {
  static constexpr int kWidth = kPieceSize<T>;
  Matrices<const T> partial;
  Matrices<T> dweight;
  bool aligned;

  __device__ void operator()(std::int64_t r, std::int64_t i, std::int64_t j) const {
    Pack<T> sum = {};
    for (std::int64_t part = 0; part < partial.rows; ++part) {
      const T* const row = partial.row(r, part) + i * dweight.cols;
      const Pack<T> term = load_pack(row, j, dweight.cols, aligned);
#pragma unroll
      for (int k = 0; k < kWidth; ++k) sum[k] += term[k];
    }
    store_pack(sum, dweight.row(r, i), j, dweight.cols, aligned);
  }
};

template <class T>
Images<T> images_of(Matrices<const T> x, const ImageShape& shape, std::int64_t kernel) {
  return {x, shape, static_cast<int>(kernel)};
}

/// What the kernels' gradient is summed up in: parts of the images, for there are too few weights to
/// fill a GPU. How many depends on the number of images alone.
template <class T>
Matrices<T> parts_of(const ConvolutionBackwardWeight<T>& args) {
  constexpr std::int64_t kMostParts = 16;
  const std::int64_t parts = args.x.rows < kMostParts ? args.x.rows : kMostParts;
  return contiguous(args.scratch.data, args.dweight.replicas, parts,
                    args.dweight.rows * args.dweight.cols);
}

template <class T>
void convolve_forward(cudaStream_t stream, const ConvolutionForward<T>& args) {
  const Convolve<T, WeightRows<T>> body{{args.weight},
                                        {images_of(args.x, args.image, args.kernel)},
                                        args.weight.rows,
                                        args.x.rows * args.image.pixels(),
                                        args.weight.cols,
                                        args.bias,
                                        args.y};
  launch_multiply_tiles(stream, "convolution_forward", body, args.y.replicas, 1);
}

template <class T>
void convolve_backward_input(cudaStream_t stream, const ConvolutionBackwardInput<T>& args) {
  const std::int64_t window = args.kernel * args.kernel;
  const ImageShape gradients{args.weight.rows, args.image.height, args.image.width};
  const Convolve<T, TurnedWeights<T>> body{{args.weight, static_cast<int>(window)},
                                           {images_of(args.dy, gradients, args.kernel)},
                                           args.image.channels,
                                           args.dy.rows * args.image.pixels(),
                                           args.weight.rows * window,
                                           {},
                                           args.dx};
  launch_multiply_tiles(stream, "convolution_backward_input", body, args.dx.replicas, 1);
}

/// The gradient of the weights alone.
template <class T>
void convolve_backward_weight(cudaStream_t stream, const ConvolutionBackwardWeight<T>& args) {
  const char* const name = "convolution_backward_weight";
  const std::int64_t pixels = args.image.pixels();
  const std::int64_t replicas = args.dweight.replicas;
  const Matrices<T> parts = parts_of(args);
  const WeightGradient<T> body{{args.dy, pixels}, {images_of(args.x, args.image, args.kernel)},
                               args.dweight.rows, args.dweight.cols,
                               args.x.rows,       parts};
  launch_multiply_tiles(stream, name, body, replicas, parts.rows);
  const bool aligned = all_aligned(parts, args.dweight) && args.dweight.cols % kPieceSize<T> == 0;
  launch_for_each_pack(stream, name, AddParts<T>{parts, args.dweight, aligned}, replicas,
                       args.dweight.rows, args.dweight.cols);
}

}  // namespace groklab::cuda
