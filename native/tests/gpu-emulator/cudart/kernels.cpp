// Registration and launch of kernels: what nvcc's generated host code calls, and cudaLaunchKernel.
#include <algorithm>
#include <cstdint>
#include <vector>

#include "cudart/api.h"
#include "device/environment.h"
#include "device/limits.h"
#include "ptx/stop.h"

using gpu_emulator::ApiError;
using gpu_emulator::call;
using gpu_emulator::Device;
using gpu_emulator::environment;
using gpu_emulator::Extent3;
using gpu_emulator::FatBinary;
using gpu_emulator::given;
using gpu_emulator::Kernel;
using gpu_emulator::Program;

namespace {

struct Configuration {
  dim3 grid;
  dim3 block;
  size_t shared_bytes;
  cudaStream_t stream;
};

std::vector<Configuration>& configurations() {
  thread_local std::vector<Configuration> stack;
  return stack;
}

FatBinary* binary_of(void** handle) { return reinterpret_cast<FatBinary*>(handle); }

Extent3 extent(const dim3& size) { return {size.x, size.y, size.z}; }

Kernel& kernel_of(const void* function) {
  Kernel* kernel = gpu_emulator::modules().find(function);
  if (kernel == nullptr) throw ApiError{cudaErrorInvalidDeviceFunction};
  return *kernel;
}

std::size_t most_dynamic_shared(const Kernel& kernel, const Program& program) {
  if (kernel.dynamic_shared_limit != 0) return kernel.dynamic_shared_limit;
  return gpu_emulator::kSharedPerBlock -
         std::min(program.shared_bytes, gpu_emulator::kSharedPerBlock);
}

int blocks_per_processor(const Program& program, int threads, std::size_t dynamic_shared) {
  const gpu_emulator::Limits limits = gpu_emulator::limits_of(environment().compute);
  const int warps = (threads + 31) / 32;
  const std::size_t shared = program.shared_bytes + dynamic_shared;
  int blocks = std::min(limits.blocks_per_processor, limits.threads_per_processor / 32 / warps);
  if (shared > 0) {
    blocks = std::min(blocks, static_cast<int>(limits.shared_per_processor / shared));
  }
  return blocks;
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

void** __cudaRegisterFatBinary(void* wrapper) {
  const std::lock_guard lock(gpu_emulator::device_mutex());
  return reinterpret_cast<void**>(gpu_emulator::modules().add(wrapper));
}

void __cudaRegisterFatBinaryEnd(void**) {}

void __cudaUnregisterFatBinary(void** handle) {
  const std::lock_guard lock(gpu_emulator::device_mutex());
  Device* device = gpu_emulator::device_if_made();
  gpu_emulator::modules().remove(binary_of(handle),
                                 device != nullptr ? &device->memory() : nullptr);
}

char __cudaInitModule(void**) { return 1; }

void __cudaRegisterFunction(void** handle, const char* host_function, char*, const char* name, int,
                            uint3*, uint3*, dim3*, dim3*, int*) {
  const std::lock_guard lock(gpu_emulator::device_mutex());
  gpu_emulator::modules().add_kernel(binary_of(handle), host_function, name);
}

/// The module itself says what variables there are; no function finds them by their host address.
void __cudaRegisterVar(void**, char*, char*, const char*, int, size_t, int, int) {}

unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared_bytes, void* stream) {
  configurations().push_back({grid, block, shared_bytes, static_cast<cudaStream_t>(stream)});
  return 0;
}

cudaError_t __cudaPopCallConfiguration(dim3* grid, dim3* block, size_t* shared_bytes,
                                       void* stream) {
  if (configurations().empty()) return cudaErrorMissingConfiguration;
  const Configuration top = configurations().back();
  configurations().pop_back();
  *grid = top.grid;
  *block = top.block;
  *shared_bytes = top.shared_bytes;
  *static_cast<cudaStream_t*>(stream) = top.stream;
  return cudaSuccess;
}

cudaError_t __cudaGetKernel(cudaKernel_t* handle, const void* function) {
  const std::lock_guard lock(gpu_emulator::device_mutex());
  Kernel* kernel = gpu_emulator::modules().find(function);
  if (kernel == nullptr) return cudaErrorInvalidDeviceFunction;
  *handle = reinterpret_cast<cudaKernel_t>(kernel);
  return cudaSuccess;
}

cudaError_t __cudaLaunchKernel(cudaKernel_t handle, dim3 grid, dim3 block, void** arguments,
                               size_t shared_bytes, cudaStream_t stream) {
  return call([&](Device& device) {
    auto* kernel = reinterpret_cast<Kernel*>(handle);
    if (!gpu_emulator::modules().owns(kernel)) throw ApiError{cudaErrorInvalidDeviceFunction};
    device.launch(*kernel, extent(grid), extent(block), arguments, shared_bytes, stream);
  });
}

cudaError_t cudaLaunchKernel(const void* function, dim3 grid, dim3 block, void** arguments,
                             size_t shared_bytes, cudaStream_t stream) {
  return call([&](Device& device) {
    device.launch(kernel_of(function), extent(grid), extent(block), arguments, shared_bytes,
                  stream);
  });
}

cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t* configuration, const void* function,
                                void** arguments) {
  return call([&](Device& device) {
    const cudaLaunchConfig_t& given_one = given(configuration);
    if (given_one.numAttrs != 0) {
      gpu_emulator::stop("cudaLaunchKernelExC with attributes is not emulated");
    }
    device.launch(kernel_of(function), extent(given_one.gridDim), extent(given_one.blockDim),
                  arguments, given_one.dynamicSmemBytes, given_one.stream);
  });
}

