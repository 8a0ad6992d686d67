// Aligned host memory for the backends that compute on the CPU.
#pragma once

#include <cstddef>

namespace groklab {

/// Zeroed memory on a 64-byte border; throws Error(kOutOfMemory), naming the bytes.
void* allocate_host_memory(std::size_t bytes);

void release_host_memory(void* memory) noexcept;

}  // namespace groklab
