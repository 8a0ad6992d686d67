// The plugin's one exported function; see ops/cuda_plugin.h.
#include "ops/cuda_plugin.h"

#include <exception>

#include "ops/cuda/cuda_backend.h"
#include "ops/cuda/probe.h"

namespace {

groklab::CudaProbe probe() {
  try {
    return groklab::cuda::probe().result;
  } catch (const std::exception& error) {
    return {false, error.what()};
  }
}

const groklab::CudaPlugin plugin = {GROKLAB_PLUGIN_INTERFACE, probe,
                                    groklab::cuda::make_cuda_backend};

}  // namespace

extern "C" __attribute__((visibility("default"))) const groklab::CudaPlugin* groklab_cuda_plugin() {
  return &plugin;
}
