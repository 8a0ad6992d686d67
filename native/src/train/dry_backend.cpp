#include "train/dry_backend.h"

#include <atomic>
#include <new>

#include "ops/null_ops.h"

namespace groklab {

namespace {

constexpr std::align_val_t kAlignment{64};

class DryRecording final : public Recording {
 public:
  void replay() override {}
};

class DryQueue final : public Queue {
 public:
  /// @param like ops whose scratch memory is wanted here as well; may be null.
  explicit DryQueue(LaneOps like) : fp32_(like.fp32), fp64_(like.fp64) {}

  [[nodiscard]] LaneOps ops() override { return {&fp32_, &fp64_}; }
  void upload(void*, const void*, std::size_t) override {}
  void download(void*, const void*, std::size_t) override {}
  void copy(void*, const void*, std::size_t) override {}
  [[nodiscard]] std::unique_ptr<Recording> record(const std::function<void()>& body) override {
    body();
    return std::make_unique<DryRecording>();
  }
  void wait() override {}

 private:
  NullOps<float> fp32_;
  NullOps<double> fp64_;
};

class DryBackend final : public Backend {
 public:
  explicit DryBackend(Backend& like)
      : description_(like.description()),
        uses_host_memory_(like.uses_host_memory()),
        queue_(like.make_queue()),
        lanes_(like.lanes()) {}

  [[nodiscard]] const BackendDescription& description() const override { return description_; }
  [[nodiscard]] void* allocate(std::size_t bytes) override {
    const std::size_t size =
        (bytes / static_cast<std::size_t>(kAlignment) + 1) * static_cast<std::size_t>(kAlignment);
    return reinterpret_cast<void*>(next_.fetch_add(size));
  }
  void release(void*) noexcept override {}
  [[nodiscard]] std::optional<std::uint64_t> available_memory() const override { return {}; }
  [[nodiscard]] bool uses_host_memory() const override { return uses_host_memory_; }
  void upload(void*, const void*, std::size_t) override {}
  void download(void*, const void*, std::size_t) override {}
  void clear(void*, std::size_t) override {}
  [[nodiscard]] std::int64_t lanes() const override { return lanes_; }
  void for_each_group(std::int64_t items, const std::function<void(const Group&)>& body) override {
    DryQueue queue({});
    if (items > 0) body({0, 0, items, queue.ops()});
  }
  [[nodiscard]] Peak measure_peak(Precision, double) override { return {}; }
  [[nodiscard]] std::unique_ptr<Queue> make_queue() override {
    return queue_ ? std::make_unique<DryQueue>(queue_->ops()) : nullptr;
  }
  [[nodiscard]] void* allocate_staging(std::size_t bytes) override {
    return ::operator new(bytes, kAlignment);
  }
  void release_staging(void* memory) noexcept override { ::operator delete(memory, kAlignment); }

 private:
  BackendDescription description_;
  bool uses_host_memory_;
  std::unique_ptr<Queue> queue_;  // of `like`; only its ops' needs are asked for
  std::int64_t lanes_;
  std::atomic<std::uintptr_t> next_{static_cast<std::uintptr_t>(kAlignment)};
};

}  // namespace

std::shared_ptr<Backend> make_dry_backend(Backend& like) {
  return std::make_shared<DryBackend>(like);
}

}  // namespace groklab
