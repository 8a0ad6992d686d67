// The CUDA backend: one NVIDIA GPU.
#pragma once

#include <memory>

#include "ops/backend.h"

namespace groklab::cuda {

/// The environment variable GROKLAB_TF32=1 lets products of floats round their factors to TF32.
/// Convolutions are cuDNN's where it is; GROKLAB_CUDNN=0 leaves it alone, and 1 insists on it.
/// Throws Error(kBackendUnavailable) where no GPU can be used, in the words of the probe, and
/// Error(kInvalidArgument) for other values of these variables than 0 and 1, or if there is no cuDNN
/// that is insisted on.
std::shared_ptr<Backend> make_cuda_backend();

}  // namespace groklab::cuda
