// One launch of a kernel, and what running it gives back.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "machine/fault.h"
#include "machine/memory.h"
#include "machine/program.h"

namespace gpu_emulator {

struct Extent3 {
  std::uint32_t x = 1;
  std::uint32_t y = 1;
  std::uint32_t z = 1;

  [[nodiscard]] std::uint64_t count() const { return static_cast<std::uint64_t>(x) * y * z; }
};

/// Position number `index` of an extent, x running fastest.
[[nodiscard]] Extent3 position(const Extent3& extent, std::uint64_t index);

struct Launch {
  const Program* program = nullptr;
  Extent3 grid;
  Extent3 block;
  std::size_t dynamic_shared_bytes = 0;
  std::vector<std::byte> arguments;  ///< as the parameters lie in memory
};

/// Says where and what, in one sentence.
struct LaunchFault {
  FaultKind kind;
  std::string sentence;
};

class Block;

/// Executes grids, one block after the other, blocks and warps in random orders.
class Machine {
 public:
  Machine(DeviceMemory& memory, std::uint64_t seed, bool find_races);
  ~Machine();

  /// Throws LaunchFault.
  void run(const Launch& launch);

  [[nodiscard]] std::uint64_t instructions() const { return instructions_; }

 private:
  void run_blocks(Block& block, const Launch& launch);

  DeviceMemory& memory_;
  std::mt19937_64 random_;
  bool find_races_;
  std::uint64_t instructions_ = 0;
  std::uint32_t serial_ = 1;  // of barrier intervals
  std::unique_ptr<Block> block_;
};

}  // namespace gpu_emulator
