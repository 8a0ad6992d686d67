// Packs: a few neighbouring columns of one row, which one thread owns. Who owns what, and so the
// order of every sum, depends on the number of columns alone; only how they are loaded depends on
// where the data lies: in pieces of 16 bytes where these are aligned, else one by one.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "core/views.h"

namespace groklab::cuda {

/// Elements of T in 16 bytes, the widest load there is.
template <class T>
inline constexpr int kPieceSize = static_cast<int>(16 / sizeof(T));

template <class T, int size = kPieceSize<T>>
struct Pack {
  T values[size];

  __device__ T& operator[](int i) { return values[i]; }
  __device__ const T& operator[](int i) const { return values[i]; }
};

__device__ inline void load_piece(const float* from, float* to) {
  const float4 piece = *reinterpret_cast<const float4*>(from);
  to[0] = piece.x;
  to[1] = piece.y;
  to[2] = piece.z;
  to[3] = piece.w;
}

__device__ inline void load_piece(const double* from, double* to) {
  const double2 piece = *reinterpret_cast<const double2*>(from);
  to[0] = piece.x;
  to[1] = piece.y;
}

__device__ inline void load_piece(const std::int32_t* from, std::int32_t* to) {
  const int4 piece = *reinterpret_cast<const int4*>(from);
  to[0] = piece.x;
  to[1] = piece.y;
  to[2] = piece.z;
  to[3] = piece.w;
}

__device__ inline void store_piece(const float* from, float* to) {
  *reinterpret_cast<float4*>(to) = make_float4(from[0], from[1], from[2], from[3]);
}

__device__ inline void store_piece(const double* from, double* to) {
  *reinterpret_cast<double2*>(to) = make_double2(from[0], from[1]);
}

__device__ inline void store_piece(const std::int32_t* from, std::int32_t* to) {
  *reinterpret_cast<int4*>(to) = make_int4(from[0], from[1], from[2], from[3]);
}

/// Columns j, j + 1, … of a row of `cols` elements; 0 beyond its end.
/// @param aligned whether 16-byte pieces of the row that begin at whole packs are aligned.
template <class T, int size = kPieceSize<T>>
__device__ Pack<T, size> load_pack(const T* row, std::int64_t j, std::int64_t cols, bool aligned) {
  Pack<T, size> pack;
  if constexpr (size % kPieceSize<T> == 0) {
    if (aligned && j + size <= cols) {
#pragma unroll
      for (int i = 0; i < size; i += kPieceSize<T>) load_piece(row + j + i, pack.values + i);
      return pack;
    }
  }
#pragma unroll
  for (int i = 0; i < size; ++i) pack[i] = j + i < cols ? row[j + i] : T{0};
  return pack;
}

/// Stores what lies within the row.
template <class T, int size>
__device__ void store_pack(const Pack<T, size>& pack, T* row, std::int64_t j, std::int64_t cols,
                           bool aligned) {
  if constexpr (size % kPieceSize<T> == 0) {
    if (aligned && j + size <= cols) {
#pragma unroll
      for (int i = 0; i < size; i += kPieceSize<T>) store_piece(pack.values + i, row + j + i);
      return;
    }
  }
#pragma unroll
  for (int i = 0; i < size; ++i) {
    if (j + i < cols) row[j + i] = pack[i];
  }
}

template <class T>
bool is_aligned(const T* data) {
  return reinterpret_cast<std::uintptr_t>(data) % 16 == 0;
}

/// Whether every row of every replica begins at a multiple of 16 bytes.
template <class T>
bool is_aligned(const Matrices<T>& m) {
  return is_aligned(m.data) && (m.rows <= 1 || m.row_stride % kPieceSize<T> == 0) &&
         (m.replicas <= 1 || m.replica_stride % kPieceSize<T> == 0);
}

template <class T>
bool is_aligned(const Vectors<T>& v) {
  return is_aligned(v.data) && (v.replicas <= 1 || v.replica_stride % kPieceSize<T> == 0);
}

template <class... Views>
bool all_aligned(const Views&... views) {
  return (is_aligned(views) && ...);
}

}  // namespace groklab::cuda
