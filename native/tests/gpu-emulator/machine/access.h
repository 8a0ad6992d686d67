// Checked accesses of a warp to memory. Bytes: of one lane's access, all elements of a vector.
#pragma once

#include <cstddef>
#include <cstdint>

#include "machine/program.h"
#include "machine/warp.h"

namespace gpu_emulator {

/// Reads for each lane of `mask` into raw[lane]; `in` gives address register, offset and space.
template <std::size_t Bytes>
void load(Warp& warp, const Instruction& in, Space space, std::uint32_t mask,
          std::byte (&raw)[32][Bytes]);

template <std::size_t Bytes>
void store(Warp& warp, const Instruction& in, Space space, std::uint32_t mask,
           const std::byte (&raw)[32][Bytes]);

/// Where one lane's atomic operation takes place, all checks done and shadows set.
[[nodiscard]] std::byte* atomic_place(Warp& warp, const Instruction& in, Space space, int lane,
                                      std::size_t bytes);

}  // namespace gpu_emulator
