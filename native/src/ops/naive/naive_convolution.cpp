// Convolution and max pooling, output by output.
#include <cmath>

#include "ops/naive/naive_ops.h"

namespace groklab::naive {
namespace {

using Index = std::int64_t;

/// Element (c, i, j) of image n, 0 outside.
template <class T>
double element(Matrices<const T> images, const ImageShape& shape, Index r, Index n, Index c,
               Index i, Index j) {
  if (i < 0 || i >= shape.height || j < 0 || j >= shape.width) return 0;
  return static_cast<double>(images.row(r, n)[(c * shape.height + i) * shape.width + j]);
}

/// Calls body(u, v, number) for each place of a window of kernel × kernel.
template <class Body>
void for_window(Index kernel, const Body& body) {
  for (Index u = 0; u < kernel; ++u) {
    for (Index v = 0; v < kernel; ++v) body(u, v, u * kernel + v);
  }
}

/// Calls body(c, i, j, number) for each element of an image.
template <class Body>
void for_elements(const ImageShape& shape, const Body& body) {
  Index number = 0;
  for (Index c = 0; c < shape.channels; ++c) {
    for (Index i = 0; i < shape.height; ++i) {
      for (Index j = 0; j < shape.width; ++j) body(c, i, j, number++);
    }
  }
}

}  // namespace

template <class T>
void NaiveOps<T>::convolution_forward(const ConvolutionForward<T>& args) {
  const Index border = args.kernel / 2;
  const Index window = args.kernel * args.kernel;
  const ImageShape out{args.weight.rows, args.image.height, args.image.width};
  for (Index r = 0; r < args.y.replicas; ++r) {
    for (Index n = 0; n < args.y.rows; ++n) {
      for_elements(out, [&](Index o, Index i, Index j, Index number) {
        double sum = args.bias.empty() ? 0.0 : static_cast<double>(args.bias.replica(r)[o]);
        for (Index c = 0; c < args.image.channels; ++c) {
          for_window(args.kernel, [&](Index u, Index v, Index at) {
            sum += static_cast<double>(args.weight.row(r, o)[c * window + at]) *
                   element(args.x, args.image, r, n, c, i + u - border, j + v - border);
          });
        }
        args.y.row(r, n)[number] = static_cast<T>(sum);
      });
    }
  }
}

template <class T>
void NaiveOps<T>::convolution_backward_input(const ConvolutionBackwardInput<T>& args) {
  const Index border = args.kernel / 2;
  const Index window = args.kernel * args.kernel;
  const ImageShape out{args.weight.rows, args.image.height, args.image.width};
  for (Index r = 0; r < args.dx.replicas; ++r) {
    for (Index n = 0; n < args.dx.rows; ++n) {
      for_elements(args.image, [&](Index c, Index i, Index j, Index number) {
        double sum = 0;
        for (Index o = 0; o < out.channels; ++o) {
          for_window(args.kernel, [&](Index u, Index v, Index at) {
            sum += static_cast<double>(args.weight.row(r, o)[c * window + at]) *
                   element(args.dy, out, r, n, o, i - u + border, j - v + border);
          });
        }
        args.dx.row(r, n)[number] = static_cast<T>(sum);
      });
    }
  }
}

template <class T>
void NaiveOps<T>::convolution_backward_weight(const ConvolutionBackwardWeight<T>& args) {
  const Index border = args.kernel / 2;
  const Index window = args.kernel * args.kernel;
  const Index pixels = args.image.pixels();
  for (Index r = 0; r < args.dweight.replicas; ++r) {
    for (Index o = 0; o < args.dweight.rows; ++o) {
      const auto dy = [&](Index n, Index pixel) {
        return static_cast<double>(args.dy.row(r, n)[o * pixels + pixel]);
      };
      for (Index c = 0; c < args.image.channels; ++c) {
        for_window(args.kernel, [&](Index u, Index v, Index at) {
          double sum = 0;
          for (Index n = 0; n < args.dy.rows; ++n) {
            for_elements({1, args.image.height, args.image.width},
                         [&](Index, Index i, Index j, Index pixel) {
                           sum += dy(n, pixel) * element(args.x, args.image, r, n, c,
                                                         i + u - border, j + v - border);
                         });
          }
          args.dweight.row(r, o)[c * window + at] = static_cast<T>(sum);
        });
      }
      if (args.dbias.empty()) continue;
      double sum = 0;
      for (Index n = 0; n < args.dy.rows; ++n) {
        for (Index pixel = 0; pixel < pixels; ++pixel) sum += dy(n, pixel);
      }
      args.dbias.replica(r)[o] = static_cast<T>(sum);
    }
  }
}

template <class T>
void NaiveOps<T>::max_pool_forward(const MaxPoolForward<T>& args) {
  const ImageShape out{args.image.channels, args.image.height / 2, args.image.width / 2};
  for (Index r = 0; r < args.y.replicas; ++r) {
    for (Index n = 0; n < args.y.rows; ++n) {
      for_elements(out, [&](Index c, Index i, Index j, Index number) {
        const auto window = [&](Index u, Index v) {
          return args.x.row(r,
                            n)[(c * args.image.height + 2 * i + u) * args.image.width + 2 * j + v];
        };
        T largest = window(0, 0);
        Index winner = 0;
        for_window(2, [&](Index u, Index v, Index at) {
          const T value = window(u, v);
          if (!(value > largest) && !std::isnan(value)) return;
          largest = value;
          winner = at;
        });
        args.y.row(r, n)[number] = largest;
        args.winners.row(r, n)[number] = static_cast<std::int32_t>(winner);
      });
    }
  }
}

template <class T>
void NaiveOps<T>::max_pool_backward(const MaxPoolBackward<T>& args) {
  const Index height = args.image.height / 2;
  const Index width = args.image.width / 2;
  for (Index r = 0; r < args.dx.replicas; ++r) {
    for (Index n = 0; n < args.dx.rows; ++n) {
      for_elements(args.image, [&](Index c, Index i, Index j, Index number) {
        T gradient = 0;
        if (i < 2 * height && j < 2 * width) {
          const Index window = (c * height + i / 2) * width + j / 2;
          if (args.winners.row(r, n)[window] == i % 2 * 2 + j % 2) {
            gradient = args.dy.row(r, n)[window];
          }
        }
        args.dx.row(r, n)[number] = gradient;
      });
    }
  }
}

template void NaiveOps<float>::convolution_forward(const ConvolutionForward<float>&);
template void NaiveOps<double>::convolution_forward(const ConvolutionForward<double>&);
template void NaiveOps<float>::convolution_backward_input(const ConvolutionBackwardInput<float>&);
template void NaiveOps<double>::convolution_backward_input(const ConvolutionBackwardInput<double>&);
template void NaiveOps<float>::convolution_backward_weight(const ConvolutionBackwardWeight<float>&);
template void NaiveOps<double>::convolution_backward_weight(
    const ConvolutionBackwardWeight<double>&);
template void NaiveOps<float>::max_pool_forward(const MaxPoolForward<float>&);
template void NaiveOps<double>::max_pool_forward(const MaxPoolForward<double>&);
template void NaiveOps<float>::max_pool_backward(const MaxPoolBackward<float>&);
template void NaiveOps<double>::max_pool_backward(const MaxPoolBackward<double>&);

}  // namespace groklab::naive
