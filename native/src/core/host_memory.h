// Aligned host memory for the backends that compute on the CPU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace groklab {

/// Zeroed memory on a 64-byte border; throws Error(kOutOfMemory), naming the bytes.
void* allocate_host_memory(std::size_t bytes);

/// Bytes that this process can still have: the machine's, or its container's, whichever is less.
std::optional<std::uint64_t> available_host_memory();

void release_host_memory(void* memory) noexcept;

}  // namespace groklab
