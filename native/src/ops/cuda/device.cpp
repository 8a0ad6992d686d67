#include "ops/cuda/device.h"

#include <atomic>
#include <mutex>

#include "core/error.h"

namespace groklab::cuda {

namespace {

// A broken context is a matter of the whole process, whatever engines it has; so is this record.
std::mutex mutex;
std::string gpu_name = "the GPU";
std::string first_failure;
std::atomic<bool> failed{false};

/// Whether every later call would fail in the same way: CUDA's documentation of these errors asks
/// for another process, or they mean that the GPU or the context is gone.
bool is_lasting(cudaError_t error) {
  switch (error) {
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorContained:
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorContextIsDestroyed:
    case cudaErrorAssert:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
    case cudaErrorTensorMemoryLeak:
    case cudaErrorMpsClientTerminated:
    case cudaErrorExternalDevice:
    case cudaErrorUnknown:
      return true;
    default:
      return false;
  }
}

std::string lasting_message() {
  return "this process cannot use the GPU any more, start a new one: " + first_failure;
}

}  // namespace

void set_gpu_name(const std::string& name) {
  const std::scoped_lock lock(mutex);
  gpu_name = name;
}

void use_gpu() {
  if (const auto failure = lasting_failure()) throw Error(Status::kDeviceError, *failure);
  check(cudaSetDevice(kDevice), "making the GPU this thread's");
}

bool try_use_gpu() noexcept { return !failed && cudaSetDevice(kDevice) == cudaSuccess; }

void check(cudaError_t result, const char* doing) {
  if (result == cudaSuccess) return;
  static_cast<void>(cudaGetLastError());  // It was reported: the next check is not to find it.
  const std::scoped_lock lock(mutex);
  const std::string failure = std::string(doing) + " failed on " + gpu_name + ": " + text(result);
  if (!failed && !is_lasting(result)) throw Error(Status::kDeviceError, failure);
  if (!failed) first_failure = failure;
  failed = true;
  throw Error(Status::kDeviceError, lasting_message());
}

std::optional<std::string> lasting_failure() {
  if (!failed) return std::nullopt;
  const std::scoped_lock lock(mutex);
  return lasting_message();
}

std::string text(cudaError_t error) {
  return std::string(cudaGetErrorString(error)) + " (" + cudaGetErrorName(error) + ")";
}

}  // namespace groklab::cuda
