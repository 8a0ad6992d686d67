#include "ops/cuda/cuda_backend.h"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "ops/cuda/cudnn/cudnn.h"
#include "ops/cuda/device.h"
#include "ops/cuda/peak.h"
#include "ops/cuda/probe.h"
#include "ops/cuda/queue.h"

namespace groklab::cuda {

namespace {

/// The value of an environment variable that may be 0 or 1; nothing where it is not set.
std::optional<bool> setting(const char* name) {
  const char* const variable = std::getenv(name);
  if (variable == nullptr) return std::nullopt;
  const std::string_view value = variable;
  if (value != "0" && value != "1") {
    throw Error(Status::kInvalidArgument, "the environment variable " + std::string(name) +
                                              " is \"" + std::string(value) +
                                              "\"; allowed are 0 and 1");
  }
  return value == "1";
}

/// Null: convolutions are to be done by our own kernels.
std::shared_ptr<Convolutions> choose_convolutions(bool tf32) {
  const std::optional<bool> wanted = setting("GROKLAB_CUDNN");
  if (wanted == false) return nullptr;
  const CudnnPresence& cudnn = look_for_cudnn();
  if (cudnn.here) return make_cudnn_convolutions(tf32);
  if (!wanted) return nullptr;
  throw Error(Status::kInvalidArgument,
              "the environment variable GROKLAB_CUDNN is 1, but cuDNN cannot be used: " +
                  cudnn.words + "; " + cudnn.remedy);
}

BackendDescription make_description(const Gpu& gpu, bool tf32, bool cudnn) {
  return {"cuda",
          "sm_" + std::to_string(gpu.major) + std::to_string(gpu.minor) +
              (cudnn ? ", " + look_for_cudnn().words : "") + (tf32 ? ", TF32" : ""),
          describe(gpu), 1};
}

/// All replicas are one group: they fill the GPU together. Copies go into the same stream as that
/// group's ops, which orders them.
class CudaBackend final : public Backend {
 public:
  /// @param convolutions may be null.
  CudaBackend(const Gpu& gpu, bool tf32, std::shared_ptr<Convolutions> convolutions)
      : description_(make_description(gpu, tf32, convolutions != nullptr)),
        products_(std::make_shared<Products>(tf32)),
        convolutions_(std::move(convolutions)),
        lane_(products_, convolutions_) {}

  [[nodiscard]] const BackendDescription& description() const override { return description_; }

  [[nodiscard]] void* allocate(std::size_t bytes) override {
    use_gpu();
    void* memory = nullptr;
    const cudaError_t result = cudaMalloc(&memory, std::max<std::size_t>(bytes, 1));
    if (result == cudaErrorMemoryAllocation) refuse(bytes);
    check(result, "allocating memory");
    return memory;
  }

  void release(void* memory) noexcept override {
    if (try_use_gpu()) cudaFree(memory);
  }

  [[nodiscard]] std::optional<std::uint64_t> available_memory() const override {
    use_gpu();
    std::size_t available = 0;
    std::size_t total = 0;
    check(cudaMemGetInfo(&available, &total), "asking for its free memory");
    return available;
  }

  [[nodiscard]] bool uses_host_memory() const override { return false; }

  void upload(void* to, const void* from, std::size_t bytes) override {
    lane_.stream().copy(to, from, bytes, cudaMemcpyHostToDevice);
    lane_.wait();
  }

  void download(void* to, const void* from, std::size_t bytes) override {
    lane_.stream().copy(to, from, bytes, cudaMemcpyDeviceToHost);
    lane_.wait();
  }

  void clear(void* memory, std::size_t bytes) override {
    lane_.stream().clear(memory, bytes);
    lane_.wait();
  }

  [[nodiscard]] std::int64_t lanes() const override { return 1; }

  void for_each_group(std::int64_t items, const std::function<void(const Group&)>& body) override {
    // Trainers on several threads may share the engine; scratch memory belongs to the lane.
    const std::scoped_lock lock(mutex_);
    if (items == 0) return;
    try {
      body({0, 0, items, lane_.ops()});
    } catch (...) {
      lane_.stream().drain();
      throw;
    }
    lane_.wait();
  }

  [[nodiscard]] Peak measure_peak(Precision precision, double seconds) override {
    const std::scoped_lock lock(mutex_);
    use_gpu();
    return cuda::measure_peak(*this, lane_, *products_, precision, seconds);
  }

  [[nodiscard]] std::unique_ptr<Queue> make_queue() override {
    return std::make_unique<CudaQueue>(products_, convolutions_);
  }

  [[nodiscard]] void* allocate_staging(std::size_t bytes) override {
    use_gpu();
    void* memory = nullptr;
    const cudaError_t result =
        cudaHostAlloc(&memory, std::max<std::size_t>(bytes, 1), cudaHostAllocDefault);
    if (result == cudaErrorMemoryAllocation) {
      static_cast<void>(cudaGetLastError());
      throw Error(Status::kOutOfMemory, "out of memory: the host cannot give " +
                                            std::to_string(bytes) + " bytes of page-locked memory");
    }
    check(result, "allocating page-locked memory");
    return memory;
  }

  void release_staging(void* memory) noexcept override {
    if (try_use_gpu()) cudaFreeHost(memory);
  }

 private:
  [[noreturn]] void refuse(std::size_t bytes) const {
    static_cast<void>(cudaGetLastError());
    throw Error(Status::kOutOfMemory, "out of memory on " + description_.device + ": " +
                                          std::to_string(bytes) + " bytes are needed, " +
                                          std::to_string(*available_memory()) + " are free");
  }

  BackendDescription description_;
  std::shared_ptr<Products> products_;
  std::shared_ptr<Convolutions> convolutions_;
  std::mutex mutex_;
  CudaQueue lane_;
};

}  // namespace

std::shared_ptr<Backend> make_cuda_backend() {
  const Probe found = probe();
  if (!found.result.usable) throw Error(Status::kBackendUnavailable, found.result.detail);
  const bool tf32 = setting("GROKLAB_TF32").value_or(false);
  return std::make_shared<CudaBackend>(found.gpu, tf32, choose_convolutions(tf32));
}

}  // namespace groklab::cuda
