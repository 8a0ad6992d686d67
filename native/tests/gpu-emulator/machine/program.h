// A kernel ready to run: one flat list of instructions, calls expanded, names turned into places.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "machine/memory.h"
#include "ptx/syntax.h"

namespace gpu_emulator {

class Warp;
struct Instruction;

/// Executes one instruction for the lanes of `mask`, at least one.
using Handler = void (*)(Warp& warp, const Instruction& instruction, std::uint32_t mask);

/// A place in a warp's register file, or (kConstant) among the program's constants. A slot holds
/// 32 lanes of 4 bytes; registers of 64 bits take two.
using Ref = std::uint32_t;
inline constexpr Ref kConstant = 1U << 31;
inline constexpr Ref kNoRef = ~0U;
inline constexpr std::size_t kSlotBytes = 128;

/// A predicate register, or (kNegated) its opposite. The first two are constants.
using PredicateRef = std::uint32_t;
inline constexpr PredicateRef kNegated = 1U << 31;
inline constexpr PredicateRef kFalse = 0;
inline constexpr PredicateRef kTrue = 1;

enum class Control : std::uint8_t {
  kPlain,
  kBranch,
  kIndexedBranch,
  kExit,
  kWarpSync,  ///< waits for the lanes of its mask: shuffles, votes, bar.warp.sync
  kBarrier,
};

enum class BarrierKind : std::uint8_t { kSync, kCount, kAnd, kOr };

struct Instruction {
  Handler run = nullptr;
  Control control = Control::kPlain;
  BarrierKind barrier = BarrierKind::kSync;
  bool wide_address = true;  ///< the address register has 64 bits
  std::uint8_t vector = 1;   ///< elements of a vector access
  PredicateRef guard = kTrue;
  Ref dst = kNoRef;
  Ref a = kNoRef;
  Ref b = kNoRef;
  Ref c = kNoRef;
  Ref d = kNoRef;
  PredicateRef predicate = kNoRef;  ///< a source
  PredicateRef predicate_out = kNoRef;
  PredicateRef second_out = kNoRef;  ///< of setp p|q
  std::uint32_t target = 0;          ///< of a branch; of an indexed one, its list of targets
  std::uint32_t immediate = 0;       ///< a look-up table, a mode
  std::uint32_t line = 0;
  std::int64_t offset = 0;                                      ///< of an address
  std::array<Ref, 4> elements{kNoRef, kNoRef, kNoRef, kNoRef};  ///< of a vector access
};

struct SharedVariable {
  std::string name;
  std::uint64_t offset = 0;
  std::size_t bytes = 0;
};

enum class Special : std::uint8_t {
  kTidX,
  kTidY,
  kTidZ,
  kNtidX,
  kNtidY,
  kNtidZ,
  kCtaidX,
  kCtaidY,
  kCtaidZ,
  kNctaidX,
  kNctaidY,
  kNctaidZ,
  kLaneId,
  kWarpId,
  kNwarpId,
  kLaneMaskEq,
  kLaneMaskLt,
  kLaneMaskLe,
  kLaneMaskGt,
  kLaneMaskGe,
  kDynamicSharedSize,
};

/// Offsets in the shared window. Statically sized variables lie apart, so that overruns show.
inline constexpr std::uint64_t kStaticSharedOffset = 1024;
inline constexpr std::uint64_t kDynamicSharedOffset = 1 << 19;
inline constexpr std::uint64_t kLocalOffset = 256;

struct Program {
  std::string name;
  std::vector<Instruction> code;
  std::vector<std::string_view> text;  ///< of each instruction, for messages
  std::vector<std::vector<std::uint32_t>> branch_lists;
  std::vector<std::uint32_t> constants;  ///< slots
  std::vector<std::uint32_t> constants_valid;
  std::uint32_t slots = 0;
  std::uint32_t predicates = 2;
  std::vector<std::pair<Special, Ref>> specials;
  std::vector<Variable> parameters;
  std::vector<std::size_t> parameter_offsets;
  std::size_t parameter_bytes = 0;
  std::vector<SharedVariable> shared;
  std::size_t shared_bytes = 0;  ///< as a real device would count, without the gaps
  bool uses_dynamic_shared = false;
  std::size_t local_bytes = 0;
  std::uint32_t max_threads = 0;
  bool uses_part_words = false;  ///< some access is of one or two bytes
};

/// Where a module's .global and .const variables lie.
using ModuleVariables = std::unordered_map<std::string, Region*>;

[[nodiscard]] std::unique_ptr<Program> compile(const Module& module, const Function& entry,
                                               const ModuleVariables& variables);

}  // namespace gpu_emulator
