// A block of threads: its warps, its shared memory, its barriers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "machine/launch.h"
#include "machine/memory.h"
#include "machine/races.h"
#include "machine/warp.h"

namespace gpu_emulator {

/// Reused from block to block, and from launch to launch.
class Block {
 public:
  Block(DeviceMemory& memory, bool find_races);

  void prepare(const Launch& launch);
  /// Runs block number `index` of the grid; throws LaunchFault.
  void run(std::uint64_t index, Interval& interval, std::mt19937_64& random);

  // --- for handlers

  [[nodiscard]] const Launch& launch() const { return *launch_; }
  [[nodiscard]] const Extent3& position() const { return position_; }
  [[nodiscard]] DeviceMemory& memory() const { return memory_; }
  /// The present moment, as memory sees it: what is shared knows no other block.
  [[nodiscard]] Interval interval_for(const Region& region) const {
    const bool is_shared = region.base - kSharedWindow < kWindowBytes;
    return {is_shared ? interval_->block : interval_->launch, interval_->block, interval_->now};
  }
  [[nodiscard]] bool find_races() const { return find_races_; }
  /// 2: races are found by words of four bytes; 0: by bytes.
  [[nodiscard]] int granule() const { return launch_->program->uses_part_words ? 0 : 2; }
  /// The shared variable there, by its offset in the shared window.
  [[nodiscard]] Region* find_shared(std::uint64_t offset) const;
  [[nodiscard]] std::string describe_shared(std::uint64_t offset) const;
  [[nodiscard]] std::string name_of_thread(std::uint32_t thread) const;
  [[nodiscard]] std::uint64_t take_instructions();

 private:
  void prepare_shared(const Program& program, std::size_t dynamic_bytes);
  void start(std::uint64_t index);
  [[nodiscard]] bool run_interval(std::mt19937_64& random);
  void pass_barrier();
  void check_barrier(const Warp& first, std::uint32_t pc) const;
  void reduce_at_barrier(const Instruction& barrier) const;
  [[noreturn]] void fail(const Warp& warp, std::uint32_t pc, const Fault& fault) const;

  DeviceMemory& memory_;
  bool find_races_;
  const Launch* launch_ = nullptr;
  Extent3 position_;
  Interval* interval_ = nullptr;
  const Program* shared_of_ = nullptr;
  std::size_t shared_dynamic_bytes_ = 0;
  std::vector<std::unique_ptr<Region>> shared_;
  std::vector<std::unique_ptr<Warp>> warps_;
  std::size_t active_warps_ = 0;
  std::vector<std::size_t> order_;
};

}  // namespace gpu_emulator
