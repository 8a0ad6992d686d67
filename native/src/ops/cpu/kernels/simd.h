// Vectors of the instruction set that this unit is compiled for, by GCC's and Clang's vector
// extensions: one source for AVX-512, AVX2, NEON and plain 16-byte vectors.
//
// Every unit in this folder is compiled once per instruction set, with GROKLAB_ISA naming the
// namespace and GROKLAB_VECTOR_BYTES the width. Nothing here may be visible under the same name
// in two of them: a test holds the object files to that.
#pragma once

#include <cstdint>
#include <cstring>
#include <utility>

namespace groklab::cpu::GROKLAB_ISA {

template <class T>
struct VectorOf;
template <>
struct VectorOf<float> {
  typedef float type __attribute__((vector_size(GROKLAB_VECTOR_BYTES)));
  typedef std::uint32_t bits __attribute__((vector_size(GROKLAB_VECTOR_BYTES)));
};
template <>
struct VectorOf<double> {
  typedef double type __attribute__((vector_size(GROKLAB_VECTOR_BYTES)));
  typedef std::uint64_t bits __attribute__((vector_size(GROKLAB_VECTOR_BYTES)));
};

/// A vector of floats or doubles.
template <class T>
using Vec = typename VectorOf<T>::type;

/// The same lanes as unsigned integers, for arithmetic on exponents.
template <class T>
using BitsVec = typename VectorOf<T>::bits;

/// Number of lanes in a Vec<T>.
template <class T>
inline constexpr std::int64_t kLanes = GROKLAB_VECTOR_BYTES / static_cast<std::int64_t>(sizeof(T));

template <class T>
[[gnu::always_inline]] inline Vec<T> load(const T* from) {
  Vec<T> v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

template <class T>
[[gnu::always_inline]] inline void store(T* to, Vec<T> v) {
  std::memcpy(to, &v, sizeof v);
}

/// The first `count` lanes from memory, zero in the others; touches nothing beyond.
template <class T>
[[gnu::always_inline]] inline Vec<T> load_first(const T* from, std::int64_t count) {
  Vec<T> v = {};
  std::memcpy(&v, from, static_cast<std::size_t>(count) * sizeof(T));
  return v;
}

template <class T>
[[gnu::always_inline]] inline void store_first(T* to, Vec<T> v, std::int64_t count) {
  std::memcpy(to, &v, static_cast<std::size_t>(count) * sizeof(T));
}

template <class T>
[[gnu::always_inline]] inline Vec<T> broadcast(T x) {
  return x - Vec<T>{};
}

/// Lane l of the result is lane (l + by) mod kLanes of v.
template <class T, std::size_t by, std::size_t... l>
[[gnu::always_inline]] inline Vec<T> rotate(Vec<T> v, std::index_sequence<l...>) {
  return __builtin_shufflevector(v, v, ((l + by) % sizeof...(l))...);
}

/// Sum of the lanes, by halves: the upper half is added to the lower.
template <class T, std::size_t width = static_cast<std::size_t>(kLanes<T>) / 2>
[[gnu::always_inline]] inline T sum_lanes(Vec<T> v) {
  v += rotate<T, width>(v, std::make_index_sequence<static_cast<std::size_t>(kLanes<T>)>());
  if constexpr (width > 1) {
    return sum_lanes<T, width / 2>(v);
  } else {
    return v[0];
  }
}

/// Calls f(column, lanes) for every vector of a row of `cols` columns; `lanes` is kLanes<T> but
/// perhaps in the last call. Pair it with `load_lanes` and `store_lanes`.
template <class T, class F>
[[gnu::always_inline]] inline void for_vectors(std::int64_t cols, F&& f) {
  std::int64_t j = 0;
  for (; j + kLanes<T> <= cols; j += kLanes<T>) f(j, kLanes<T>);
  if (j < cols) f(j, cols - j);
}

template <class T>
[[gnu::always_inline]] inline Vec<T> load_lanes(const T* from, std::int64_t lanes) {
  return lanes == kLanes<T> ? load(from) : load_first(from, lanes);
}

template <class T>
[[gnu::always_inline]] inline void store_lanes(T* to, Vec<T> v, std::int64_t lanes) {
  if (lanes == kLanes<T>) {
    store(to, v);
  } else {
    store_first(to, v, lanes);
  }
}

}  // namespace groklab::cpu::GROKLAB_ISA
