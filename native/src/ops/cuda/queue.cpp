#include "ops/cuda/queue.h"

#include <type_traits>
#include <utility>

#include "ops/cuda/device.h"

namespace groklab::cuda {

namespace {

struct DestroyGraph {
  void operator()(cudaGraph_t graph) const { cudaGraphDestroy(graph); }
  void operator()(cudaGraphExec_t graph) const {
    if (try_use_gpu()) cudaGraphExecDestroy(graph);
  }
};
using Graph = std::unique_ptr<std::remove_pointer_t<cudaGraph_t>, DestroyGraph>;
using ExecutableGraph = std::unique_ptr<std::remove_pointer_t<cudaGraphExec_t>, DestroyGraph>;

class CudaRecording final : public Recording {
 public:
  CudaRecording(std::shared_ptr<Stream> stream, cudaGraph_t graph) : stream_(std::move(stream)) {
    cudaGraphExec_t executable = nullptr;
    check(cudaGraphInstantiate(&executable, graph, 0), "preparing recorded work");
    executable_.reset(executable);
  }

  void replay() override {
    use_gpu();
    check(cudaGraphLaunch(executable_.get(), stream_->get()), "starting recorded work");
  }

 private:
  std::shared_ptr<Stream> stream_;
  ExecutableGraph executable_;
};

/// Ends a capture, also one that a fault has made void; then there is no graph.
std::pair<cudaError_t, Graph> end_capture(const Stream& stream) {
  cudaGraph_t graph = nullptr;
  const cudaError_t result = cudaStreamEndCapture(stream.get(), &graph);
  return {result, Graph(graph)};
}

}  // namespace

Stream::Stream() {
  use_gpu();
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "making a stream");
}

Stream::~Stream() {
  drain();
  if (try_use_gpu()) cudaStreamDestroy(stream_);
}

void Stream::copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  if (bytes == 0) return;
  use_gpu();
  check(cudaMemcpyAsync(to, from, bytes, kind, stream_), "copying");
}

void Stream::clear(void* memory, std::size_t bytes) {
  if (bytes == 0) return;
  use_gpu();
  check(cudaMemsetAsync(memory, 0, bytes, stream_), "clearing memory");
}

void Stream::wait() {
  use_gpu();
  check(cudaStreamSynchronize(stream_), "the queued work");
}

void Stream::drain() noexcept {
  if (try_use_gpu()) cudaStreamSynchronize(stream_);
}

CudaQueue::CudaQueue(std::shared_ptr<Products> products, std::shared_ptr<Convolutions> convolutions)
    : products_(std::move(products)),
      convolutions_(std::move(convolutions)),
      stream_(std::make_shared<Stream>()),
      fp32_(stream_->get(), *products_, convolutions_.get()),
      fp64_(stream_->get(), *products_, convolutions_.get()) {}

LaneOps CudaQueue::ops() {
  use_gpu();
  return {&fp32_, &fp64_};
}

void CudaQueue::upload(void* to, const void* staging, std::size_t bytes) {
  stream_->copy(to, staging, bytes, cudaMemcpyHostToDevice);
}

void CudaQueue::download(void* staging, const void* from, std::size_t bytes) {
  stream_->copy(staging, from, bytes, cudaMemcpyDeviceToHost);
}

void CudaQueue::copy(void* to, const void* from, std::size_t bytes) {
  stream_->copy(to, from, bytes, cudaMemcpyDeviceToDevice);
}

std::unique_ptr<Recording> CudaQueue::record(const std::function<void()>& body) {
  use_gpu();
  // Relaxed: kernels, ours and libraries', are loaded when they are first needed, which may be here.
  // Nothing else happens while we record.
  check(cudaStreamBeginCapture(stream_->get(), cudaStreamCaptureModeRelaxed),
        "beginning to record");
  try {
    body();
  } catch (...) {
    end_capture(*stream_);
    static_cast<void>(cudaGetLastError());
    throw;
  }
  const auto [result, graph] = end_capture(*stream_);
  check(result, "recording work");
  return std::make_unique<CudaRecording>(stream_, graph.get());
}

void CudaQueue::wait() { stream_->wait(); }

}  // namespace groklab::cuda
