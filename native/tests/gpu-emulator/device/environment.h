// What the environment variables say about the emulated machine; the README lists them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gpu_emulator {

struct Environment {
  int devices = 1;
  int driver_version = 0;  ///< 0: no driver
  int compute = 120;       ///< 75 for 7.5
  std::size_t memory = 0;
  std::uint64_t fault_at = 0;  ///< number of the kernel that fails, from 1; 0: none
  std::uint64_t seed = 0;
  bool races = true;
  bool trace = false;
  int cudnn_cuda = 0;      ///< the CUDA that cuDNN says it is for
  bool one_batch = false;  ///< a product's algorithm serves the batch count it was chosen for alone
};

/// Read once; a value that is no number stops the program.
[[nodiscard]] const Environment& environment();

}  // namespace gpu_emulator
