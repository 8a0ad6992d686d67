// A stream as a queue of work, and its recordings as CUDA graphs.
#pragma once

#include <cuda_runtime_api.h>

#include <memory>

#include "ops/backend.h"
#include "ops/cuda/convolutions.h"
#include "ops/cuda/kernels/cuda_ops.h"
#include "ops/cuda/products.h"

namespace groklab::cuda {

/// A stream that does not wait for the default stream, and that is idle when it goes.
class Stream {
 public:
  Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  [[nodiscard]] cudaStream_t get() const { return stream_; }

  /// The host's memory may not be touched before `wait` returns.
  void copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind);

  void clear(void* memory, std::size_t bytes);

  /// Throws Error(kDeviceError) if any of the stream's work failed.
  void wait();

  /// Returns when nothing runs any more, whether it failed or not.
  void drain() noexcept;

 private:
  cudaStream_t stream_ = nullptr;
};

class CudaQueue final : public Queue {
 public:
  /// @param convolutions may be null: there are kernels of our own.
  CudaQueue(std::shared_ptr<Products> products, std::shared_ptr<Convolutions> convolutions);

  [[nodiscard]] LaneOps ops() override;
  void upload(void* to, const void* staging, std::size_t bytes) override;
  void download(void* staging, const void* from, std::size_t bytes) override;
  void copy(void* to, const void* from, std::size_t bytes) override;
  [[nodiscard]] std::unique_ptr<Recording> record(const std::function<void()>& body) override;
  void wait() override;

  [[nodiscard]] Stream& stream() { return *stream_; }

 private:
  std::shared_ptr<Products> products_;
  std::shared_ptr<Convolutions> convolutions_;
  std::shared_ptr<Stream> stream_;  // Recordings replay into it, and may outlive the queue.
  CudaOps<float> fp32_;
  CudaOps<double> fp64_;
};

}  // namespace groklab::cuda
