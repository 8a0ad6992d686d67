// cuDNN's handles: each has a stream.
#pragma once

#pragma GCC visibility push(default)
#include <cudnn_graph.h>
#pragma GCC visibility pop

namespace gpu_emulator {

/// Whether it was made by cudnnCreate, and is still there.
[[nodiscard]] bool is_handle(cudnnHandle_t handle);

}  // namespace gpu_emulator
