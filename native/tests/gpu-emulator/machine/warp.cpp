// Runs a warp: the fragment with the lowest instruction goes first, so that lanes which took
// different ways meet again where the ways join.
#include "machine/warp.h"

#include <algorithm>
#include <string>

#include "machine/block.h"

namespace gpu_emulator {
namespace {

bool is_of_block(Special special) {
  return special == Special::kCtaidX || special == Special::kCtaidY || special == Special::kCtaidZ;
}

bool is_of_thread(Special special) {
  return special == Special::kTidX || special == Special::kTidY || special == Special::kTidZ;
}

std::uint32_t of_launch(Special special, const Launch& launch) {
  switch (special) {
    case Special::kNtidX:
      return launch.block.x;
    case Special::kNtidY:
      return launch.block.y;
    case Special::kNtidZ:
      return launch.block.z;
    case Special::kNctaidX:
      return launch.grid.x;
    case Special::kNctaidY:
      return launch.grid.y;
    case Special::kNctaidZ:
      return launch.grid.z;
    case Special::kNwarpId:
      return static_cast<std::uint32_t>((launch.block.count() + 31) / 32);
    default:
      return static_cast<std::uint32_t>(launch.dynamic_shared_bytes);
  }
}

std::uint32_t special_value(Special special, const Block& block, std::uint32_t warp,
                            std::uint32_t lane) {
  switch (special) {
    case Special::kCtaidX:
      return block.position().x;
    case Special::kCtaidY:
      return block.position().y;
    case Special::kCtaidZ:
      return block.position().z;
    case Special::kLaneId:
      return lane;
    case Special::kWarpId:
      return warp;
    case Special::kLaneMaskEq:
      return 1U << lane;
    case Special::kLaneMaskLt:
      return (1U << lane) - 1;
    case Special::kLaneMaskLe:
      return (2U << lane) - 1;
    case Special::kLaneMaskGt:
      return ~((2U << lane) - 1);
    case Special::kLaneMaskGe:
      return ~((1U << lane) - 1);
    default:
      return of_launch(special, block.launch());
  }
}

/// The x, y or z of 32 threads from `first` on.
void load_thread_positions(Special special, const Extent3& block, std::uint32_t first,
                           std::uint32_t* lanes) {
  Extent3 at = position(block, first);
  for (int lane = 0; lane < 32; ++lane) {
    lanes[lane] = special == Special::kTidX ? at.x : special == Special::kTidY ? at.y : at.z;
    if (++at.x < block.x) continue;
    at.x = 0;
    if (++at.y < block.y) continue;
    at.y = 0;
    ++at.z;
  }
}

}  // namespace

void Warp::prepare(const Program& program, std::uint32_t number) {
  program_ = &program;
  number_ = number;
  code_ = program.code.data();
  last_regions_.assign(program.code.size(), nullptr);
  reserve_registers();
  reserve_local();
  load_launch_specials();
}

void Warp::start(std::uint32_t lanes) {
  lanes_ = lanes;
  exited_ = 0;
  carry = 0;
  std::fill(valid_store_.begin(), valid_store_.end(), 0U);
  std::fill(predicates_valid_.begin(), predicates_valid_.end(), 0U);
  predicates_[kFalse] = 0;
  predicates_[kTrue] = kAllLanes;
  predicates_valid_[kFalse] = predicates_valid_[kTrue] = kAllLanes;
  if (local_bytes_ > 0) std::fill_n(local_written_.data(), local_bytes_ * 32, std::uint8_t{0});
  order_.reset();
  load_block_specials();
  fragments_.assign(1, Fragment{0, lanes, false});
}

void Warp::reserve_registers() {
  constexpr std::size_t kAlignment = 64;
  const std::size_t bytes = program_->slots * kSlotBytes;
  if (bytes + kAlignment > register_capacity_) {
    register_capacity_ = bytes + kAlignment;
    register_store_ = LazyArray<std::byte>(register_capacity_);
    const auto address = reinterpret_cast<std::uintptr_t>(register_store_.data());
    registers_ = register_store_.data() + (kAlignment - address % kAlignment) % kAlignment;
  }
  valid_store_.resize(program_->slots);
  predicates_.resize(program_->predicates);
  predicates_valid_.resize(program_->predicates);
  base_ = {registers_, reinterpret_cast<const std::byte*>(program_->constants.data())};
  valid_ = {valid_store_.data(), program_->constants_valid.data()};
}

/// Nothing ever writes these registers: what does not change from block to block is loaded once.
void Warp::load_launch_specials() {
  for (const auto& [special, ref] : program_->specials) {
    if (!is_of_block(special)) load_special(special, ref);
  }
}

void Warp::load_block_specials() {
  for (const auto& [special, ref] : program_->specials) {
    if (is_of_block(special)) load_special(special, ref);
    define(ref, kAllLanes, kAllLanes);
  }
}

void Warp::load_special(Special special, Ref ref) {
  auto* lanes = out<std::uint32_t>(ref);
  if (is_of_thread(special)) {
    load_thread_positions(special, block_.launch().block, first_thread(), lanes);
    return;
  }
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    lanes[lane] = special_value(special, block_, number_, lane);
  }
}

