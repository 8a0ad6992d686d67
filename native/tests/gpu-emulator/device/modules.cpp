// Loading of modules.
#include "device/modules.h"

#include <cstdio>
#include <cstring>
#include <utility>

#include "device/fat_binary.h"
#include "ptx/parser.h"
#include "ptx/stop.h"

namespace gpu_emulator {
namespace {

std::string capability(int compute) {
  return std::to_string(compute / 10) + "." + std::to_string(compute % 10);
}

cudaError_t refuse(cudaError_t status, const std::string& sentence) {
  std::fprintf(stderr, "gpu-emulator: %s\n", sentence.c_str());
  return status;
}

}  // namespace

FatBinary* Modules::add(const void* wrapper) {
  binaries_.push_back(std::make_unique<FatBinary>());
  binaries_.back()->data = wrapper;
  return binaries_.back().get();
}

void Modules::remove(FatBinary* binary, DeviceMemory* memory) {
  std::erase_if(handles_, [&](const Kernel* kernel) { return kernel->binary == binary; });
  std::erase_if(kernels_, [&](const auto& entry) { return entry.second->binary == binary; });
  if (memory != nullptr) {
    for (const auto& [name, region] : binary->variables) memory->release(region->base);
  }
  std::erase_if(binaries_, [&](const auto& owned) { return owned.get() == binary; });
}

void Modules::add_kernel(FatBinary* binary, const void* host_function, std::string name) {
  auto kernel = std::make_unique<Kernel>();
  kernel->binary = binary;
  kernel->name = std::move(name);
  handles_.insert(kernel.get());
  kernels_[host_function] = std::move(kernel);
}

Kernel* Modules::find(const void* host_function) const {
  const auto found = kernels_.find(host_function);
  return found != kernels_.end() ? found->second.get() : nullptr;
}

cudaError_t Modules::load(Kernel& kernel, DeviceMemory& memory, int compute) {
  if (kernel.program != nullptr) return cudaSuccess;
  FatBinary& binary = *kernel.binary;
  if (!binary.is_loaded) {
    binary.is_loaded = true;
    binary.status = load(binary, memory, compute);
  }
  if (binary.status != cudaSuccess) return binary.status;
  const auto function = binary.module->functions.find(kernel.name);
  if (function == binary.module->functions.end()) return cudaErrorInvalidDeviceFunction;
  kernel.program = compile(*binary.module, function->second, binary.variables);
  return cudaSuccess;
}

cudaError_t Modules::load(FatBinary& binary, DeviceMemory& memory, int compute) {
  const FatBinaryEntry* best = nullptr;
  const std::vector<FatBinaryEntry> entries = read_fat_binary(binary.data);
  for (const FatBinaryEntry& entry : entries) {
    if (!entry.is_ptx || entry.target > compute) continue;
    if (best == nullptr || entry.target > best->target) best = &entry;
  }
  if (best == nullptr) {
    return refuse(cudaErrorNoKernelImageForDevice,
                  "the program has no PTX that a device of compute capability " +
                      capability(compute) + " can run; GPU_EMULATOR_COMPUTE sets another");
  }
  if (best->is_compressed) {
    return refuse(cudaErrorInvalidKernelImage,
                  "the program's PTX is compressed; compile it with nvcc --no-compress");
  }
  binary.module = parse_module(std::string(best->text));
  for (const auto& [name, variable] : binary.module->variables) {
    if (variable.space == Space::kShared) continue;
    Region* region = memory.allocate(variable.bytes, "variable " + name);
    if (region == nullptr) return cudaErrorMemoryAllocation;
    std::memcpy(region->bytes.data(), variable.initial.data(), variable.initial.size());
    std::memset(region->written.data(), 1, variable.bytes);
    region->read_only = variable.space == Space::kConstant;
    binary.variables[name] = region;
  }
  return cudaSuccess;
}

}  // namespace gpu_emulator
