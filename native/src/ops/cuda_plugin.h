// What libgroklab asks of its plugin libgroklab_cuda. Both sides are compiled from this header, in
// one build: they exchange C++ objects, so each refuses a partner with other headers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "ops/backend.h"

namespace groklab {

/// Whether a GPU can be used here, and in words which one, or why none.
struct CudaProbe {
  bool usable = false;
  std::string detail;
};

struct CudaPlugin {
  /// GROKLAB_PLUGIN_INTERFACE of the plugin's build: a hash of the headers that both sides share.
  /// It is the first member, so that it can be read whatever the rest looks like.
  const char* interface_hash;

  /// Never throws.
  CudaProbe (*probe)();

  /// Throws Error(kBackendUnavailable) with the probe's words where no GPU can be used.
  std::shared_ptr<Backend> (*make_backend)();
};

/// Name under which the plugin exports a function `const CudaPlugin* ()`.
inline constexpr char kCudaPluginEntry[] = "groklab_cuda_plugin";

}  // namespace groklab