void Warp::reserve_local() {
  local_bytes_ = program_->local_bytes;
  if (local_bytes_ > local_capacity_) {
    local_capacity_ = local_bytes_;
    local_ = LazyArray<std::byte>(local_bytes_ * 32);
    local_written_ = LazyArray<std::uint8_t>(local_bytes_ * 32);
  }
}

void Warp::require_defined(std::uint32_t mask, std::uint32_t valid, const char* what) {
  const std::uint32_t undefined = mask & ~valid;
  if (undefined == 0) return;
  throw Fault{FaultKind::kLaunchFailure,
              std::string(what) + " comes from a register that was never written",
              first_lane(undefined)};
}

void Warp::run() {
  while (!fragments_.empty()) {
    const std::size_t current = lowest_runnable();
    if (current == kNone) break;
    run_fragment(current);
    fragments_.insert(fragments_.end(), split_.begin(), split_.end());
    split_.clear();
    std::erase_if(fragments_, [](const Fragment& fragment) { return fragment.mask == 0; });
    if (fragments_.size() > 1) merge();
  }
  for (const Fragment& fragment : fragments_) {
    if (code_[fragment.pc].control == Control::kWarpSync) report_stuck();
  }
}

std::size_t Warp::lowest_runnable() const {
  std::size_t best = kNone;
  for (std::size_t i = 0; i < fragments_.size(); ++i) {
    if (fragments_[i].waits) continue;
    if (best == kNone || fragments_[i].pc < fragments_[best].pc) best = i;
  }
  return best;
}

/// The instruction where the fragment meets the next one.
std::uint32_t Warp::limit_of(std::size_t current) const {
  std::uint32_t limit = ~0U;
  for (std::size_t i = 0; i < fragments_.size(); ++i) {
    if (fragments_[i].pc > fragments_[current].pc) limit = std::min(limit, fragments_[i].pc);
  }
  return limit;
}

void Warp::run_fragment(std::size_t current) {
  Fragment& fragment = fragments_[current];
  const std::uint32_t limit = limit_of(current);
  std::uint64_t count = 0;
  do {
    const Instruction& instruction = code_[fragment.pc];
    pc_ = fragment.pc;
    const std::uint32_t active =
        instruction.guard == kTrue ? fragment.mask : guarded(instruction, fragment.mask);
    count += static_cast<std::uint64_t>(std::popcount(active));
    if (instruction.control == Control::kPlain) [[likely]] {
      if (active != 0) instruction.run(*this, instruction, active);
      ++fragment.pc;
    } else if (!step(fragment, instruction, active)) {
      break;
    }
  } while (fragment.pc < limit);
  instructions_ += count;
}

std::uint32_t Warp::guarded(const Instruction& instruction, std::uint32_t mask) const {
  require_defined(mask, predicate_valid(instruction.guard), "the guard");
  return mask & predicate(instruction.guard);
}

bool Warp::step(Fragment& fragment, const Instruction& instruction, std::uint32_t active) {
  switch (instruction.control) {
    case Control::kPlain:
      break;
    case Control::kBranch:
      return branch(fragment, instruction.target, active);
    case Control::kIndexedBranch:
      indexed_branch(fragment, instruction, active);
      return false;
    case Control::kExit:
      exit(fragment, active);
      return active == 0;
    case Control::kWarpSync:
      leave_to_next(fragment, fragment.mask & ~active);
      return active != 0 && warp_sync(fragment, instruction);
    case Control::kBarrier:
      leave_to_next(fragment, fragment.mask & ~active);
      fragment.waits = true;
      return false;
  }
  return true;
}

bool Warp::branch(Fragment& fragment, std::uint32_t target, std::uint32_t active) {
  if (active == fragment.mask) {
    fragment.pc = target;
    return true;
  }
  const std::uint32_t rest = fragment.mask & ~active;
  fragment.mask = rest;
  ++fragment.pc;
  if (active == 0) return true;
  split_.push_back({target, active, false});
  return false;
}

