// Max pooling of windows of 2 × 2: a vector of windows at a time.
#include <algorithm>

#include "ops/cpu/kernels/cpu_ops.h"
#include "ops/cpu/kernels/simd.h"

namespace groklab::cpu::GROKLAB_ISA {

namespace {

// Arithmetic operations per window.
constexpr std::int64_t kForwardCost = 12;
constexpr std::int64_t kBackwardCost = 12;

/// Lanes offset, offset + 2, … of a followed by b.
template <class T, std::size_t offset, std::size_t... l>
[[gnu::always_inline]] inline Vec<T> every_other(Vec<T> a, Vec<T> b, std::index_sequence<l...>) {
  return __builtin_shufflevector(a, b, (2 * l + offset)...);
}

/// Lanes of a and b in turn, from their lane `first` on.
template <class T, std::size_t first, std::size_t... l>
[[gnu::always_inline]] inline Vec<T> alternate(Vec<T> a, Vec<T> b, std::index_sequence<l...>) {
  return __builtin_shufflevector(a, b, (first + l / 2 + l % 2 * sizeof...(l))...);
}

template <class T>
using Lanes = std::make_index_sequence<static_cast<std::size_t>(kLanes<T>)>;

/// Of each window the largest element so far, and which of the window's it is.
template <class T>
struct Largest {
  Vec<T> value;
  Vec<T> number;

  [[gnu::always_inline]] void take(Vec<T> other, T other_number) {
    const auto larger = (other > value) | (other != other);
    value = larger ? other : value;
    number = larger ? broadcast(other_number) : number;
  }
};

/// One row of windows, from two rows of the image.
template <class T>
void pool_row(const T* upper, const T* lower, std::int64_t windows, T* y, std::int32_t* winners) {
  std::int64_t j = 0;
  for (; j + kLanes<T> <= windows; j += kLanes<T>) {
    const Vec<T> a = load(upper + 2 * j);
    const Vec<T> b = load(upper + 2 * j + kLanes<T>);
    const Vec<T> c = load(lower + 2 * j);
    const Vec<T> d = load(lower + 2 * j + kLanes<T>);
    Largest<T> largest{every_other<T, 0>(a, b, Lanes<T>()), Vec<T>{}};
    largest.take(every_other<T, 1>(a, b, Lanes<T>()), 1);
    largest.take(every_other<T, 0>(c, d, Lanes<T>()), 2);
    largest.take(every_other<T, 1>(c, d, Lanes<T>()), 3);
    store(y + j, largest.value);
    for (std::int64_t l = 0; l < kLanes<T>; ++l) {
      winners[j + l] = static_cast<std::int32_t>(largest.number[l]);
    }
  }
  for (; j < windows; ++j) {
    const T window[] = {upper[2 * j], upper[2 * j + 1], lower[2 * j], lower[2 * j + 1]};
    std::int32_t winner = 0;
    for (std::int32_t w = 1; w < 4; ++w) {
      if (window[w] > window[winner] || window[w] != window[w]) winner = w;
    }
    y[j] = window[winner];
    winners[j] = winner;
  }
}

/// Two rows of the image's gradient, from a row of the windows'.
template <class T>
void spread_row(const T* dy, const std::int32_t* winners, std::int64_t windows, T* upper,
                T* lower) {
  std::int64_t j = 0;
  for (; j + kLanes<T> <= windows; j += kLanes<T>) {
    const Vec<T> gradient = load(dy + j);
    Vec<T> numbers;
    for (std::int64_t l = 0; l < kLanes<T>; ++l) numbers[l] = static_cast<T>(winners[j + l]);
    const auto share = [&](T number) __attribute__((always_inline)) {
      return numbers == number ? gradient : Vec<T>{};
    };
    constexpr auto kHalf = static_cast<std::size_t>(kLanes<T> / 2);
    store(upper + 2 * j, alternate<T, 0>(share(0), share(1), Lanes<T>()));
    store(upper + 2 * j + kLanes<T>, alternate<T, kHalf>(share(0), share(1), Lanes<T>()));
    store(lower + 2 * j, alternate<T, 0>(share(2), share(3), Lanes<T>()));
    store(lower + 2 * j + kLanes<T>, alternate<T, kHalf>(share(2), share(3), Lanes<T>()));
  }
  for (; j < windows; ++j) {
    for (std::int32_t w = 0; w < 4; ++w) {
      (w < 2 ? upper : lower)[2 * j + w % 2] = winners[j] == w ? dy[j] : T{0};
    }
  }
}

}  // namespace

template <class T>
void CpuOps<T>::max_pool_forward(const MaxPoolForward<T>& args) {
  const std::int64_t width = args.image.width;
  const std::int64_t height = args.image.height / 2;
  const std::int64_t windows = width / 2;
  for (std::int64_t r = 0; r < args.y.replicas; ++r) {
    team_.for_ranges(args.y.rows, args.y.cols * kForwardCost, 1,
                     [&](std::int64_t begin, std::int64_t end, int /*part*/) {
                       for (std::int64_t n = begin; n < end; ++n) {
                         for (std::int64_t c = 0; c < args.image.channels; ++c) {
                           for (std::int64_t i = 0; i < height; ++i) {
                             const T* const from =
                                 args.x.row(r, n) + (c * args.image.height + 2 * i) * width;
                             const std::int64_t to = (c * height + i) * windows;
                             pool_row(from, from + width, windows, args.y.row(r, n) + to,
                                      args.winners.row(r, n) + to);
                           }
                         }
                       }
                     });
  }
}

template <class T>
void CpuOps<T>::max_pool_backward(const MaxPoolBackward<T>& args) {
  const std::int64_t width = args.image.width;
  const std::int64_t height = args.image.height / 2;
  const std::int64_t windows = width / 2;
  for (std::int64_t r = 0; r < args.dx.replicas; ++r) {
    team_.for_ranges(args.dx.rows, args.dx.cols * kBackwardCost / 4, 1,
                     [&](std::int64_t begin, std::int64_t end, int /*part*/) {
                       for (std::int64_t n = begin; n < end; ++n) {
                         for (std::int64_t c = 0; c < args.image.channels; ++c) {
                           T* const plane = args.dx.row(r, n) + c * args.image.pixels();
                           for (std::int64_t i = 0; i < height; ++i) {
                             const std::int64_t from = (c * height + i) * windows;
                             T* const upper = plane + 2 * i * width;
                             T* const lower = upper + width;
                             spread_row(args.dy.row(r, n) + from, args.winners.row(r, n) + from,
                                        windows, upper, lower);
                             if (width % 2 != 0) upper[width - 1] = lower[width - 1] = 0;
                           }
                           std::fill(plane + 2 * height * width, plane + args.image.pixels(), T{0});
                         }
                       }
                     });
  }
}

template void CpuOps<float>::max_pool_forward(const MaxPoolForward<float>&);
template void CpuOps<double>::max_pool_forward(const MaxPoolForward<double>&);
template void CpuOps<float>::max_pool_backward(const MaxPoolBackward<float>&);
template void CpuOps<double>::max_pool_backward(const MaxPoolBackward<double>&);

}  // namespace groklab::cpu::GROKLAB_ISA
