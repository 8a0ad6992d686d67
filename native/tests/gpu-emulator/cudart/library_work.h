// What the other stand-ins need of libcudart's: to put work of their own into a stream.
#pragma once

#include <cuda_runtime_api.h>

#include <functional>
#include <optional>
#include <string>

#include "machine/launch.h"
#include "machine/memory.h"

#pragma GCC visibility push(default)
namespace gpu_emulator::exported {

/// Queues or captures `run`, which returns what went wrong, if anything did. It counts as a kernel.
cudaError_t submit_library_work(
    cudaStream_t stream, const std::string& name,
    const std::function<std::optional<LaunchFault>(DeviceMemory&)>& run);

/// Whether there is a device that works.
cudaError_t device_status();

}  // namespace gpu_emulator::exported
#pragma GCC visibility pop
