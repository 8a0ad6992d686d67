// Non-owning views of arrays with a leading replica dimension: what every op takes.
//
// Element (r, i, j) of Matrices lies at data[r * replica_stride + i * row_stride + j]: columns are
// contiguous, rows and replicas may be strided, so that a slice of columns (the queries inside a
// query-key-value product, say) or one replica of a flat parameter buffer is a view as well.
#pragma once

#include <cstdint>
#include <type_traits>

namespace groklab {

/// R matrices of one shape, [replicas, rows, cols].
template <class T>
struct Matrices {
  T* data = nullptr;
  std::int64_t replicas = 1;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t row_stride = 0;
  std::int64_t replica_stride = 0;

  /// A view of const elements of the same matrices.
  constexpr operator Matrices<const T>() const requires(!std::is_const_v<T>) {
    return {data, replicas, rows, cols, row_stride, replica_stride};
  }

  [[nodiscard]] constexpr bool empty() const { return data == nullptr; }

  [[nodiscard]] constexpr T* row(std::int64_t replica, std::int64_t i) const {
    return data + replica * replica_stride + i * row_stride;
  }

  [[nodiscard]] constexpr Matrices slice_rows(std::int64_t begin, std::int64_t count) const {
    return {data + begin * row_stride, replicas, count, cols, row_stride, replica_stride};
  }

  [[nodiscard]] constexpr Matrices slice_cols(std::int64_t begin, std::int64_t count) const {
    return {data + begin, replicas, rows, count, row_stride, replica_stride};
  }
};

/// R vectors of one length, [replicas, size].
template <class T>
struct Vectors {
  T* data = nullptr;
  std::int64_t replicas = 1;
  std::int64_t size = 0;
  std::int64_t replica_stride = 0;

  constexpr operator Vectors<const T>() const requires(!std::is_const_v<T>) {
    return {data, replicas, size, replica_stride};
  }

  [[nodiscard]] constexpr bool empty() const { return data == nullptr; }

  [[nodiscard]] constexpr T* replica(std::int64_t r) const { return data + r * replica_stride; }

  [[nodiscard]] constexpr Vectors slice(std::int64_t begin, std::int64_t count) const {
    return {data + begin, replicas, count, replica_stride};
  }
};

/// Row numbers, tokens and other small integers.
using Indices = Vectors<const std::int32_t>;

/// For each of `size` = offsets.size − 1 targets, a list of source numbers in ascending order:
/// list i of replica r is items[offsets[i]] … items[offsets[i+1]−1]. Sums over such lists replace
/// scattered additions: one thread sums one target, in order, so no atomics and the same bits.
struct Lists {
  Indices offsets;
  Indices items;

  [[nodiscard]] constexpr std::int64_t size() const { return offsets.size - 1; }

  [[nodiscard]] constexpr Lists slice(std::int64_t begin, std::int64_t count) const {
    return {offsets.slice(begin, count + 1), items};
  }
};

/// The elements of matrices whose rows lie one after the other, row by row.
template <class T>
constexpr Vectors<T> flatten(Matrices<T> m) {
  return {m.data, m.replicas, m.rows * m.cols, m.replica_stride};
}

/// The same elements in rows of another length; rows lie one after the other.
template <class T>
constexpr Matrices<T> reshape(Matrices<T> m, std::int64_t cols) {
  return {m.data, m.replicas, m.rows * m.cols / cols, cols, cols, m.replica_stride};
}

/// Views `count` matrices that lie one after the other, each contiguous.
template <class T>
constexpr Matrices<T> contiguous(T* data, std::int64_t replicas, std::int64_t rows,
                                 std::int64_t cols) {
  return {data, replicas, rows, cols, cols, rows * cols};
}

/// Views vectors that lie one after the other.
template <class T>
constexpr Vectors<T> contiguous(T* data, std::int64_t replicas, std::int64_t size) {
  return {data, replicas, size, size};
}

}  // namespace groklab
