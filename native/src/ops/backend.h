// A backend: memory, ops, and how replicas are spread over what computes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "ops/ops.h"

namespace groklab {

enum class Precision : std::uint32_t { kFp32 = 0, kFp64 = 1 };

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

/// What all processors of a backend together reach at most.
struct Peak {
  double flops = 0;             ///< a second; a multiply-add is two
  double bytes_per_second = 0;  ///< read and written
};

/// Work on a device, recorded so that it can be asked for again without the host's part in it.
class Recording {
 public:
  Recording() = default;
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
  virtual ~Recording();

  /// Enqueues the work once more.
  virtual void replay() = 0;
};

/// Work that a device does in order while the host goes on. One thread uses it at a time; several
/// queues of a backend may be used by several threads. Failures may show only in `wait`.
class Queue {
 public:
  Queue() = default;
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;
  virtual ~Queue();

  /// Ops whose work is put into this queue.
  [[nodiscard]] virtual LaneOps ops() = 0;

  /// Copies from and to staging memory (Backend::allocate_staging), which nobody may touch until
  /// `wait` returns.
  virtual void upload(void* to, const void* staging, std::size_t bytes) = 0;
  virtual void download(void* staging, const void* from, std::size_t bytes) = 0;

  /// Copies within the backend's memory; no overlap.
  virtual void copy(void* to, const void* from, std::size_t bytes) = 0;

  /// Calls `body` once, which may ask for ops and nothing else, and records them without doing
  /// them. Memory that they use must outlive the recording.
  [[nodiscard]] virtual std::unique_ptr<Recording> record(const std::function<void()>& body) = 0;

  /// Returns when all work is done. Throws Error(kDeviceError) if any of it failed.
  virtual void wait() = 0;
};

class Backend {
 public:
  Backend() = default;
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;
  virtual ~Backend();

  [[nodiscard]] virtual const BackendDescription& description() const = 0;

  /// Memory that the ops can use, 64-byte aligned, uninitialized; throws Error(kOutOfMemory).
  [[nodiscard]] virtual void* allocate(std::size_t bytes) = 0;
  virtual void release(void* memory) noexcept = 0;

  /// Bytes that `allocate` could still give, as far as is known.
  [[nodiscard]] virtual std::optional<std::uint64_t> available_memory() const = 0;

  /// Whether the ops can work on any host memory in place.
  [[nodiscard]] virtual bool uses_host_memory() const = 0;

  /// Copies between the host and the backend's memory, ordered with the ops of all lanes, but not
  /// with those of queues that have not been waited for.
  virtual void upload(void* to, const void* from, std::size_t bytes) = 0;
  virtual void download(void* to, const void* from, std::size_t bytes) = 0;

  /// Fills memory with zero bytes; ordered like the copies.
  virtual void clear(void* memory, std::size_t bytes) = 0;

  /// Number of lanes that for_each_group may use at most.
  [[nodiscard]] virtual std::int64_t lanes() const = 0;

  /// Calls `body` for groups that together cover `items` (replicas, say) once, possibly from
  /// several threads at a time; returns when all are done. The first exception is rethrown.
  virtual void for_each_group(std::int64_t items,
                              const std::function<void(const Group&)>& body) = 0;

  /// Measures the peak for about so many seconds, on all threads; see groklab.h's
  /// groklab_engine_measure_peak for what is counted.
  [[nodiscard]] virtual Peak measure_peak(Precision precision, double seconds) = 0;

  /// A queue, if this backend is a device that works through recordings by itself; null if its ops
  /// are the host's own work, which is then done in groups.
  [[nodiscard]] virtual std::unique_ptr<Queue> make_queue() = 0;

  /// Host memory, 64-byte aligned, that queues copy from and to; page-locked where that helps.
  [[nodiscard]] virtual void* allocate_staging(std::size_t bytes) = 0;
  virtual void release_staging(void* memory) noexcept = 0;
};

/// Which of a backend's two kinds of memory an array lies in.
enum class MemoryKind { kDevice, kStaging };

/// An owned, uninitialized array in a backend's memory.
template <class T, MemoryKind kind>
class BackendArray {
 public:
  BackendArray() = default;
  BackendArray(std::shared_ptr<Backend> backend, std::int64_t size)
      : backend_(std::move(backend)), size_(size) {
    const std::size_t bytes = static_cast<std::size_t>(size) * sizeof(T);
    data_ = static_cast<T*>(kind == MemoryKind::kDevice ? backend_->allocate(bytes)
                                                        : backend_->allocate_staging(bytes));
  }
  BackendArray(BackendArray&& other) noexcept { swap(other); }
  BackendArray& operator=(BackendArray&& other) noexcept {
    swap(other);
    return *this;
  }
  BackendArray(const BackendArray&) = delete;
  BackendArray& operator=(const BackendArray&) = delete;
  ~BackendArray() {
    if (data_ == nullptr) return;
    if constexpr (kind == MemoryKind::kDevice) {
      backend_->release(data_);
    } else {
      backend_->release_staging(data_);
    }
  }

  [[nodiscard]] T* data() const { return data_; }
  [[nodiscard]] std::int64_t size() const { return size_; }

 private:
  void swap(BackendArray& other) noexcept {
    std::swap(backend_, other.backend_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }

  std::shared_ptr<Backend> backend_;
  T* data_ = nullptr;
  std::int64_t size_ = 0;
};

template <class T>
using DeviceArray = BackendArray<T, MemoryKind::kDevice>;
template <class T>
using StagingArray = BackendArray<T, MemoryKind::kStaging>;

}  // namespace groklab
