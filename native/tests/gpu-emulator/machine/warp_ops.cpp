// What lanes do together: shfl, vote, match, redux, activemask, bar.warp.sync, and the block's
// barriers. The warp calls these handlers only when every lane of the mask has arrived.
#include <array>
#include <bit>
#include <cstdint>
#include <string>

#include "machine/assembler.h"
#include "machine/lanes.h"

namespace gpu_emulator {
namespace {

constexpr Type kB32{TypeKind::kBits, 32};

enum class Shuffle { kIndex, kUp, kDown, kButterfly };

/// The lanes that each lane reads from, as the PTX manual's pseudocode has it; a bit for each lane
/// whose source is in range, the others read from themselves.
template <Shuffle Mode>
std::uint32_t shuffle_sources(const std::uint32_t* b, const std::uint32_t* c,
                              std::int32_t (&from)[32]) {
  alignas(64) std::uint32_t in_range[32];
  for (std::int32_t lane = 0; lane < 32; ++lane) {
    const auto by = static_cast<std::int32_t>(b[lane] & 0x1f);
    const auto clamp = static_cast<std::int32_t>(c[lane] & 0x1f);
    const auto segment = static_cast<std::int32_t>(c[lane] >> 8 & 0x1f);
    const std::int32_t limit = (lane & segment) | (clamp & ~segment);
    const std::int32_t source = Mode == Shuffle::kUp          ? lane - by
                                : Mode == Shuffle::kDown      ? lane + by
                                : Mode == Shuffle::kButterfly ? lane ^ by
                                                              : (lane & segment) | (by & ~segment);
    const bool holds = Mode == Shuffle::kUp ? source >= limit : source <= limit;
    in_range[lane] = holds ? 1 : 0;
    from[lane] = holds ? source : lane;
  }
  return lanes_where([&](std::uint32_t lane) { return in_range[lane] != 0; });
}

/// The bits of `mask` at the lanes that are read from.
std::uint32_t gathered(std::uint32_t mask, const std::int32_t (&from)[32]) {
  if (mask == kAllLanes) return mask;
  return lanes_where([&](std::uint32_t lane) { return (mask >> from[lane] & 1) != 0; });
}

template <Shuffle Mode>
void run_shuffle(Warp& warp, const Instruction& in, std::uint32_t mask) {
  Warp::require_defined(mask, warp.valid(in.b) & warp.valid(in.c), "the lane to read from");
  alignas(64) std::int32_t from[32];
  const std::uint32_t in_range =
      shuffle_sources<Mode>(warp.in<std::uint32_t>(in.b), warp.in<std::uint32_t>(in.c), from);
  const std::uint32_t absent = mask & ~gathered(mask, from);
  if (absent != 0) {
    const int lane = first_lane(absent);
    throw Fault{FaultKind::kLaunchFailure,
                "reads from lane " + std::to_string(from[lane]) + ", which takes no part", lane};
  }
  const auto* a = warp.in<std::uint32_t>(in.a);
  alignas(64) std::uint32_t r[32];
  for (int lane = 0; lane < 32; ++lane) r[lane] = a[from[lane]];
  commit(warp, in.dst, r, mask, gathered(warp.valid(in.a), from));
  if (in.predicate_out != kNoRef) {
    warp.define_predicate(in.predicate_out, mask, in_range, kAllLanes);
  }
}

Handler shuffle_handler(Shuffle mode) {
  switch (mode) {
    case Shuffle::kUp:
      return &run_shuffle<Shuffle::kUp>;
    case Shuffle::kDown:
      return &run_shuffle<Shuffle::kDown>;
    case Shuffle::kButterfly:
      return &run_shuffle<Shuffle::kButterfly>;
    default:
      return &run_shuffle<Shuffle::kIndex>;
  }
}

Shuffle take_shuffle(Modifiers& modifiers) {
  if (modifiers.take("idx")) return Shuffle::kIndex;
  if (modifiers.take("up")) return Shuffle::kUp;
  if (modifiers.take("down")) return Shuffle::kDown;
  if (modifiers.take("bfly")) return Shuffle::kButterfly;
  modifiers.unknown();
}

void take_sync(Modifiers& modifiers) {
  if (!modifiers.take("sync")) modifiers.unknown();
}

void select_shuffle(Assembler& as, Modifiers& modifiers) {
  take_sync(modifiers);
  const Shuffle mode = take_shuffle(modifiers);
  modifiers.take_type();
  modifiers.finish();
  as.expect_operands(5);
  const bool is_pair = as.operand(0).kind == Operand::Kind::kPair;
  const Ref dst = as.destination(is_pair ? as.operand(0).items[0] : as.operand(0), kB32);
  const PredicateRef in_range = is_pair ? as.predicate_destination(as.operand(0).items[1]) : kNoRef;
  const Ref a = as.source(as.operand(1), kB32);
  const Ref b = as.source(as.operand(2), kB32);
  const Ref c = as.source(as.operand(3), kB32);
  const Ref members = as.source(as.operand(4), kB32);
  Instruction& in = as.emit(shuffle_handler(mode), Control::kWarpSync);
  in.dst = dst;
  in.predicate_out = in_range;
  in.a = a;
  in.b = b;
  in.c = c;
  in.d = members;
}

enum class Vote : std::uint32_t { kAll, kAny, kUniform, kBallot };

void run_vote(Warp& warp, const Instruction& in, std::uint32_t mask) {
  Warp::require_defined(mask, warp.predicate_valid(in.predicate), "the predicate of a vote");
  const std::uint32_t ballot = warp.predicate(in.predicate) & mask;
  const auto vote = static_cast<Vote>(in.immediate);
  if (vote == Vote::kBallot) {
    alignas(64) std::uint32_t r[32];
    for (std::uint32_t& lane : r) lane = ballot;
    commit(warp, in.dst, r, mask, kAllLanes);
    return;
  }
  const bool result = vote == Vote::kAll   ? ballot == mask
                      : vote == Vote::kAny ? ballot != 0
                                           : ballot == mask || ballot == 0;
  warp.define_predicate(in.predicate_out, mask, result ? kAllLanes : 0, kAllLanes);
}

void select_vote(Assembler& as, Modifiers& modifiers) {
  take_sync(modifiers);
  const Vote vote = modifiers.take("all")      ? Vote::kAll
                    : modifiers.take("any")    ? Vote::kAny
                    : modifiers.take("uni")    ? Vote::kUniform
                    : modifiers.take("ballot") ? Vote::kBallot
                                               : (modifiers.unknown(), Vote::kAll);
  modifiers.take_type();
  modifiers.finish();
  as.expect_operands(3);
  const bool is_ballot = vote == Vote::kBallot;
  const Ref dst = is_ballot ? as.destination(as.operand(0), kB32) : kNoRef;
  const PredicateRef out = is_ballot ? kNoRef : as.predicate_destination(as.operand(0));
  const PredicateRef predicate = as.predicate(as.operand(1));
  const Ref members = as.source(as.operand(2), kB32);
  Instruction& in = as.emit(&run_vote, Control::kWarpSync);
  in.immediate = static_cast<std::uint32_t>(vote);
  in.dst = dst;
  in.predicate_out = out;
  in.predicate = predicate;
  in.d = members;
}

/// Lanes with equal values: each lane's group (any), or all or nothing (all).
template <class S>
void run_match(Warp& warp, const Instruction& in, std::uint32_t mask) {
  Warp::require_defined(mask, warp.valid(in.a), "the value to match");
  const S* a = warp.in<S>(in.a);
  const bool all = in.immediate != 0;
  std::uint32_t matched = 0;
  alignas(64) std::uint32_t r[32] = {};
  for (std::uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const int lane = first_lane(rest);
    const std::uint32_t same =
        mask & lanes_where([&](std::uint32_t other) { return a[other] == a[lane]; });
    const bool holds = !all || same == mask;
    r[lane] = holds ? same : 0;
    matched |= static_cast<std::uint32_t>(holds) << lane;
  }
  commit(warp, in.dst, r, mask, kAllLanes);
  if (in.predicate_out != kNoRef) {
    warp.define_predicate(in.predicate_out, mask, matched, kAllLanes);
  }
}

void select_match(Assembler& as, Modifiers& modifiers) {
  take_sync(modifiers);
  const bool all = modifiers.take("all");
  if (!all && !modifiers.take("any")) modifiers.unknown();
  const Type type = modifiers.take_type();
  modifiers.finish();
  as.expect_operands(3);
  const bool is_pair = as.operand(0).kind == Operand::Kind::kPair;
  const Ref dst = as.destination(is_pair ? as.operand(0).items[0] : as.operand(0), kB32);
  const PredicateRef out = is_pair ? as.predicate_destination(as.operand(0).items[1]) : kNoRef;
  const Ref a = as.source(as.operand(1), type);
  const Ref members = as.source(as.operand(2), kB32);
  Instruction& in = as.emit(type.bits == 64 ? &run_match<std::uint64_t> : &run_match<std::uint32_t>,
                            Control::kWarpSync);
  in.immediate = all ? 1 : 0;
  in.dst = dst;
  in.predicate_out = out;
  in.a = a;
  in.d = members;
}

enum class Reduction : std::uint32_t { kAdd, kMin, kMax, kAnd, kOr, kXor };

template <class T>
T reduced(Reduction how, T a, T b) {
  switch (how) {
    case Reduction::kAdd:
      return static_cast<T>(a + b);
    case Reduction::kMin:
      return a < b ? a : b;
    case Reduction::kMax:
      return a < b ? b : a;
    case Reduction::kAnd:
      return a & b;
    case Reduction::kOr:
      return a | b;
    default:
      return a ^ b;
  }
}

template <class T>
void run_redux(Warp& warp, const Instruction& in, std::uint32_t mask) {
  Warp::require_defined(mask, warp.valid(in.a), "the value to reduce");
  const T* a = warp.in<T>(in.a);
  T result = a[first_lane(mask)];
  for (std::uint32_t rest = mask & (mask - 1); rest != 0; rest &= rest - 1) {
    result = reduced(static_cast<Reduction>(in.immediate), result, a[first_lane(rest)]);
  }
  alignas(64) T r[32];
  for (T& lane : r) lane = result;
  commit(warp, in.dst, r, mask, kAllLanes);
}

void select_redux(Assembler& as, Modifiers& modifiers) {
  take_sync(modifiers);
  constexpr std::array<const char*, 6> kNames = {"add", "min", "max", "and", "or", "xor"};
  std::uint32_t how = 0;
  while (how < kNames.size() && !modifiers.take(kNames[how])) ++how;
  if (how == kNames.size()) modifiers.unknown();
  const Type type = modifiers.take_type();
  modifiers.finish();
  if (type.is_float() || type.bits != 32) modifiers.unknown();
  as.expect_operands(3);
  const Ref dst = as.destination(as.operand(0), type);
  const Ref a = as.source(as.operand(1), type);
  const Ref members = as.source(as.operand(2), kB32);
  Instruction& in = as.emit(type.is_signed() ? &run_redux<std::int32_t> : &run_redux<std::uint32_t>,
                            Control::kWarpSync);
  in.immediate = how;
  in.dst = dst;
  in.a = a;
  in.d = members;
}

void run_active_mask(Warp& warp, const Instruction& in, std::uint32_t mask) {
  alignas(64) std::uint32_t r[32];
  for (std::uint32_t& lane : r) lane = mask;
  commit(warp, in.dst, r, mask, kAllLanes);
}

void select_active_mask(Assembler& as, Modifiers& modifiers) {
  modifiers.take_type();
  modifiers.finish();
  as.expect_operands(1);
  const Ref dst = as.destination(as.operand(0), kB32);
  as.emit(&run_active_mask).dst = dst;
}

void run_warp_barrier(Warp& warp, const Instruction&, std::uint32_t mask) {
  warp.order().synchronise(mask, mask == warp.lanes());
}

/// Barrier number 0 of the whole block, the one that __syncthreads means.
void expect_whole_block(const Assembler& as, std::size_t operands) {
  if (as.operand_count() != operands) as.fail("a barrier with a number of threads is not emulated");
  const Operand& number = as.operand(operands == 1 ? 0 : 1);
  if (number.kind != Operand::Kind::kInteger || number.bits != 0) {
    as.fail("a barrier other than number 0 is not emulated");
  }
}

void select_reducing_barrier(Assembler& as, Modifiers& modifiers) {
  const BarrierKind kind = modifiers.take("popc")  ? BarrierKind::kCount
                           : modifiers.take("and") ? BarrierKind::kAnd
                           : modifiers.take("or")  ? BarrierKind::kOr
                                                   : (modifiers.unknown(), BarrierKind::kOr);
  modifiers.take("aligned");
  modifiers.take_type();
  modifiers.finish();
  expect_whole_block(as, 3);
  const PredicateRef predicate = as.predicate(as.operand(2));
  const bool is_count = kind == BarrierKind::kCount;
  const Ref dst = is_count ? as.destination(as.operand(0), kB32) : kNoRef;
  const PredicateRef out = is_count ? kNoRef : as.predicate_destination(as.operand(0));
  Instruction& in = as.emit(nullptr, Control::kBarrier);
  in.barrier = kind;
  in.predicate = predicate;
  in.dst = dst;
  in.predicate_out = out;
}

void select_barrier(Assembler& as, Modifiers& modifiers) {
  modifiers.take("cta");
  if (modifiers.take("warp")) {
    take_sync(modifiers);
    modifiers.finish();
    as.expect_operands(1);
    const Ref members = as.source(as.operand(0), kB32);
    as.emit(&run_warp_barrier, Control::kWarpSync).d = members;
  } else if (modifiers.take("red")) {
    select_reducing_barrier(as, modifiers);
  } else {
    take_sync(modifiers);
    modifiers.take("aligned");
    modifiers.finish();
    expect_whole_block(as, 1);
    as.emit(nullptr, Control::kBarrier);
  }
}

}  // namespace

void add_warp_selectors(SelectorTable& table) {
  table["shfl"] = select_shuffle;
  table["vote"] = select_vote;
  table["match"] = select_match;
  table["redux"] = select_redux;
  table["activemask"] = select_active_mask;
  table["bar"] = select_barrier;
  table["barrier"] = select_barrier;
}

}  // namespace gpu_emulator