void Warp::indexed_branch(Fragment& fragment, const Instruction& instruction,
                          std::uint32_t active) {
  leave_to_next(fragment, fragment.mask & ~active);
  require_defined(active, valid(instruction.a), "the index of a branch");
  const std::vector<std::uint32_t>& targets = program_->branch_lists[instruction.target];
  const auto* index = in<std::uint32_t>(instruction.a);
  for (std::uint32_t rest = active; rest != 0; rest &= rest - 1) {
    const int lane = first_lane(rest);
    if (index[lane] >= targets.size()) {
      throw Fault{FaultKind::kLaunchFailure,
                  "branches to entry " + std::to_string(index[lane]) + " of a list of " +
                      std::to_string(targets.size()),
                  lane};
    }
    split_.push_back({targets[index[lane]], 1U << lane, false});
  }
  fragment.mask = 0;
}

void Warp::exit(Fragment& fragment, std::uint32_t active) {
  exited_ |= active;
  fragment.mask &= ~active;
  ++fragment.pc;
}

/// Lanes whose guard is false do not wait.
void Warp::leave_to_next(Fragment& fragment, std::uint32_t lanes) {
  if (lanes == 0) return;
  split_.push_back({fragment.pc + 1, lanes, false});
  fragment.mask &= ~lanes;
}

bool Warp::warp_sync(Fragment& fragment, const Instruction& instruction) {
  require_defined(fragment.mask, valid(instruction.d), "the mask");
  const auto* members = in<std::uint32_t>(instruction.d);
  std::uint32_t done = 0;
  for (std::uint32_t rest = fragment.mask; rest != 0;) {
    const std::uint32_t member_mask = members[first_lane(rest)];
    std::uint32_t group = 0;
    for (int lane = 0; lane < 32; ++lane) {
      if ((rest >> lane & 1) != 0 && members[lane] == member_mask) group |= 1U << lane;
    }
    rest &= ~group;
    if (all_arrived(member_mask, group)) {
      instruction.run(*this, instruction, group);
      done |= group;
    }
  }
  if (done == fragment.mask) {
    ++fragment.pc;
    return true;
  }
  fragment.waits = true;
  leave_to_next(fragment, done);
  return false;
}

bool Warp::all_arrived(std::uint32_t members, std::uint32_t group) const {
  if ((group & ~members) != 0) {
    throw Fault{FaultKind::kLaunchFailure,
                "the mask " + hexadecimal(members) + " does not name the lane that executes it",
                first_lane(group & ~members)};
  }
  const std::uint32_t gone = members & exited_;
  if (gone != 0) {
    throw Fault{FaultKind::kLaunchFailure,
                "the mask " + hexadecimal(members) + " names lane " +
                    std::to_string(first_lane(gone)) + ", which has exited",
                first_lane(group)};
  }
  return (members & lanes_ & ~group) == 0;
}

/// Fragments that have come to the same instruction become one, and look again at what they wait
/// for.
void Warp::merge() {
  std::sort(fragments_.begin(), fragments_.end(),
            [](const Fragment& a, const Fragment& b) { return a.pc < b.pc; });
  std::size_t kept = 0;
  for (std::size_t i = 1; i < fragments_.size(); ++i) {
    if (fragments_[i].pc == fragments_[kept].pc) {
      fragments_[kept].mask |= fragments_[i].mask;
      fragments_[kept].waits = false;
    } else {
      fragments_[++kept] = fragments_[i];
    }
  }
  fragments_.resize(kept + 1);
}

void Warp::report_stuck() {
  for (const Fragment& fragment : fragments_) {
    const Instruction& instruction = code_[fragment.pc];
    if (instruction.control != Control::kWarpSync) continue;
    pc_ = fragment.pc;
    const int lane = first_lane(fragment.mask);
    const std::uint32_t members = in<std::uint32_t>(instruction.d)[lane];
    static_cast<void>(all_arrived(members, 1U << lane));  // throws where one has exited
    std::uint32_t missing = members & lanes_ & ~fragment.mask;
    std::string where = "that came with another mask";
    if (missing != 0) {
      for (const Fragment& other : fragments_) {
        if ((other.mask & missing) == 0) continue;
        missing &= other.mask;
        where = "which waits at PTX line " + std::to_string(code_[other.pc].line);
      }
    } else {
      missing = members & fragment.mask & ~(1U << lane);
    }
    throw Fault{FaultKind::kLaunchFailure,
                "the mask " + hexadecimal(members) + " also names lane " +
                    std::to_string(first_lane(missing)) + ", " + where,
                lane};
  }
  throw Fault{FaultKind::kLaunchFailure, "the warp is stuck"};
}

void Warp::pass_barrier() {
  for (Fragment& fragment : fragments_) {
    ++fragment.pc;
    fragment.waits = false;
  }
  if (fragments_.size() > 1) merge();
  order_.reset();
}

}  // namespace gpu_emulator
