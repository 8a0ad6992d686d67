// The one GPU that a process uses, and what becomes of CUDA's failures.
#pragma once

#include <cuda_runtime_api.h>

#include <optional>
#include <string>

namespace groklab::cuda {

/// The first GPU of those that the environment variable CUDA_VISIBLE_DEVICES leaves.
inline constexpr int kDevice = 0;

/// What messages call the GPU from now on.
void set_gpu_name(const std::string& name);

/// Makes the GPU the calling thread's: CUDA keeps that by thread, and any thread may call us.
/// Throws Error(kDeviceError) if the GPU has failed for good.
void use_gpu();

/// As use_gpu, but false where the GPU cannot be used: for cleaning up.
[[nodiscard]] bool try_use_gpu() noexcept;

/// Throws Error(kDeviceError) unless `result` is success. Some failures leave the process without a
/// GPU for good, which CUDA cannot mend: the first of them is remembered, and named ever after.
/// @param doing what failed, such as "copying to the GPU"
void check(cudaError_t result, const char* doing);

/// The failure that has taken the GPU from this process, in words; none if it still has it.
[[nodiscard]] std::optional<std::string> lasting_failure();

/// CUDA's text and name of an error: "out of memory (cudaErrorMemoryAllocation)".
[[nodiscard]] std::string text(cudaError_t error);

}  // namespace groklab::cuda
