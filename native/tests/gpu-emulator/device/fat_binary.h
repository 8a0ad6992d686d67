// Reads the container into which nvcc puts machine code and PTX.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace gpu_emulator {

struct FatBinaryEntry {
  bool is_ptx = false;
  bool is_compressed = false;
  int target = 0;  ///< 75 for sm_75
  std::string_view text;
};

/// Of the wrapper that __cudaRegisterFatBinary is given.
[[nodiscard]] std::vector<FatBinaryEntry> read_fat_binary(const void* wrapper);

}  // namespace gpu_emulator
