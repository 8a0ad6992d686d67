// Runs a grid.
#include <algorithm>
#include <numeric>

#include "machine/block.h"
#include "machine/launch.h"

namespace gpu_emulator {

Extent3 position(const Extent3& extent, std::uint64_t index) {
  return {static_cast<std::uint32_t>(index % extent.x),
          static_cast<std::uint32_t>(index / extent.x % extent.y),
          static_cast<std::uint32_t>(index / extent.x / extent.y)};
}

Machine::Machine(DeviceMemory& memory, std::uint64_t seed, bool find_races)
    : memory_(memory),
      random_(seed),
      find_races_(find_races),
      block_(std::make_unique<Block>(memory, find_races)) {}

Machine::~Machine() = default;

void Machine::run(const Launch& launch) {
  // Serial numbers are used up after some billions of intervals; then all cells start anew.
  if (serial_ > 0xf0000000) {
    memory_.forget_races();
    block_ = std::make_unique<Block>(memory_, find_races_);
    serial_ = 1;
  }
  block_->prepare(launch);
  try {
    run_blocks(*block_, launch);
  } catch (...) {
    instructions_ += block_->take_instructions();
    throw;
  }
  instructions_ += block_->take_instructions();
}

void Machine::run_blocks(Block& block, const Launch& launch) {
  std::vector<std::uint32_t> order(launch.grid.count());
  std::iota(order.begin(), order.end(), 0U);
  std::shuffle(order.begin(), order.end(), random_);
  Interval interval;
  interval.launch = serial_;
  for (const std::uint32_t index : order) {
    interval.block = serial_;
    interval.now = serial_;
    block.run(index, interval, random_);
    serial_ = interval.now + 1;
  }
}

}  // namespace gpu_emulator
