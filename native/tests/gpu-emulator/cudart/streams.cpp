// Streams and events.
#include "cudart/api.h"

using gpu_emulator::ApiError;
using gpu_emulator::call;
using gpu_emulator::Device;
using gpu_emulator::given;

extern "C" {

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned int flags) {
  return call([&](Device& device) {
    if (flags != cudaStreamDefault && flags != cudaStreamNonBlocking) {
      throw ApiError{cudaErrorInvalidValue};
    }
    given(stream) = device.scheduler().create(flags == cudaStreamDefault);
  });
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return call([&](Device& device) { device.destroy_stream(stream); });
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return call([&](Device& device) { device.synchronise(stream); });
}

cudaError_t cudaStreamQuery(cudaStream_t stream) {
  return call([&](Device& device) {
    if (device.query(stream)) throw ApiError{cudaErrorNotReady};
  });
}

cudaError_t cudaDeviceSynchronize() {
  return call([](Device& device) { device.synchronise_device(); });
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned int flags) {
  return call([&](Device& device) {
    if (flags != 0) throw ApiError{cudaErrorInvalidValue};
    device.wait(stream, event);
  });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned int flags) {
  return call([&](Device& device) {
    if ((flags & ~static_cast<unsigned int>(cudaEventBlockingSync | cudaEventDisableTiming)) != 0) {
      throw ApiError{cudaErrorInvalidValue};
    }
    given(event) = device.create_event((flags & cudaEventDisableTiming) == 0);
  });
}

cudaError_t cudaEventCreate(cudaEvent_t* event) { return cudaEventCreateWithFlags(event, 0); }

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return call([&](Device& device) { device.record(event, stream); });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return call([&](Device& device) { device.synchronise_event(event); });
}

cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
  return call([&](Device& device) { given(milliseconds) = device.elapsed(start, end); });
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return call([&](Device& device) { device.destroy_event(event); });
}
}
