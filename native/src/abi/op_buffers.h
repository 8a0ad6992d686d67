// The buffers of a single op, as the backend sees them.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "abi/check.h"
#include "core/views.h"
#include "ops/backend.h"

namespace groklab::abi {

/// The product of extents, refused where no buffer could be as large.
inline std::int64_t elements(std::initializer_list<std::int64_t> extents) {
  constexpr std::int64_t kMostElements = std::int64_t{1} << 40;
  std::int64_t product = 1;
  for (const std::int64_t extent : extents) {
    product = checked_product(product, extent, kMostElements, "a buffer's number of elements");
  }
  return product;
}

/// Views of the caller's buffers: in place where the backend can work there, else copied to its
/// memory before the op and back after it. A null buffer is an error that names it.
class OpBuffers {
 public:
  explicit OpBuffers(std::shared_ptr<Backend> backend) : backend_(std::move(backend)) {}

  template <class T>
  Matrices<const T> in(const void* host, std::int64_t replicas, std::int64_t rows,
                       std::int64_t cols, std::string_view name) {
    return contiguous<const T>(read<T>(host, elements({replicas, rows, cols}), name), replicas,
                               rows, cols);
  }

  template <class T>
  Vectors<const T> in(const void* host, std::int64_t replicas, std::int64_t size,
                      std::string_view name) {
    return contiguous<const T>(read<T>(host, elements({replicas, size}), name), replicas, size);
  }

  template <class T>
  Matrices<T> out(void* host, std::int64_t replicas, std::int64_t rows, std::int64_t cols,
                  std::string_view name) {
    return contiguous(write<T>(host, elements({replicas, rows, cols}), name, /*keep=*/false),
                      replicas, rows, cols);
  }

  template <class T>
  Vectors<T> out(void* host, std::int64_t replicas, std::int64_t size, std::string_view name) {
    return contiguous(write<T>(host, elements({replicas, size}), name, /*keep=*/false), replicas,
                      size);
  }

  /// Read and overwritten.
  template <class T>
  Vectors<T> in_out(void* host, std::int64_t replicas, std::int64_t size, std::string_view name) {
    return contiguous(write<T>(host, elements({replicas, size}), name, /*keep=*/true), replicas,
                      size);
  }

  /// Memory of the op's own.
  template <class T>
  Matrices<T> scratch(std::int64_t replicas, std::int64_t rows, std::int64_t cols) {
    return contiguous(allocate<T>(elements({replicas, rows, cols})), replicas, rows, cols);
  }

  template <class T>
  Vectors<T> scratch(std::int64_t size) {
    return contiguous(allocate<T>(size), 1, size);
  }

  /// What the library itself made: as many numbers per replica as come out even.
  template <class T>
  Vectors<const T> copy(const std::vector<T>& values, std::int64_t replicas) {
    const auto count = static_cast<std::int64_t>(values.size());
    T* const to = allocate<T>(count);
    backend_->upload(to, values.data(), values.size() * sizeof(T));
    return contiguous<const T>(to, replicas, count / replicas);
  }

  /// Runs the op on the backend and brings the outputs back.
  template <class T>
  void run(const std::function<void(Ops<T>&)>& op) {
    backend_->for_each_group(1, [&](const Group& group) { op(group.ops.get<T>()); });
    for (const Output& output : outputs_) {
      backend_->download(output.host, output.device, output.bytes);
    }
  }

 private:
  struct Output {
    void* host;
    const void* device;
    std::size_t bytes;
  };

  template <class T>
  T* allocate(std::int64_t count) {
    memory_.emplace_back(backend_, count * static_cast<std::int64_t>(sizeof(T)));
    return reinterpret_cast<T*>(memory_.back().data());
  }

  template <class T>
  const T* read(const void* host, std::int64_t count, std::string_view name) {
    check_not_null(host, name);
    if (backend_->uses_host_memory()) return static_cast<const T*>(host);
    T* const to = allocate<T>(count);
    backend_->upload(to, host, static_cast<std::size_t>(count) * sizeof(T));
    return to;
  }

  template <class T>
  T* write(void* host, std::int64_t count, std::string_view name, bool keep) {
    check_not_null(host, name);
    if (backend_->uses_host_memory()) return static_cast<T*>(host);
    const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(T);
    T* const to = allocate<T>(count);
    if (keep) backend_->upload(to, host, bytes);
    outputs_.push_back({host, to, bytes});
    return to;
  }

  std::shared_ptr<Backend> backend_;
  std::vector<DeviceArray<std::byte>> memory_;
  std::vector<Output> outputs_;
};

}  // namespace groklab::abi
