// Convolutions by cuDNN's graph API: a graph of one operation, whose plan is kept.
#include <map>
#include <mutex>
#include <type_traits>
#include <vector>

#include "ops/cuda/cudnn/cudnn.h"
#include "ops/cuda/cudnn/plan.h"
#include "ops/cuda/device.h"

namespace groklab::cuda {

namespace {

/// cuDNN's kernels count elements in 32 bits.
constexpr std::int64_t kMostElements = (std::int64_t{1} << 31) - 1;

class CudnnConvolutions final : public Convolutions {
 public:
  explicit CudnnConvolutions(bool tf32) : tf32_(tf32) {}

  [[nodiscard]] std::optional<std::int64_t> workspace(const Convolution& convolution) override {
    if (!is_possible(convolution)) return std::nullopt;
    const std::scoped_lock lock(mutex_);
    const std::optional<Plan>& plan = find(convolution);
    if (!plan) return std::nullopt;
    return plan->workspace;
  }

  void run(cudaStream_t stream, const Convolution& convolution, const ConvolutionTensors& tensors,
           void* workspace) override {
    // The handle has one stream at a time.
    const std::scoped_lock lock(mutex_);
    const Descriptor& plan = find(convolution)->execution;
    check(cudnn_library().set_stream(handle_.get(), stream), "giving cuDNN a stream");
    for (std::int64_t r = 0; r < tensors.replicas; ++r) {
      Descriptor pack(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, "naming a convolution's tensors");
      pack.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, std::vector{kTensorX, kTensorWeight, kTensorY});
      pack.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS,
               std::vector{tensors.x.of(r), tensors.weight.of(r), tensors.y.of(r)});
      pack.set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, workspace);
      pack.finalize();
      check(cudnn_library().execute(handle_.get(), plan.get(), pack.get()), "a convolution");
    }
  }

 private:
  struct DestroyHandle {
    void operator()(cudnnHandle_t handle) const {
      if (try_use_gpu()) cudnn_library().destroy(handle);
    }
  };

  [[nodiscard]] static bool is_possible(const Convolution& c) {
    const std::int64_t pixels = c.height * c.width;
    if (c.images == 0 || c.inputs == 0 || c.outputs == 0 || pixels == 0) return false;
    return c.images * c.inputs * pixels <= kMostElements &&
           c.images * c.outputs * pixels <= kMostElements &&
           c.outputs * c.inputs * c.kernel * c.kernel <= kMostElements;
  }

  /// The plan stays where it is.
  const std::optional<Plan>& find(const Convolution& convolution) {
    const auto known = plans_.find(convolution);
    if (known != plans_.end()) return known->second;
    return plans_.try_emplace(convolution, choose_plan({handle(), nullptr}, convolution, tf32_))
        .first->second;
  }

  /// Made when first needed: it loads cuDNN's kernels.
  [[nodiscard]] cudnnHandle_t handle() {
    use_gpu();
    if (!handle_) {
      cudnnHandle_t created = nullptr;
      check(cudnn_library().create(&created), "starting cuDNN (GROKLAB_CUDNN=0 does without)");
      handle_.reset(created);
    }
    return handle_.get();
  }

  const bool tf32_;
  std::mutex mutex_;
  std::unique_ptr<std::remove_pointer_t<cudnnHandle_t>, DestroyHandle> handle_;
  std::map<Convolution, std::optional<Plan>> plans_;
};

}  // namespace

std::shared_ptr<Convolutions> make_cudnn_convolutions(bool tf32) {
  return std::make_shared<CudnnConvolutions>(tf32);
}

}  // namespace groklab::cuda
