// The named tensors of a model, laid out one after the other in one flat buffer per replica.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/views.h"

namespace groklab {

/// How a tensor's initial values are drawn.
struct Initialization {
  enum class Kind { kConstant, kNormal, kUniform };
  Kind kind = Kind::kConstant;
  double value = 0;  ///< the constant; the standard deviation; the bound b of U(−b, b)

  static Initialization constant(double value) { return {Kind::kConstant, value}; }
  static Initialization normal(double deviation) { return {Kind::kNormal, deviation}; }
  static Initialization uniform(double bound) { return {Kind::kUniform, bound}; }
};

/// One tensor of rank 1 (cols = 0), 2, or, where it holds a convolution's kernels, 4.
struct ParameterTensor {
  std::string name;
  std::int64_t rows = 0;
  std::int64_t cols = 0;  ///< 0: rank 1
  std::int64_t offset = 0;
  Initialization initialization;
  std::int64_t kernel = 0;  ///< K: the tensor is [rows, cols / K², K, K]; 0: there are no kernels

  [[nodiscard]] std::int64_t count() const { return cols == 0 ? rows : rows * cols; }

  /// Extents as PyTorch has them.
  [[nodiscard]] std::vector<std::int64_t> shape() const;
};

/// A replica's parameters (or gradients, or moments): [R, P], P contiguous.
template <class T>
using FlatBuffer = Vectors<T>;

class ParameterLayout {
 public:
  /// Adds a tensor at the end; returns its index. Names are PyTorch's, as in the design's tables.
  std::size_t add(std::string name, std::int64_t rows, std::int64_t cols, Initialization init);

  /// The same for a convolution's weight [outputs, inputs, kernel, kernel], whose matrix has
  /// inputs · kernel² columns.
  std::size_t add_kernels(std::string name, std::int64_t outputs, std::int64_t inputs,
                          std::int64_t kernel, Initialization init);

  [[nodiscard]] const std::vector<ParameterTensor>& tensors() const { return tensors_; }

  /// P: number of elements in a replica's flat buffer.
  [[nodiscard]] std::int64_t size() const { return size_; }

  /// Elements from one replica's flat buffer to the next: they begin on 64-byte borders.
  [[nodiscard]] std::int64_t stride() const {
    constexpr std::int64_t kGrain = 16;
    return (size_ + kGrain - 1) / kGrain * kGrain;
  }

  template <class T>
  [[nodiscard]] Matrices<T> matrix(FlatBuffer<T> flat, std::size_t index) const {
    const ParameterTensor& t = tensors_[index];
    return {flat.data + t.offset, flat.replicas, t.rows, t.cols, t.cols, flat.replica_stride};
  }

  template <class T>
  [[nodiscard]] Vectors<T> vector(FlatBuffer<T> flat, std::size_t index) const {
    const ParameterTensor& t = tensors_[index];
    return {flat.data + t.offset, flat.replicas, t.rows, flat.replica_stride};
  }

  /// Draws a replica's initial values, [P] in double, from Philox keyed by `seed`: number i of
  /// tensor k depends on (seed, k, i) alone. Normals by Box & Muller.
  [[nodiscard]] std::vector<double> draw(std::uint64_t seed) const;

 private:
  std::vector<ParameterTensor> tensors_;
  std::int64_t size_ = 0;
};

}  // namespace groklab
