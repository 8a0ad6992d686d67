// A warp: 32 lanes of registers, and the fragments into which divergence has split the lanes.
// Registers lie lane beside lane, so that an instruction is one loop that the compiler vectorises.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "machine/fault.h"
#include "machine/lazy_array.h"
#include "machine/program.h"
#include "machine/races.h"

namespace gpu_emulator {

class Block;

inline constexpr std::uint32_t kAllLanes = ~0U;

/// Of a mask that is not empty.
inline int first_lane(std::uint32_t mask) { return __builtin_ctz(mask); }

/// Lanes that go together. A fragment that waits does so at the instruction at `pc`.
struct Fragment {
  std::uint32_t pc = 0;
  std::uint32_t mask = 0;
  bool waits = false;
};

class Warp {
 public:
  explicit Warp(Block& block) : block_(block) {}

  /// Makes the warp ready for a launch.
  void prepare(const Program& program, std::uint32_t number);
  /// Puts it at the start of a block.
  void start(std::uint32_t lanes);

  /// Runs until every lane has exited or waits for other warps.
  void run();

  // --- for handlers

  template <class T>
  [[nodiscard]] const T* in(Ref ref) const {
    return reinterpret_cast<const T*>(base_[ref >> 31] + (ref & ~kConstant) * kSlotBytes);
  }
  template <class T>
  [[nodiscard]] T* out(Ref ref) const {
    return reinterpret_cast<T*>(registers_ + ref * kSlotBytes);
  }
  /// The lanes in which the register has a defined value.
  [[nodiscard]] std::uint32_t valid(Ref ref) const { return valid_[ref >> 31][ref & ~kConstant]; }
  /// The lanes of `mask` now have values, defined where `valid` says so.
  void define(Ref ref, std::uint32_t mask, std::uint32_t valid) {
    std::uint32_t& lanes = valid_store_[ref];
    lanes = (lanes & ~mask) | (mask & valid);
  }

  [[nodiscard]] std::uint32_t predicate(PredicateRef ref) const {
    const std::uint32_t value = predicates_[ref & ~kNegated];
    return (ref & kNegated) != 0 ? ~value : value;
  }
  [[nodiscard]] std::uint32_t predicate_valid(PredicateRef ref) const {
    return predicates_valid_[ref & ~kNegated];
  }
  void define_predicate(PredicateRef ref, std::uint32_t mask, std::uint32_t value,
                        std::uint32_t valid) {
    predicates_[ref] = (predicates_[ref] & ~mask) | (mask & value);
    predicates_valid_[ref] = (predicates_valid_[ref] & ~mask) | (mask & valid);
  }

  /// Throws unless the lanes of `mask` are all in `valid`; `what`: "the address".
  static void require_defined(std::uint32_t mask, std::uint32_t valid, const char* what);

  [[nodiscard]] Block& block() const { return block_; }
  [[nodiscard]] std::uint32_t first_thread() const { return number_ * 32; }
  [[nodiscard]] std::uint32_t lanes() const { return lanes_; }
  [[nodiscard]] std::uint32_t exited() const { return exited_; }
  [[nodiscard]] WarpOrder& order() { return order_; }
  /// Of the instruction at hand: where its last access went.
  [[nodiscard]] Region*& last_region() { return last_regions_[pc_]; }
  [[nodiscard]] std::uint32_t pc() const { return pc_; }

  /// A lane's local memory, and its shadow.
  [[nodiscard]] std::byte* local(int lane) const {
    return local_.data() + static_cast<std::size_t>(lane) * local_bytes_;
  }
  [[nodiscard]] std::uint8_t* local_written(int lane) const {
    return local_written_.data() + static_cast<std::size_t>(lane) * local_bytes_;
  }
  [[nodiscard]] std::size_t local_bytes() const { return local_bytes_; }

  /// Carry flags of add.cc and its kin.
  std::uint32_t carry = 0;

  // --- for the block

  [[nodiscard]] const std::vector<Fragment>& fragments() const { return fragments_; }
  [[nodiscard]] bool finished() const { return fragments_.empty(); }
  /// Lets the lanes that wait at a barrier go on.
  void pass_barrier();
  [[nodiscard]] std::uint64_t take_instructions() { return std::exchange(instructions_, 0); }

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};

  void reserve_registers();
  void load_launch_specials();
  void load_block_specials();
  void load_special(Special special, Ref ref);
  void reserve_local();
  [[nodiscard]] std::size_t lowest_runnable() const;
  [[nodiscard]] std::uint32_t limit_of(std::size_t current) const;
  void run_fragment(std::size_t current);
  [[nodiscard]] std::uint32_t guarded(const Instruction& instruction, std::uint32_t mask) const;
  /// False where the fragments have to be looked at anew: one split, ended or waits.
  bool step(Fragment& fragment, const Instruction& instruction, std::uint32_t active);
  bool branch(Fragment& fragment, std::uint32_t target, std::uint32_t active);
  void indexed_branch(Fragment& fragment, const Instruction& instruction, std::uint32_t active);
  void exit(Fragment& fragment, std::uint32_t active);
  void leave_to_next(Fragment& fragment, std::uint32_t lanes);
  bool warp_sync(Fragment& fragment, const Instruction& instruction);
  [[nodiscard]] bool all_arrived(std::uint32_t members, std::uint32_t group) const;
  void merge();
  [[noreturn]] void report_stuck();

  Block& block_;
  const Program* program_ = nullptr;
  const Instruction* code_ = nullptr;
  std::uint32_t number_ = 0;
  std::uint32_t lanes_ = 0;
  std::uint32_t exited_ = 0;
  std::uint32_t pc_ = 0;
  std::uint64_t instructions_ = 0;

  std::array<const std::byte*, 2> base_{};       // registers, constants
  std::array<const std::uint32_t*, 2> valid_{};  // of both
  std::byte* registers_ = nullptr;
  LazyArray<std::byte> register_store_;
  std::size_t register_capacity_ = 0;
  std::vector<std::uint32_t> valid_store_;
  std::vector<std::uint32_t> predicates_;
  std::vector<std::uint32_t> predicates_valid_;
  std::vector<Fragment> fragments_;
  std::vector<Fragment> split_;  // off the fragment that runs
  WarpOrder order_;
  std::vector<Region*> last_regions_;
  LazyArray<std::byte> local_;
  LazyArray<std::uint8_t> local_written_;
  std::size_t local_bytes_ = 0;
  std::size_t local_capacity_ = 0;
};

}  // namespace gpu_emulator
