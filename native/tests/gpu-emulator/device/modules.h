// The plugin's kernels: fat binaries as nvcc embeds them, and the kernels registered from them.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "machine/memory.h"
#include "machine/program.h"
#include "ptx/syntax.h"

namespace gpu_emulator {

/// A registered fat binary; its PTX is parsed and its variables are placed at the first use.
struct FatBinary {
  const void* data = nullptr;
  bool is_loaded = false;
  cudaError_t status = cudaSuccess;
  std::unique_ptr<Module> module;
  ModuleVariables variables;
};

struct Kernel {
  FatBinary* binary = nullptr;
  std::string name;
  std::unique_ptr<Program> program;
  std::size_t dynamic_shared_limit = 0;  ///< 0: what needs no cudaFuncSetAttribute
};

class Modules {
 public:
  FatBinary* add(const void* wrapper);
  void remove(FatBinary* binary, DeviceMemory* memory);
  void add_kernel(FatBinary* binary, const void* host_function, std::string name);

  /// Null where the function is no kernel.
  [[nodiscard]] Kernel* find(const void* host_function) const;
  [[nodiscard]] bool owns(const Kernel* kernel) const { return handles_.contains(kernel); }
  /// Makes the kernel's program, from the newest PTX that a device of that capability can run.
  cudaError_t load(Kernel& kernel, DeviceMemory& memory, int compute);

 private:
  cudaError_t load(FatBinary& binary, DeviceMemory& memory, int compute);

  std::vector<std::unique_ptr<FatBinary>> binaries_;
  std::unordered_map<const void*, std::unique_ptr<Kernel>> kernels_;
  std::unordered_set<const Kernel*> handles_;
};

}  // namespace gpu_emulator
