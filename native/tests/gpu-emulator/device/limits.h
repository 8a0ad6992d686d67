// What a device of a compute capability has to offer, from the tables of the CUDA programming
// guide.
#pragma once

#include <cstddef>

namespace gpu_emulator {

struct Limits {
  std::size_t shared_per_block;  ///< after cudaFuncSetAttribute
  std::size_t shared_per_processor;
  int threads_per_processor;
  int blocks_per_processor;
};

inline constexpr std::size_t kSharedPerBlock = 48 << 10;  ///< without asking for more
inline constexpr int kThreadsPerBlock = 1024;
inline constexpr int kProcessors = 4;

/// `compute`: 75 for 7.5.
[[nodiscard]] Limits limits_of(int compute);

}  // namespace gpu_emulator
