// cudaMalloc, cudaMemcpy and their kin.
#include "cudart/api.h"

using gpu_emulator::call;
using gpu_emulator::Device;
using gpu_emulator::given;

extern "C" {

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  return call([&](Device& device) {
    given(free) = device.memory().capacity() - device.memory().used();
    given(total) = device.memory().capacity();
  });
}

cudaError_t cudaMalloc(void** pointer, size_t size) {
  return call([&](Device& device) { given(pointer) = device.allocate(size); });
}

cudaError_t cudaFree(void* pointer) {
  return call([&](Device& device) { device.release(pointer); });
}

cudaError_t cudaHostAlloc(void** pointer, size_t size, unsigned int flags) {
  return call([&](Device& device) {
    constexpr unsigned int kAllowed =
        cudaHostAllocPortable | cudaHostAllocMapped | cudaHostAllocWriteCombined;
    if ((flags & ~kAllowed) != 0) throw gpu_emulator::ApiError{cudaErrorInvalidValue};
    given(pointer) = device.allocate_host(size);
  });
}

cudaError_t cudaMallocHost(void** pointer, size_t size) {
  return call([&](Device& device) { given(pointer) = device.allocate_host(size); });
}

cudaError_t cudaFreeHost(void* pointer) {
  return call([&](Device& device) { device.release_host(pointer); });
}

cudaError_t cudaMemcpy(void* to, const void* from, size_t count, cudaMemcpyKind kind) {
  return call([&](Device& device) { device.copy(to, from, count, kind, nullptr, true); });
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t count, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return call([&](Device& device) { device.copy(to, from, count, kind, stream, false); });
}

cudaError_t cudaMemset(void* pointer, int value, size_t count) {
  return call([&](Device& device) { device.set(pointer, value, count, nullptr); });
}

cudaError_t cudaMemsetAsync(void* pointer, int value, size_t count, cudaStream_t stream) {
  return call([&](Device& device) { device.set(pointer, value, count, stream); });
}
}
