// The memory of one trainer, counted where it is taken: in the backend, and on the host.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <unordered_map>

#include "ops/backend.h"

namespace groklab {

/// Bytes, as they were asked for.
struct MemoryUse {
  std::uint64_t host_bytes = 0;
  std::uint64_t device_bytes = 0;  ///< of a backend with memory of its own
};

/// A backend that counts what is taken from another, which does all the work.
class CountedBackend final : public Backend {
 public:
  explicit CountedBackend(std::shared_ptr<Backend> backend) : backend_(std::move(backend)) {}

  /// Bytes that are taken and not given back.
  [[nodiscard]] std::int64_t bytes(MemoryKind kind) const {
    return bytes_[static_cast<std::size_t>(kind)];
  }

  [[nodiscard]] const BackendDescription& description() const override {
    return backend_->description();
  }
  [[nodiscard]] void* allocate(std::size_t bytes) override {
    return taken(MemoryKind::kDevice, backend_->allocate(bytes), bytes);
  }
  void release(void* memory) noexcept override {
    given_back(MemoryKind::kDevice, memory);
    backend_->release(memory);
  }
  [[nodiscard]] std::optional<std::uint64_t> available_memory() const override {
    return backend_->available_memory();
  }
  [[nodiscard]] bool uses_host_memory() const override { return backend_->uses_host_memory(); }
  void upload(void* to, const void* from, std::size_t bytes) override {
    backend_->upload(to, from, bytes);
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    backend_->download(to, from, bytes);
  }
  void clear(void* memory, std::size_t bytes) override { backend_->clear(memory, bytes); }
  [[nodiscard]] std::int64_t lanes() const override { return backend_->lanes(); }
  void for_each_group(std::int64_t items, const std::function<void(const Group&)>& body) override {
    backend_->for_each_group(items, body);
  }
  [[nodiscard]] Peak measure_peak(Precision precision, double seconds) override {
    return backend_->measure_peak(precision, seconds);
  }
  [[nodiscard]] std::unique_ptr<Queue> make_queue() override { return backend_->make_queue(); }
  [[nodiscard]] void* allocate_staging(std::size_t bytes) override {
    return taken(MemoryKind::kStaging, backend_->allocate_staging(bytes), bytes);
  }
  void release_staging(void* memory) noexcept override {
    given_back(MemoryKind::kStaging, memory);
    backend_->release_staging(memory);
  }

 private:
  void* taken(MemoryKind kind, void* memory, std::size_t bytes);
  void given_back(MemoryKind kind, void* memory) noexcept;

  std::shared_ptr<Backend> backend_;
  std::mutex mutex_;
  std::unordered_map<void*, std::int64_t> sizes_[2];
  std::atomic<std::int64_t> bytes_[2] = {0, 0};
};

/// Host memory for standard containers, counted.
class CountedResource final : public std::pmr::memory_resource {
 public:
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    void* const memory = std::pmr::new_delete_resource()->allocate(bytes, alignment);
    bytes_ += static_cast<std::int64_t>(bytes);
    return memory;
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override {
    bytes_ -= static_cast<std::int64_t>(bytes);
    std::pmr::new_delete_resource()->deallocate(memory, bytes, alignment);
  }
  [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }

  std::atomic<std::int64_t> bytes_{0};
};

}  // namespace groklab
