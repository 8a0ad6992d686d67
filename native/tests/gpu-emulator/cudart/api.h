// What every function of the runtime does around its own work: one call at a time, is there a
// device, does its context still work, remember the error.
#pragma once

#pragma GCC visibility push(default)
#include <cuda_runtime_api.h>
#pragma GCC visibility pop

#include <mutex>
#include <new>
#include <utility>

#include "device/device.h"
#include "machine/launch.h"

namespace gpu_emulator {

/// The error that cudaGetLastError gives this thread.
cudaError_t& last_error();
/// Why there is no device, or cudaSuccess.
cudaError_t availability();

/// Runs `body(device)`; what it throws becomes the result.
template <class Body>
cudaError_t call(Body body) {
  const std::lock_guard lock(device_mutex());
  cudaError_t status = availability();
  Device* present = status == cudaSuccess ? device() : nullptr;
  if (status == cudaSuccess && present == nullptr) return cudaErrorCudartUnloading;
  if (status == cudaSuccess) status = present->sticky();
  if (status == cudaSuccess) {
    try {
      body(*present);
    } catch (const ApiError& error) {
      status = error.status;
    } catch (const LaunchFault& fault) {
      present->fail(fault);
      status = present->sticky();
    } catch (const std::bad_alloc&) {
      status = cudaErrorMemoryAllocation;
    }
  }
  // cudaErrorNotReady is an answer, not an error.
  if (status != cudaSuccess && status != cudaErrorNotReady) last_error() = status;
  return status;
}

/// For a pointer that the caller must give.
template <class T>
T& given(T* pointer) {
  if (pointer == nullptr) throw ApiError{cudaErrorInvalidValue};
  return *pointer;
}

}  // namespace gpu_emulator
