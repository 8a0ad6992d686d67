// A backend: memory, ops, and how replicas are spread over what computes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "ops/ops.h"

namespace groklab {

/// The ops of one lane, in both precisions.
struct LaneOps {
  Ops<float>* fp32 = nullptr;
  Ops<double>* fp64 = nullptr;

  template <class T>
  [[nodiscard]] Ops<T>& get() const;
};

template <>
inline Ops<float>& LaneOps::get<float>() const {
  return *fp32;
}
template <>
inline Ops<double>& LaneOps::get<double>() const {
  return *fp64;
}

/// A share of the work: items first … first + count − 1 run together, on this lane's ops. Two
/// groups with the same lane never run at once, so scratch memory belongs to a lane.
struct Group {
  std::int64_t lane = 0;
  std::int64_t first = 0;
  std::int64_t count = 0;
  LaneOps ops;
};

struct BackendDescription {
  std::string name;             ///< "cpu", "cuda", "naive"
  std::string instruction_set;  ///< of the CPU code in use
  std::string device;           ///< processor or GPU, in its maker's words
  std::uint32_t threads = 1;    ///< CPU threads in use
};

class Backend {
 public:
  Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  virtual ~Backend();

  [[nodiscard]] virtual const BackendDescription& description() const = 0;

  /// Memory that the ops can use, 64-byte aligned and zeroed; throws Error(kOutOfMemory).
  [[nodiscard]] virtual void* allocate(std::size_t bytes) = 0;
  virtual void release(void* memory) noexcept = 0;

  /// Whether the ops can work on any host memory in place.
  [[nodiscard]] virtual bool uses_host_memory() const = 0;

  /// Copies between the host and the backend's memory, ordered with the ops of all lanes.
  virtual void upload(void* to, const void* from, std::size_t bytes) = 0;
  virtual void download(void* to, const void* from, std::size_t bytes) = 0;

  /// Number of lanes that for_each_group may use at most.
  [[nodiscard]] virtual std::int64_t lanes() const = 0;

  /// Calls `body` for groups that together cover `items` (replicas, say) once, possibly from
  /// several threads at a time; returns when all are done. The first exception is rethrown.
  virtual void for_each_group(std::int64_t items,
                              const std::function<void(const Group&)>& body) = 0;
};

/// An owned array in a backend's memory.
template <class T>
class DeviceArray {
 public:
  DeviceArray() = default;
  DeviceArray(std::shared_ptr<Backend> backend, std::int64_t size)
      : backend_(std::move(backend)),
        data_(static_cast<T*>(backend_->allocate(static_cast<std::size_t>(size) * sizeof(T)))),
        size_(size) {}
  DeviceArray(DeviceArray&& other) noexcept { swap(other); }
  DeviceArray& operator=(DeviceArray&& other) noexcept {
    swap(other);
    return *this;
  }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;
  ~DeviceArray() {
    if (data_ != nullptr) backend_->release(data_);
  }

  [[nodiscard]] T* data() const { return data_; }
  [[nodiscard]] std::int64_t size() const { return size_; }

 private:
  void swap(DeviceArray& other) noexcept {
    std::swap(backend_, other.backend_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }

  std::shared_ptr<Backend> backend_;
  T* data_ = nullptr;
  std::int64_t size_ = 0;
};

}  // namespace groklab
