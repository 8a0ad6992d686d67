// The CUDA backend: one NVIDIA GPU.
#pragma once

#include <memory>

#include "ops/backend.h"

namespace groklab::cuda {

/// The environment variable GROKLAB_TF32=1 lets products of floats round their factors to TF32.
/// Throws Error(kBackendUnavailable) where no GPU can be used, in the words of the probe, and
/// Error(kInvalidArgument) for another value of that variable than 0 and 1.
std::shared_ptr<Backend> make_cuda_backend();

}  // namespace groklab::cuda
