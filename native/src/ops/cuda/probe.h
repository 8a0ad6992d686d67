// Whether a GPU can be used here.
#pragma once

#include <cuda_runtime_api.h>

#include <string>

#include "ops/cuda_plugin.h"

namespace groklab::cuda {

/// The GPU, once a probe has found it usable.
struct Gpu {
  std::string name;
  std::size_t memory = 0;  ///< bytes in all
  int major = 0;           ///< compute capability
  int minor = 0;
};

/// "NVIDIA H100 80GB HBM3, 79.2 GiB"
[[nodiscard]] std::string describe(const Gpu& gpu);

struct Probe {
  CudaProbe result;
  Gpu gpu;
};

/// Looks for the GPU, and makes CUDA's context on it; what was found once is not looked for again,
/// but a GPU that would not give a context may do so later.
Probe probe();

}  // namespace groklab::cuda
