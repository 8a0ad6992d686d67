// Streams, events, copies, captures and graphs: what takes effect when, and what is forbidden.
#include <algorithm>
#include <string>
#include <thread>

#include "support.h"

namespace {

constexpr int kCount = 256;
constexpr std::size_t kBytes = kCount * sizeof(float);

__global__ void scale(float* x, float factor) {
  x[blockIdx.x * blockDim.x + threadIdx.x] *= factor;
}

class PinnedArray {
 public:
  explicit PinnedArray(float value) {
    OK(cudaMallocHost(&data_, kBytes));
    std::fill_n(data_, kCount, value);
  }
  PinnedArray(const PinnedArray&) = delete;
  PinnedArray& operator=(const PinnedArray&) = delete;
  ~PinnedArray() { OK(cudaFreeHost(data_)); }
  float* data() const { return data_; }
  void fill(float value) const { std::fill_n(data_, kCount, value); }
  bool all(float value) const {
    return std::all_of(data_, data_ + kCount, [&](float x) { return x == value; });
  }

 private:
  float* data_ = nullptr;
};

class Stream {
 public:
  explicit Stream(unsigned flags = cudaStreamNonBlocking) {
    OK(cudaStreamCreateWithFlags(&stream_, flags));
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { OK(cudaStreamDestroy(stream_)); }
  operator cudaStream_t() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

class Event {
 public:
  Event() { OK(cudaEventCreate(&event_)); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { OK(cudaEventDestroy(event_)); }
  operator cudaEvent_t() const { return event_; }

 private:
  cudaEvent_t event_ = nullptr;
};

void test_copies_take_effect_at_a_synchronisation() {
  const PinnedArray in(1);
  const PinnedArray out(0);
  const test::DeviceArray<float> x(kCount);
  const Stream stream;
  OK(cudaMemcpyAsync(x.data(), in.data(), kBytes, cudaMemcpyHostToDevice, stream));
  scale<<<2, 128, 0, stream>>>(x.data(), 3);
  OK(cudaMemcpyAsync(out.data(), x.data(), kBytes, cudaMemcpyDeviceToHost, stream));
  CHECK(out.all(0));
  // Pinned memory is read when the copy runs: to change it before is a mistake that shows.
  in.fill(2);
  const Stream other;
  OK(cudaStreamSynchronize(other));
  CHECK(out.all(0));
  OK(cudaStreamSynchronize(stream));
  CHECK(out.all(6));
}

void test_pageable_memory_is_copied_at_once() {
  std::vector<float> host(kCount, 5);
  const test::DeviceArray<float> x(kCount);
  const Stream stream;
  OK(cudaMemcpyAsync(x.data(), host.data(), kBytes, cudaMemcpyHostToDevice, stream));
  std::fill(host.begin(), host.end(), 0.0F);
  OK(cudaMemcpyAsync(host.data(), x.data(), kBytes, cudaMemcpyDeviceToHost, stream));
  CHECK(host[17] == 5);
}

void test_events_order_streams() {
  const test::DeviceArray<float> x(kCount);
  const PinnedArray out(0);
  for (int round = 0; round < 20; ++round) {
    const Stream first;
    const Stream second;
    const Event written;
    OK(cudaMemsetAsync(x.data(), 0, kBytes, first));
    const PinnedArray in(2);
    OK(cudaMemcpyAsync(x.data(), in.data(), kBytes, cudaMemcpyHostToDevice, first));
    OK(cudaEventRecord(written, first));
    OK(cudaStreamWaitEvent(second, written, 0));
    scale<<<2, 128, 0, second>>>(x.data(), 7);
    OK(cudaMemcpyAsync(out.data(), x.data(), kBytes, cudaMemcpyDeviceToHost, second));
    OK(cudaStreamSynchronize(second));
    CHECK(out.all(14));
  }
}

/// Without an event the order is random: among twenty rounds both must occur.
void test_unordered_streams_show() {
  const test::DeviceArray<float> x(std::vector<float>(kCount, 1));
  int times_first = 0;
  for (int round = 0; round < 20; ++round) {
    const Stream first;
    const Stream second;
    const PinnedArray one(1);
    const PinnedArray two(2);
    OK(cudaMemcpyAsync(x.data(), one.data(), kBytes, cudaMemcpyHostToDevice, first));
    OK(cudaMemcpyAsync(x.data(), two.data(), kBytes, cudaMemcpyHostToDevice, second));
    OK(cudaDeviceSynchronize());
    if (x.get()[0] == 2) ++times_first;
  }
  CHECK(times_first > 0 && times_first < 20);
}

void test_legacy_stream_orders_blocking_streams() {
  const test::DeviceArray<float> x(std::vector<float>(kCount, 1));
  for (int round = 0; round < 10; ++round) {
    const Stream blocking(cudaStreamDefault);
    OK(cudaMemset(x.data(), 0, kBytes));
    const PinnedArray in(3);
    OK(cudaMemcpyAsync(x.data(), in.data(), kBytes, cudaMemcpyHostToDevice, blocking));
    scale<<<2, 128>>>(x.data(), 2);
    CHECK(x.get()[9] == 6);
  }
}

void test_event_times_and_queries() {
  const test::DeviceArray<float> x(std::vector<float>(kCount, 1));
  const Stream stream;
  const Event start;
  const Event end;
  float milliseconds = -1;
  OK(cudaEventRecord(start, stream));
  scale<<<2, 128, 0, stream>>>(x.data(), 2);
  OK(cudaEventRecord(end, stream));
  EXPECT(cudaEventElapsedTime(&milliseconds, start, end), cudaErrorNotReady);
  EXPECT(cudaStreamQuery(stream), cudaErrorNotReady);
  int queries = 0;
  while (cudaStreamQuery(stream) == cudaErrorNotReady) ++queries;
  CHECK(queries < 10);
  OK(cudaEventSynchronize(end));
  OK(cudaEventElapsedTime(&milliseconds, start, end));
  CHECK(milliseconds >= 0);
  OK(cudaGetLastError());
}

cudaGraph_t captured(cudaStream_t stream, cudaStream_t side, float* x, float factor) {
  OK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  const Event fork;
  const Event join;
  scale<<<2, 128, 0, stream>>>(x, factor);
  OK(cudaEventRecord(fork, stream));
  OK(cudaStreamWaitEvent(side, fork, 0));
  scale<<<1, 128, 0, side>>>(x, 2);
  scale<<<1, 128, 0, stream>>>(x + 128, 3);
  OK(cudaEventRecord(join, side));
  OK(cudaStreamWaitEvent(stream, join, 0));
  scale<<<2, 128, 0, stream>>>(x, 5);
  cudaGraph_t graph = nullptr;
  OK(cudaStreamEndCapture(stream, &graph));
  return graph;
}

void test_graphs_replay() {
  const test::DeviceArray<float> x(std::vector<float>(kCount, 1));
  const Stream stream;
  const Stream side;
  cudaGraph_t graph = captured(stream, side, x.data(), 7);
  std::size_t nodes = 0;
  OK(cudaGraphGetNodes(graph, nullptr, &nodes));
  CHECK(nodes == 4);
  CHECK(x.get()[0] == 1);
  cudaGraphExec_t executable = nullptr;
  OK(cudaGraphInstantiate(&executable, graph, 0));
  OK(cudaGraphDestroy(graph));
  OK(cudaGraphUpload(executable, stream));
  OK(cudaGraphLaunch(executable, stream));
  OK(cudaGraphLaunch(executable, stream));
  CHECK(x.get()[0] == 1);
  OK(cudaStreamSynchronize(stream));
  CHECK(x.get()[0] == 70.0F * 70);
  CHECK(x.get()[200] == 105.0F * 105);
  OK(cudaGraphExecDestroy(executable));
}

/// `forbidden` must fail with `error` inside a capture, and spoil it.
template <class Call>
void expect_forbidden(cudaError_t error, cudaStreamCaptureMode mode, Call forbidden) {
  const Stream stream;
  OK(cudaStreamBeginCapture(stream, mode));
  EXPECT(forbidden(stream), error);
  cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
  OK(cudaStreamIsCapturing(stream, &status));
  CHECK(status == cudaStreamCaptureStatusInvalidated);
  cudaGraph_t graph = nullptr;
  EXPECT(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureInvalidated);
  CHECK(graph == nullptr);
  OK(cudaStreamIsCapturing(stream, &status));
  CHECK(status == cudaStreamCaptureStatusNone);
  static_cast<void>(cudaGetLastError());
}

void test_captures_forbid() {
  const auto global = cudaStreamCaptureModeGlobal;
  const auto unsupported = cudaErrorStreamCaptureUnsupported;
  const auto allocate = [](cudaStream_t) {
    void* memory = nullptr;
    return cudaMalloc(&memory, 64);
  };
  expect_forbidden(unsupported, global, [](cudaStream_t s) { return cudaStreamSynchronize(s); });
  expect_forbidden(unsupported, global, [](cudaStream_t s) { return cudaStreamQuery(s); });
  expect_forbidden(unsupported, global, [](cudaStream_t) { return cudaDeviceSynchronize(); });
  expect_forbidden(unsupported, global, allocate);
  expect_forbidden(unsupported, cudaStreamCaptureModeThreadLocal, allocate);
  const Event outside;
  const Stream other;
  OK(cudaEventRecord(outside, other));
  expect_forbidden(cudaErrorStreamCaptureIsolation, global,
                   [&](cudaStream_t s) { return cudaStreamWaitEvent(s, outside, 0); });
  // Relaxed captures allow allocation, and so does a relaxed thread.
  const Stream stream;
  cudaGraph_t graph = nullptr;
  void* memory = nullptr;
  OK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed));
  OK(cudaMalloc(&memory, 64));
  OK(cudaFree(memory));
  OK(cudaStreamEndCapture(stream, &graph));
  OK(cudaGraphDestroy(graph));
  OK(cudaStreamBeginCapture(stream, global));
  cudaStreamCaptureMode mode = cudaStreamCaptureModeRelaxed;
  OK(cudaThreadExchangeStreamCaptureMode(&mode));
  CHECK(mode == global);
  OK(cudaMalloc(&memory, 64));
  OK(cudaFree(memory));
  OK(cudaThreadExchangeStreamCaptureMode(&mode));
  OK(cudaStreamEndCapture(stream, &graph));
  OK(cudaGraphDestroy(graph));
}

void test_captures_must_end_as_they_began() {
  const Stream stream;
  const Stream side;
  const test::DeviceArray<float> x(std::vector<float>(kCount, 1));
  cudaGraph_t graph = nullptr;
  EXPECT(cudaStreamEndCapture(stream, &graph), cudaErrorIllegalState);
  // A fork that never joins.
  OK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
  const Event fork;
  OK(cudaEventRecord(fork, stream));
  OK(cudaStreamWaitEvent(side, fork, 0));
  scale<<<2, 128, 0, side>>>(x.data(), 2);
  EXPECT(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureUnjoined);
  // Another thread.
  OK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
  std::thread([&] {
    cudaGraph_t none = nullptr;
    EXPECT(cudaStreamEndCapture(stream, &none), cudaErrorStreamCaptureWrongThread);
  }).join();
  EXPECT(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureInvalidated);
  static_cast<void>(cudaGetLastError());
}

void test_errors_of_calls() {
  float* x = nullptr;
  OK(cudaMalloc(&x, kBytes));
  std::vector<float> host(2 * kCount, 1);
  EXPECT(cudaMemcpy(x, host.data(), 2 * kBytes, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT(cudaGetLastError(), cudaErrorInvalidValue);
  OK(cudaGetLastError());
  EXPECT(cudaMemcpy(host.data(), x, kBytes, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EXPECT(cudaFree(x + 1), cudaErrorInvalidValue);
  EXPECT(cudaSetDevice(1), cudaErrorInvalidDevice);
  scale<<<0, 128>>>(x, 2);
  EXPECT(cudaGetLastError(), cudaErrorInvalidConfiguration);
  scale<<<1, 1025>>>(x, 2);
  EXPECT(cudaGetLastError(), cudaErrorInvalidConfiguration);
  scale<<<1, 128, 49153>>>(x, 2);
  EXPECT(cudaGetLastError(), cudaErrorInvalidValue);
  OK(cudaFuncSetAttribute(scale, cudaFuncAttributeMaxDynamicSharedMemorySize, 60000));
  OK(cudaMemset(x, 0, kBytes));
  scale<<<1, 128, 60000>>>(x, 2);
  OK(cudaDeviceSynchronize());
  cudaFuncAttributes attributes = {};
  OK(cudaFuncGetAttributes(&attributes, scale));
  CHECK(attributes.maxDynamicSharedSizeBytes == 60000);
  int blocks = 0;
  OK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, scale, 128, 0));
  CHECK(blocks > 0);
  OK(cudaFree(x));
  void* too_much = nullptr;
  EXPECT(cudaMalloc(&too_much, std::size_t{1} << 50), cudaErrorMemoryAllocation);
  static_cast<void>(cudaGetLastError());
}

}  // namespace

int main() {
  test_copies_take_effect_at_a_synchronisation();
  test_pageable_memory_is_copied_at_once();
  test_events_order_streams();
  test_unordered_streams_show();
  test_legacy_stream_orders_blocking_streams();
  test_event_times_and_queries();
  test_graphs_replay();
  test_captures_forbid();
  test_captures_must_end_as_they_began();
  test_errors_of_calls();
  return test::result();
}
