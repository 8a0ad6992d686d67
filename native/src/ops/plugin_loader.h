// Finds libgroklab_cuda and opens it, or says in words why there is none.
#pragma once

#include <string>

#include "ops/cuda_plugin.h"

namespace groklab {

struct LoadedPlugin {
  const CudaPlugin* plugin = nullptr;
  std::string reason;  ///< why it is null
};

/// Opens the plugin when first called, and never again: a library cannot be closed safely once its
/// objects are about. It is the file that the environment variable GROKLAB_CUDA_PLUGIN names, else
/// the one beside the library that this code is in. GROKLAB_CUDA_LIBRARIES may name folders,
/// separated by colons, that have CUDA's libraries where the system's loader would not find them.
const LoadedPlugin& cuda_plugin();

}  // namespace groklab