/// Registers are ptxas's business: their number is 0 here.
cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* function) {
  return call([&](Device& device) {
    Kernel& kernel = kernel_of(function);
    const Program& program = device.load(kernel);
    cudaFuncAttributes& result = given(attributes);
    result = {};
    result.sharedSizeBytes = program.shared_bytes;
    result.localSizeBytes = program.local_bytes;
    result.maxThreadsPerBlock = program.max_threads != 0 ? static_cast<int>(program.max_threads)
                                                         : gpu_emulator::kThreadsPerBlock;
    result.ptxVersion = kernel.binary->module->target;
    result.binaryVersion = environment().compute;
    result.maxDynamicSharedSizeBytes = static_cast<int>(most_dynamic_shared(kernel, program));
  });
}

cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute attribute, int value) {
  return call([&](Device& device) {
    Kernel& kernel = kernel_of(function);
    const Program& program = device.load(kernel);
    const std::size_t most = gpu_emulator::limits_of(environment().compute).shared_per_block;
    switch (attribute) {
      case cudaFuncAttributeMaxDynamicSharedMemorySize:
        if (value < 0 || program.shared_bytes + static_cast<std::size_t>(value) > most) {
          throw ApiError{cudaErrorInvalidValue};
        }
        kernel.dynamic_shared_limit = static_cast<std::size_t>(value);
        break;
      case cudaFuncAttributePreferredSharedMemoryCarveout:
        break;  // a hint
      default:
        gpu_emulator::stop("cudaFuncSetAttribute of attribute " + std::to_string(attribute) +
                           " is not emulated");
    }
  });
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
    int* blocks, const void* function, int threads, size_t dynamic_shared, unsigned int) {
  return call([&](Device& device) {
    Kernel& kernel = kernel_of(function);
    const Program& program = device.load(kernel);
    if (threads <= 0 || threads > gpu_emulator::kThreadsPerBlock) {
      throw ApiError{cudaErrorInvalidValue};
    }
    const bool fits = dynamic_shared <= most_dynamic_shared(kernel, program);
    given(blocks) = fits ? blocks_per_processor(program, threads, dynamic_shared) : 0;
  });
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* function,
                                                          int threads, size_t dynamic_shared) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(blocks, function, threads,
                                                                dynamic_shared, 0);
}
}
#pragma GCC visibility pop
