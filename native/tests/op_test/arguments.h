// The arguments of one call in a backend's memory, with guard values around and between them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "op_test/tensor.h"
#include "ops/backend.h"

namespace groklab::test {

/// How arguments lie in memory: dense, or as slices of larger arrays with gaps between rows and
/// between replicas and no particular alignment, as the models pass column slices and flat buffers.
enum class Layout { kContiguous, kStrided };

/// Contents of every tensor after a call: by tensor, then [replicas, rows, cols].
using Results = std::vector<std::vector<double>>;

template <class T>
class Arguments {
 public:
  Arguments(std::shared_ptr<Backend> backend, const std::vector<Tensor>& tensors, Layout layout);

  /// Makes room for Call::scratch, with guards around it as well.
  void add_scratch(std::int64_t size);

  /// Contents after the call. Writes outside of outputs are appended to `faults`, in words.
  [[nodiscard]] Results collect(std::vector<std::string>& faults) const;

  /// Restores the contents from before the call.
  void reset();

 private:
  template <class U>
  friend class Call;

  /// A tensor's memory, in bytes, and where in it the elements lie.
  struct Slot {
    Tensor tensor;
    std::int64_t element_size = 0;
    std::int64_t row_stride = 0;      ///< elements
    std::int64_t replica_stride = 0;  ///< elements
    std::int64_t begin = 0;           ///< elements before the first
    std::vector<std::byte> before;
    DeviceArray<std::byte> memory;
  };

  [[nodiscard]] static Slot place(const std::shared_ptr<Backend>& backend, const Tensor& tensor,
                                  Layout layout);

  std::shared_ptr<Backend> backend_;
  Layout layout_;
  std::vector<Slot> slots_;
  bool has_scratch_ = false;  // the last slot
};

extern template class Arguments<float>;
extern template class Arguments<double>;

/// The views of a call's arguments that a group of replicas takes, by the tensor's number.
template <class T>
class Call {
 public:
  Call(const Arguments<T>& arguments, std::int64_t first, std::int64_t count)
      : arguments_(&arguments), first_(first), count_(count) {}

  [[nodiscard]] Matrices<T> matrices(std::size_t i) const { return matrices_of<T>(i); }
  [[nodiscard]] Vectors<T> vectors(std::size_t i) const { return vectors_of<T>(i); }
  /// Of all replicas.
  [[nodiscard]] Vectors<T> scratch() const {
    return arguments_->has_scratch_ ? vectors_of<T>(arguments_->slots_.size() - 1) : Vectors<T>{};
  }
  [[nodiscard]] Vectors<double> doubles(std::size_t i) const { return vectors_of<double>(i); }
  [[nodiscard]] Matrices<double> double_matrices(std::size_t i) const {
    return matrices_of<double>(i);
  }
  [[nodiscard]] Vectors<std::int32_t> integers(std::size_t i) const {
    return vectors_of<std::int32_t>(i);
  }
  [[nodiscard]] Matrices<std::int32_t> integer_matrices(std::size_t i) const {
    return matrices_of<std::int32_t>(i);
  }
  [[nodiscard]] std::int64_t* cursor(std::size_t i) const {
    return matrices_of<std::int64_t>(i).data;
  }
  [[nodiscard]] Indices indices(std::size_t i) const { return vectors_of<std::int32_t>(i); }
  [[nodiscard]] Matrices<const std::int32_t> index_matrices(std::size_t i) const {
    return matrices_of<std::int32_t>(i);
  }
  [[nodiscard]] Lists lists(std::size_t offsets, std::size_t items) const {
    return {indices(offsets), indices(items)};
  }
  [[nodiscard]] Vectors<const DropoutKey> keys(std::size_t i) const {
    return vectors_of<DropoutKey>(i);
  }
  [[nodiscard]] Vectors<const OptimizerStep> steps(std::size_t i) const {
    return vectors_of<OptimizerStep>(i);
  }

 private:
  template <class E>
  [[nodiscard]] Matrices<E> matrices_of(std::size_t i) const {
    const auto& slot = arguments_->slots_[i];
    const Tensor& tensor = slot.tensor;
    E* const data = reinterpret_cast<E*>(slot.memory.data()) + slot.begin;
    if (tensor.shared) {
      return {data, 1, tensor.rows, tensor.cols, slot.row_stride, slot.replica_stride};
    }
    return {data + first_ * slot.replica_stride,
            count_,
            tensor.rows,
            tensor.cols,
            slot.row_stride,
            slot.replica_stride};
  }

  template <class E>
  [[nodiscard]] Vectors<E> vectors_of(std::size_t i) const {
    const Matrices<E> view = matrices_of<E>(i);
    return {view.data, view.replicas, view.cols, view.replica_stride};
  }

  const Arguments<T>* arguments_;
  std::int64_t first_;
  std::int64_t count_;
};

}  // namespace groklab::test
