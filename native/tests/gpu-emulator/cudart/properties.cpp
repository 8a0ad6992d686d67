// What device there is, and its properties.
#include <cstdio>
#include <string>

#include "cudart/api.h"
#include "device/environment.h"
#include "device/limits.h"
#include "ptx/stop.h"

using gpu_emulator::ApiError;
using gpu_emulator::call;
using gpu_emulator::Device;
using gpu_emulator::environment;
using gpu_emulator::given;

namespace {

void expect_device_number(int number) {
  if (number != 0) throw ApiError{cudaErrorInvalidDevice};
}

cudaDeviceProp properties() {
  const int compute = environment().compute;
  const gpu_emulator::Limits limits = gpu_emulator::limits_of(compute);
  cudaDeviceProp result = {};
  std::snprintf(result.name, sizeof result.name, "GPU emulator (compute %d.%d)", compute / 10,
                compute % 10);
  result.totalGlobalMem = environment().memory;
  result.sharedMemPerBlock = gpu_emulator::kSharedPerBlock;
  result.sharedMemPerBlockOptin = limits.shared_per_block;
  result.sharedMemPerMultiprocessor = limits.shared_per_processor;
  result.regsPerBlock = 65536;
  result.regsPerMultiprocessor = 65536;
  result.warpSize = 32;
  result.memPitch = 0x7fffffff;
  result.maxThreadsPerBlock = gpu_emulator::kThreadsPerBlock;
  result.maxThreadsPerMultiProcessor = limits.threads_per_processor;
  result.maxBlocksPerMultiProcessor = limits.blocks_per_processor;
  result.maxThreadsDim[0] = result.maxThreadsDim[1] = gpu_emulator::kThreadsPerBlock;
  result.maxThreadsDim[2] = 64;
  result.maxGridSize[0] = 0x7fffffff;
  result.maxGridSize[1] = result.maxGridSize[2] = 65535;
  result.totalConstMem = 65536;
  result.major = compute / 10;
  result.minor = compute % 10;
  result.textureAlignment = 512;
  result.multiProcessorCount = gpu_emulator::kProcessors;
  result.concurrentKernels = 1;
  result.asyncEngineCount = 2;
  result.unifiedAddressing = 1;
  result.memoryBusWidth = 256;
  result.l2CacheSize = 4 << 20;
  return result;
}

int attribute(cudaDeviceAttr which) {
  const cudaDeviceProp all = properties();
  switch (which) {
    case cudaDevAttrMaxThreadsPerBlock:
      return all.maxThreadsPerBlock;
    case cudaDevAttrMaxBlockDimX:
      return all.maxThreadsDim[0];
    case cudaDevAttrMaxBlockDimY:
      return all.maxThreadsDim[1];
    case cudaDevAttrMaxBlockDimZ:
      return all.maxThreadsDim[2];
    case cudaDevAttrMaxGridDimX:
      return all.maxGridSize[0];
    case cudaDevAttrMaxGridDimY:
      return all.maxGridSize[1];
    case cudaDevAttrMaxGridDimZ:
      return all.maxGridSize[2];
    case cudaDevAttrMaxSharedMemoryPerBlock:
      return static_cast<int>(all.sharedMemPerBlock);
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      return static_cast<int>(all.sharedMemPerBlockOptin);
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
      return static_cast<int>(all.sharedMemPerMultiprocessor);
    case cudaDevAttrTotalConstantMemory:
      return static_cast<int>(all.totalConstMem);
    case cudaDevAttrWarpSize:
      return all.warpSize;
    case cudaDevAttrMaxRegistersPerBlock:
    case cudaDevAttrMaxRegistersPerMultiprocessor:
      return all.regsPerBlock;
    case cudaDevAttrMultiProcessorCount:
      return all.multiProcessorCount;
    case cudaDevAttrMaxThreadsPerMultiProcessor:
      return all.maxThreadsPerMultiProcessor;
    case cudaDevAttrMaxBlocksPerMultiprocessor:
      return all.maxBlocksPerMultiProcessor;
    case cudaDevAttrComputeCapabilityMajor:
      return all.major;
    case cudaDevAttrComputeCapabilityMinor:
      return all.minor;
    case cudaDevAttrL2CacheSize:
      return all.l2CacheSize;
    case cudaDevAttrGlobalMemoryBusWidth:
      return all.memoryBusWidth;
    case cudaDevAttrAsyncEngineCount:
      return all.asyncEngineCount;
    case cudaDevAttrConcurrentKernels:
    case cudaDevAttrUnifiedAddressing:
      return 1;
    case cudaDevAttrIntegrated:
    case cudaDevAttrCooperativeLaunch:
    case cudaDevAttrManagedMemory:
    case cudaDevAttrConcurrentManagedAccess:
    case cudaDevAttrPageableMemoryAccess:
    case cudaDevAttrMemoryPoolsSupported:
    case cudaDevAttrKernelExecTimeout:
    case cudaDevAttrEccEnabled:
    case cudaDevAttrComputeMode:
    case cudaDevAttrPciBusId:
    case cudaDevAttrPciDeviceId:
    case cudaDevAttrPciDomainId:
      return 0;
    // Speeds in kHz, of no device that exists.
    case cudaDevAttrClockRate:
    case cudaDevAttrMemoryClockRate:
      return 1000000;
    default:
      gpu_emulator::stop("cudaDeviceGetAttribute of attribute " + std::to_string(which) +
                         " is not emulated");
  }
}

}  // namespace

extern "C" {

cudaError_t cudaGetDeviceCount(int* count) {
  if (count != nullptr) *count = 0;
  return call([&](Device&) { given(count) = environment().devices; });
}

cudaError_t cudaDriverGetVersion(int* version) {
  if (version == nullptr) return gpu_emulator::last_error() = cudaErrorInvalidValue;
  *version = environment().driver_version;
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) {
  if (version == nullptr) return gpu_emulator::last_error() = cudaErrorInvalidValue;
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* result, int number) {
  return call([&](Device&) {
    expect_device_number(number);
    given(result) = properties();
  });
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr which, int number) {
  return call([&](Device&) {
    expect_device_number(number);
    given(value) = attribute(which);
  });
}

cudaError_t cudaSetDevice(int number) {
  return call([&](Device&) { expect_device_number(number); });
}

cudaError_t cudaGetDevice(int* number) {
  return call([&](Device&) { given(number) = 0; });
}
}
