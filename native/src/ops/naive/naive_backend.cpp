#include "ops/naive/naive_backend.h"

#include <cstring>

#include "core/host_memory.h"
#include "ops/naive/naive_ops.h"

namespace groklab::naive {
namespace {

class NaiveBackend final : public Backend {
 public:
  [[nodiscard]] const BackendDescription& description() const override { return description_; }

  [[nodiscard]] void* allocate(std::size_t bytes) override { return allocate_host_memory(bytes); }
  void release(void* memory) noexcept override { release_host_memory(memory); }

  // It could, but then nothing would try how a device with memory of its own is fed.
  [[nodiscard]] bool uses_host_memory() const override { return false; }

  void upload(void* to, const void* from, std::size_t bytes) override { copy(to, from, bytes); }
  void download(void* to, const void* from, std::size_t bytes) override { copy(to, from, bytes); }

  [[nodiscard]] std::int64_t lanes() const override { return 1; }

  void for_each_group(std::int64_t items, const std::function<void(const Group&)>& body) override {
    if (items > 0) body({0, 0, items, {&fp32_, &fp64_}});
  }

 private:
  static void copy(void* to, const void* from, std::size_t bytes) {
    if (bytes > 0) std::memcpy(to, from, bytes);
  }

  BackendDescription description_{"naive", "generic", "reference loops in double precision", 1};
  // The ops have no state, so that trainers on several threads can share them.
  NaiveOps<float> fp32_;
  NaiveOps<double> fp64_;
};

}  // namespace

std::shared_ptr<Backend> make_naive_backend() { return std::make_shared<NaiveBackend>(); }

}  // namespace groklab::naive
