#include "ops/cuda/probe.h"

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>

#include "ops/cuda/cudnn/cudnn.h"
#include "ops/cuda/device.h"
#include "ops/cuda/zero.h"

namespace groklab::cuda {

namespace {

constexpr int kOldestMajor = 7;
constexpr int kOldestMinor = 5;

/// CUDA counts 1000·major + 10·minor.
std::string version(int number) {
  return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10);
}

std::string capability(const Gpu& gpu) {
  return std::to_string(gpu.major) + "." + std::to_string(gpu.minor);
}

int driver_version() {
  int number = 0;
  cudaDriverGetVersion(&number);
  return number;
}

Probe unusable(const std::string& reason) { return {{false, reason}, {}}; }

/// CUDA gives one error for a driver that is missing and one that is too old.
Probe no_driver() {
  const int driver = driver_version();
  if (driver == 0) {
    return unusable("this machine has no NVIDIA driver that CUDA can find (libcuda.so.1)");
  }
  return unusable("the NVIDIA driver supports CUDA " + version(driver) +
                  ", but this build needs one for CUDA " + version(CUDART_VERSION) +
                  ": install a newer driver");
}

Probe no_gpu() {
  std::string reason = "the NVIDIA driver (CUDA " + version(driver_version()) + ") finds no GPU";
  const char* const visible = std::getenv("CUDA_VISIBLE_DEVICES");
  if (visible != nullptr) {
    reason += "; the environment variable CUDA_VISIBLE_DEVICES, which is \"" +
              std::string(visible) + "\", may hide it";
  }
  return unusable(reason);
}

Probe look() {
  int count = 0;
  const cudaError_t counted = cudaGetDeviceCount(&count);
  if (counted == cudaErrorInsufficientDriver) return no_driver();
  if (counted == cudaErrorNoDevice || (counted == cudaSuccess && count == 0)) return no_gpu();
  if (counted != cudaSuccess) return unusable("CUDA cannot start: " + text(counted));

  cudaDeviceProp properties;
  const cudaError_t described = cudaGetDeviceProperties(&properties, kDevice);
  if (described != cudaSuccess) return unusable("CUDA cannot ask the GPU: " + text(described));
  const Gpu gpu{properties.name, properties.totalGlobalMem, properties.major, properties.minor};
  if (gpu.major < kOldestMajor || (gpu.major == kOldestMajor && gpu.minor < kOldestMinor)) {
    return unusable(gpu.name + " is too old: it has compute capability " + capability(gpu) +
                    ", and " + std::to_string(kOldestMajor) + "." + std::to_string(kOldestMinor) +
                    " or newer is needed");
  }

  cudaError_t started = cudaSetDevice(kDevice);
  if (started == cudaSuccess) started = cudaFree(nullptr);  // Makes the context, if need be.
  if (started != cudaSuccess) {
    return unusable(gpu.name +
                    " is here, but gives this process no context, as if its memory were"
                    " full or another process had it alone: " +
                    text(started));
  }
  const cudaError_t found = find_kernels();
  if (found != cudaSuccess) {
    return unusable("this build has no code for " + gpu.name + " with compute capability " +
                    capability(gpu) + ": " + text(found));
  }
  set_gpu_name(gpu.name);
  const CudnnPresence& cudnn = look_for_cudnn();
  return {{true, describe(gpu) + ", compute capability " + capability(gpu) + ", driver for CUDA " +
                     version(driver_version()) +
                     (cudnn.here ? ", " + cudnn.words : ", no cuDNN (" + cudnn.words + ")")},
          gpu};
}

}  // namespace

std::string describe(const Gpu& gpu) {
  char gibibytes[32];
  std::snprintf(gibibytes, sizeof gibibytes, ", %.1f GiB",
                static_cast<double>(gpu.memory) / (1024.0 * 1024.0 * 1024.0));
  return gpu.name + gibibytes;
}

Probe probe() {
  static std::mutex mutex;
  static std::optional<Probe> usable;
  const std::scoped_lock lock(mutex);
  if (const auto failure = lasting_failure()) return unusable(*failure);
  if (usable) return *usable;
  Probe found = look();
  static_cast<void>(cudaGetLastError());  // What failed here is said in words.
  if (found.result.usable) usable = found;
  return found;
}

}  // namespace groklab::cuda
