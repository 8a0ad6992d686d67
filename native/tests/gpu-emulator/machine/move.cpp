// mov: copies, packing and unpacking, addresses of variables; and what does nothing here.
#include <algorithm>
#include <cstdint>

#include "machine/assembler.h"
#include "machine/lanes.h"

namespace gpu_emulator {
namespace {

template <class S>
void run_copy(Warp& warp, const Instruction& in, std::uint32_t mask) {
  alignas(64) S r[32];
  std::copy_n(warp.in<S>(in.a), 32, r);
  commit(warp, in.dst, r, mask, warp.valid(in.a));
}

void run_copy_predicate(Warp& warp, const Instruction& in, std::uint32_t mask) {
  warp.define_predicate(in.predicate_out, mask, warp.predicate(in.predicate),
                        warp.predicate_valid(in.predicate));
}

/// Elements of Part side by side in a Whole, the first lowest.
template <class Whole, class Part>
void run_pack(Warp& warp, const Instruction& in, std::uint32_t mask) {
  alignas(64) Whole r[32] = {};
  std::uint32_t valid = kAllLanes;
  for (std::uint32_t i = 0; i < in.vector; ++i) {
    const auto* part = warp.in<StoredType<Part>>(in.elements[i]);
    for (int lane = 0; lane < 32; ++lane) {
      r[lane] |= static_cast<Whole>(Stored<Part>::get(part[lane])) << (8 * sizeof(Part) * i);
    }
    valid &= warp.valid(in.elements[i]);
  }
  commit(warp, in.dst, r, mask, valid);
}

template <class Whole, class Part>
void run_unpack(Warp& warp, const Instruction& in, std::uint32_t mask) {
  alignas(64) Whole whole[32];
  std::copy_n(warp.in<Whole>(in.a), 32, whole);
  const std::uint32_t valid = warp.valid(in.a);
  for (std::uint32_t i = 0; i < in.vector; ++i) {
    if (in.elements[i] == kNoRef) continue;
    alignas(64) StoredType<Part> r[32];
    for (int lane = 0; lane < 32; ++lane) {
      r[lane] = Stored<Part>::put(static_cast<Part>(whole[lane] >> (8 * sizeof(Part) * i)));
    }
    commit(warp, in.elements[i], r, mask, valid);
  }
}

Handler pack_handler(const Assembler& as, Type whole, std::size_t parts, bool unpack) {
  const std::size_t part_bits = static_cast<std::size_t>(whole.bits) / parts;
  if (whole.bits == 64 && part_bits == 32) {
    return unpack ? &run_unpack<std::uint64_t, std::uint32_t>
                  : &run_pack<std::uint64_t, std::uint32_t>;
  }
  if (whole.bits == 64 && part_bits == 16) {
    return unpack ? &run_unpack<std::uint64_t, std::uint16_t>
                  : &run_pack<std::uint64_t, std::uint16_t>;
  }
  if (whole.bits == 32 && part_bits == 16) {
    return unpack ? &run_unpack<std::uint32_t, std::uint16_t>
                  : &run_pack<std::uint32_t, std::uint16_t>;
  }
  as.fail("packing of these widths is not emulated");
}

void select_pack(Assembler& as, Type type, bool unpack) {
  const Operand& vector = as.operand(unpack ? 0 : 1);
  const Operand& whole = as.operand(unpack ? 1 : 0);
  const std::size_t parts = vector.items.size();
  if (parts != 2 && parts != 4) as.fail("packing of so many parts is not emulated");
  const Type part{TypeKind::kBits, type.bits / static_cast<int>(parts)};
  std::array<Ref, 4> elements{kNoRef, kNoRef, kNoRef, kNoRef};
  for (std::size_t i = 0; i < parts; ++i) {
    if (vector.items[i].kind == Operand::Kind::kSink) continue;
    elements[i] = unpack ? as.destination(vector.items[i], part) : as.source(vector.items[i], part);
  }
  const Ref place = unpack ? as.source(whole, type) : as.destination(whole, type);
  Instruction& in = as.emit(pack_handler(as, type, parts, unpack));
  in.vector = static_cast<std::uint8_t>(parts);
  in.elements = elements;
  in.a = unpack ? place : kNoRef;
  in.dst = unpack ? kNoRef : place;
}

void select_mov(Assembler& as, Modifiers& modifiers) {
  const Type type = modifiers.take_type();
  modifiers.finish();
  as.expect_operands(2);
  const Operand& from = as.operand(1);
  if (type.is_predicate()) {
    const PredicateRef source = as.predicate(from);
    const PredicateRef dst = as.predicate_destination(as.operand(0));
    Instruction& in = as.emit(&run_copy_predicate);
    in.predicate = source;
    in.predicate_out = dst;
    return;
  }
  if (from.kind == Operand::Kind::kVector || as.operand(0).kind == Operand::Kind::kVector) {
    select_pack(as, type, as.operand(0).kind == Operand::Kind::kVector);
    return;
  }
  const Ref source = as.source_or_address(from, type);
  const Ref dst = as.destination(as.operand(0), type);
  Instruction& in = as.emit(type.bits == 64 ? &run_copy<std::uint64_t> : &run_copy<std::uint32_t>);
  in.dst = dst;
  in.a = source;
}

/// Fences order memory that is in order here anyway; which threads they order is the barriers'
/// business. Prefetches and pauses are hints.
void select_nothing(Assembler&, Modifiers&) {}

void run_trap(Warp&, const Instruction&, std::uint32_t mask) {
  throw Fault{FaultKind::kLaunchFailure, "the kernel stops itself", first_lane(mask)};
}

void select_trap(Assembler& as, Modifiers& modifiers) {
  modifiers.finish();
  as.emit(&run_trap);
}

}  // namespace

void add_move_selectors(SelectorTable& table) {
  table["mov"] = select_mov;
  table["trap"] = select_trap;
  for (const char* root : {"membar", "fence", "prefetch", "prefetchu", "nanosleep", "pmevent"}) {
    table[root] = select_nothing;
  }
}

}  // namespace gpu_emulator
