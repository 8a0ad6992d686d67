#include "ops/naive/naive_backend.h"

#include <cstring>
#include <utility>

#include "core/host_memory.h"
#include "ops/naive/naive_ops.h"
#include "ops/naive/naive_peak.h"

namespace groklab::naive {
namespace {

void copy_bytes(void* to, const void* from, std::size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

class NaiveRecording final : public Recording {
 public:
  explicit NaiveRecording(std::function<void()> body) : body_(std::move(body)) {}
  void replay() override { body_(); }

 private:
  std::function<void()> body_;
};

/// A queue in which everything happens at once.
class NaiveQueue final : public Queue {
 public:
  [[nodiscard]] LaneOps ops() override { return {&fp32_, &fp64_}; }
  void upload(void* to, const void* from, std::size_t bytes) override {
    copy_bytes(to, from, bytes);
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    copy_bytes(to, from, bytes);
  }
  void copy(void* to, const void* from, std::size_t bytes) override { copy_bytes(to, from, bytes); }
  [[nodiscard]] std::unique_ptr<Recording> record(const std::function<void()>& body) override {
    return std::make_unique<NaiveRecording>(body);
  }
  void wait() override {}

 private:
  NaiveOps<float> fp32_;
  NaiveOps<double> fp64_;
};

class NaiveBackend final : public Backend {
 public:
  [[nodiscard]] const BackendDescription& description() const override { return description_; }

  [[nodiscard]] void* allocate(std::size_t bytes) override { return allocate_host_memory(bytes); }
  void release(void* memory) noexcept override { release_host_memory(memory); }
  [[nodiscard]] std::optional<std::uint64_t> available_memory() const override {
    return available_host_memory();
  }

  // It could, but then nothing would try how a device with memory of its own is fed.
  [[nodiscard]] bool uses_host_memory() const override { return false; }

  void upload(void* to, const void* from, std::size_t bytes) override {
    copy_bytes(to, from, bytes);
  }
  void download(void* to, const void* from, std::size_t bytes) override {
    copy_bytes(to, from, bytes);
  }
  void clear(void* memory, std::size_t bytes) override { std::memset(memory, 0, bytes); }

  [[nodiscard]] std::int64_t lanes() const override { return 1; }

  void for_each_group(std::int64_t items, const std::function<void(const Group&)>& body) override {
    if (items > 0) body({0, 0, items, {&fp32_, &fp64_}});
  }

  [[nodiscard]] Peak measure_peak(Precision, double seconds) override {
    return naive::measure_peak(seconds);
  }

  // For the same reason: what a GPU does by recordings is tried here, without one.
  [[nodiscard]] std::unique_ptr<Queue> make_queue() override {
    return std::make_unique<NaiveQueue>();
  }
  [[nodiscard]] void* allocate_staging(std::size_t bytes) override { return allocate(bytes); }
  void release_staging(void* memory) noexcept override { release(memory); }

 private:
  BackendDescription description_{"naive", "generic", "reference loops in double precision", 1};
  // The ops have no state, so that trainers on several threads can share them.
  NaiveOps<float> fp32_;
  NaiveOps<double> fp64_;
};

}  // namespace

std::shared_ptr<Backend> make_naive_backend() { return std::make_shared<NaiveBackend>(); }

}  // namespace groklab::naive
