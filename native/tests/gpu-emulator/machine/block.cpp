// Runs a block: from barrier to barrier, its warps in a random order.
#include "machine/block.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <string>

namespace gpu_emulator {
namespace {

std::string triple(const Extent3& at) {
  return "(" + std::to_string(at.x) + "," + std::to_string(at.y) + "," + std::to_string(at.z) + ")";
}

/// A statement on one line.
std::string one_line(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n';
    if (!blank) {
      result += c;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  return result;
}

}  // namespace

Block::Block(DeviceMemory& memory, bool find_races) : memory_(memory), find_races_(find_races) {}

void Block::prepare(const Launch& launch) {
  launch_ = &launch;
  prepare_shared(*launch.program, launch.dynamic_shared_bytes);
  active_warps_ = (launch.block.count() + 31) / 32;
  while (warps_.size() < active_warps_) warps_.push_back(std::make_unique<Warp>(*this));
  for (std::size_t i = 0; i < active_warps_; ++i) {
    warps_[i]->prepare(*launch.program, static_cast<std::uint32_t>(i));
  }
  order_.resize(active_warps_);
  std::iota(order_.begin(), order_.end(), std::size_t{0});
}

void Block::prepare_shared(const Program& program, std::size_t dynamic_bytes) {
  if (shared_of_ == &program && shared_dynamic_bytes_ == dynamic_bytes) return;
  shared_of_ = &program;
  shared_dynamic_bytes_ = dynamic_bytes;
  shared_.clear();
  for (const SharedVariable& variable : program.shared) {
    shared_.push_back(std::make_unique<Region>(kSharedWindow + variable.offset, variable.bytes,
                                               "shared variable " + variable.name));
  }
  if (program.uses_dynamic_shared) {
    shared_.push_back(std::make_unique<Region>(kSharedWindow + kDynamicSharedOffset, dynamic_bytes,
                                               "dynamic shared memory"));
  }
}

Region* Block::find_shared(std::uint64_t offset) const {
  for (const auto& region : shared_) {
    if (region->contains(kSharedWindow + offset, 1)) return region.get();
  }
  return nullptr;
}

std::string Block::describe_shared(std::uint64_t offset) const {
  const Region* nearest = nullptr;
  for (const auto& region : shared_) {
    if (region->base <= kSharedWindow + offset) nearest = region.get();
  }
  std::string text = "byte " + std::to_string(offset) + " of shared memory";
  if (nearest == nullptr) return text + ", where no variable lies";
  const std::uint64_t at = kSharedWindow + offset - nearest->base;
  return text + ", byte " + std::to_string(at) + " of the " + std::to_string(nearest->size) +
         "-byte " + nearest->name;
}

void Block::run(std::uint64_t index, Interval& interval, std::mt19937_64& random) {
  interval_ = &interval;
  start(index);
  while (run_interval(random)) {
    pass_barrier();
    ++interval.now;
  }
}

void Block::start(std::uint64_t index) {
  position_ = gpu_emulator::position(launch_->grid, index);
  for (const auto& region : shared_) std::memset(region->written.data(), 0, region->size);
  const std::uint64_t threads = launch_->block.count();
  for (std::size_t i = 0; i < active_warps_; ++i) {
    const std::uint64_t rest = threads - i * 32;
    const std::uint32_t lanes = rest >= 32 ? kAllLanes : (1U << rest) - 1;
    warps_[i]->start(lanes);
  }
}

/// False when every thread has exited.
bool Block::run_interval(std::mt19937_64& random) {
  if (active_warps_ > 1) std::shuffle(order_.begin(), order_.end(), random);
  bool all_finished = true;
  for (const std::size_t i : order_) {
    Warp& warp = *warps_[i];
    if (warp.finished()) continue;
    try {
      warp.run();
    } catch (const Fault& fault) {
      fail(warp, warp.pc(), fault);
    }
    all_finished = all_finished && warp.finished();
  }
  return !all_finished;
}

void Block::pass_barrier() {
  const Warp* first = nullptr;
  for (std::size_t i = 0; i < active_warps_ && first == nullptr; ++i) {
    if (!warps_[i]->finished()) first = warps_[i].get();
  }
  const std::uint32_t pc = first->fragments().front().pc;
  check_barrier(*first, pc);
  const Instruction& barrier = launch_->program->code[pc];
  if (barrier.barrier != BarrierKind::kSync) reduce_at_barrier(barrier);
  for (std::size_t i = 0; i < active_warps_; ++i) warps_[i]->pass_barrier();
}

/// Every thread of the block must wait at the same barrier.
void Block::check_barrier(const Warp& first, std::uint32_t pc) const {
  const int lane = first_lane(first.fragments().front().mask);
  const auto fail_here = [&](const std::string& what) {
    fail(first, pc, Fault{FaultKind::kLaunchFailure, "waits at a barrier " + what, lane});
  };
  for (std::size_t i = 0; i < active_warps_; ++i) {
    const Warp& warp = *warps_[i];
    const auto name = [&](std::uint32_t lanes) {
      return name_of_thread(warp.first_thread() + static_cast<std::uint32_t>(first_lane(lanes)));
    };
    if (warp.exited() != 0) {
      fail_here("that thread " + name(warp.exited()) + " will never reach: it has exited");
    }
    for (const Fragment& fragment : warp.fragments()) {
      if (fragment.pc == pc) continue;
      fail_here("while thread " + name(fragment.mask) + " waits at the one of PTX line " +
                std::to_string(launch_->program->code[fragment.pc].line));
    }
  }
}

/// The result of __syncthreads_count and its kin, for every thread.
void Block::reduce_at_barrier(const Instruction& barrier) const {
  std::uint32_t count = 0;
  for (std::size_t i = 0; i < active_warps_; ++i) {
    const Warp& warp = *warps_[i];
    Warp::require_defined(warp.lanes(), warp.predicate_valid(barrier.predicate),
                          "the predicate of a barrier");
    count +=
        static_cast<std::uint32_t>(std::popcount(warp.predicate(barrier.predicate) & warp.lanes()));
  }
  const bool result =
      barrier.barrier == BarrierKind::kAnd ? count == launch_->block.count() : count > 0;
  for (std::size_t i = 0; i < active_warps_; ++i) {
    Warp& warp = *warps_[i];
    if (barrier.barrier == BarrierKind::kCount) {
      std::fill_n(warp.out<std::uint32_t>(barrier.dst), 32, count);
      warp.define(barrier.dst, warp.lanes(), kAllLanes);
    } else {
      warp.define_predicate(barrier.predicate_out, warp.lanes(), result ? kAllLanes : 0, kAllLanes);
    }
  }
}

std::uint64_t Block::take_instructions() {
  std::uint64_t sum = 0;
  for (const auto& warp : warps_) sum += warp->take_instructions();
  return sum;
}

std::string Block::name_of_thread(std::uint32_t thread) const {
  return triple(gpu_emulator::position(launch_->block, thread));
}

void Block::fail(const Warp& warp, std::uint32_t pc, const Fault& fault) const {
  const Program& program = *launch_->program;
  std::string sentence = program.name + ", block " + triple(position_);
  if (fault.lane >= 0) {
    sentence +=
        ", thread " + name_of_thread(warp.first_thread() + static_cast<std::uint32_t>(fault.lane));
  }
  sentence += ", PTX line " + std::to_string(program.code[pc].line) + ", '" +
              one_line(program.text[pc]) + "': " + fault.what;
  throw LaunchFault{fault.kind, sentence};
}

}  // namespace gpu_emulator
