// Bits: and, or, xor, not, cnot, shifts, lop3, prmt, bfe, bfi, brev, clz, popc, bfind, shf.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <type_traits>

#include "machine/assembler.h"
#include "machine/integer.h"
#include "machine/lanes.h"

namespace gpu_emulator {
namespace {

struct And {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a & b);
  }
};
struct Or {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a | b);
  }
};
struct Xor {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a ^ b);
  }
};
struct Not {
  template <class T>
  static T apply(T a) {
    return static_cast<T>(~a);
  }
};
struct LogicalNot {
  template <class T>
  static T apply(T a) {
    return a == 0 ? T{1} : T{0};
  }
};
/// Amounts beyond the width are clamped to it.
struct ShiftLeft {
  template <class T>
  static T apply(T a, std::uint32_t by) {
    return by >= 8 * sizeof(T) ? T{0} : static_cast<T>(a << by);
  }
};
struct ShiftRight {
  template <class T>
  static T apply(T a, std::uint32_t by) {
    constexpr std::uint32_t kBits = 8 * sizeof(T);
    if constexpr (std::is_signed_v<T>) return static_cast<T>(a >> std::min(by, kBits - 1));
    return by >= kBits ? T{0} : static_cast<T>(a >> by);
  }
};
struct PopulationCount {
  template <class T>
  static std::uint32_t apply(T a) {
    return static_cast<std::uint32_t>(std::popcount(a));
  }
};
struct CountLeadingZeros {
  template <class T>
  static std::uint32_t apply(T a) {
    return static_cast<std::uint32_t>(std::countl_zero(a));
  }
};
struct Reverse {
  template <class T>
  static T apply(T a) {
    T result = 0;
    for (std::size_t i = 0; i < 8 * sizeof(T); ++i) {
      result = static_cast<T>(result << 1 | (a >> i & 1));
    }
    return result;
  }
};
/// The position of the highest bit that differs from the sign, all ones where none does.
template <bool ShiftAmount>
struct FindHighest {
  template <class T>
  static std::uint32_t apply(T a) {
    using Bits = std::make_unsigned_t<T>;
    const Bits bits = static_cast<Bits>(a < 0 ? ~a : a);
    if (bits == 0) return ~0U;
    const auto zeros = static_cast<std::uint32_t>(std::countl_zero(bits));
    return ShiftAmount ? zeros : static_cast<std::uint32_t>(8 * sizeof(T)) - 1 - zeros;
  }
};
struct ExtractField {
  template <class T>
  static T apply(T a, std::uint32_t b, std::uint32_t c) {
    constexpr std::uint32_t kBits = 8 * sizeof(T);
    const std::uint32_t at = b & 0xff;
    const std::uint32_t length = c & 0xff;
    const std::uint32_t top = std::min(at + length - 1, kBits - 1);
    const bool sign = std::is_signed_v<T> && length > 0 && (a >> top & 1) != 0;
    using Bits = std::make_unsigned_t<T>;
    Bits result = sign ? static_cast<Bits>(~Bits{0}) : Bits{0};
    for (std::uint32_t i = 0; i < length && i < kBits && at + i < kBits; ++i) {
      const Bits bit = Bits{1} << i;
      result = (a >> (at + i) & 1) != 0 ? static_cast<Bits>(result | bit)
                                        : static_cast<Bits>(result & ~bit);
    }
    return static_cast<T>(result);
  }
};
template <bool Left, bool Clamp>
struct Funnel {
  static std::uint32_t apply(std::uint32_t low, std::uint32_t high, std::uint32_t c) {
    const std::uint32_t by = Clamp ? std::min(c, 32U) : c & 31;
    const std::uint64_t both = static_cast<std::uint64_t>(high) << 32 | low;
    return static_cast<std::uint32_t>(Left ? (both << by) >> 32 : both >> by);
  }
};

template <class Op>
struct Of {
  template <class T>
  using One = Unary<Op, T, T>;
  template <class T>
  using Two = Binary<Op, T, T, T>;
  template <class T>
  using Count = Unary<Op, std::uint32_t, T>;
  template <class T>
  using Shift = Binary<Op, T, T, std::uint32_t>;
  template <class T>
  using Field = Ternary<Op, T, T, std::uint32_t, std::uint32_t>;
};

constexpr Type kU32{TypeKind::kUnsigned, 32};

template <class Op>
void run_predicates(Warp& warp, const Instruction& in, std::uint32_t mask) {
  const std::uint32_t value = Op::apply(warp.predicate(in.a), warp.predicate(in.b));
  warp.define_predicate(in.predicate_out, mask, value,
                        warp.predicate_valid(in.a) & warp.predicate_valid(in.b));
}

template <class Op>
void select_logic(Assembler& as, Modifiers& modifiers) {
  const Type type = modifiers.take_type();
  modifiers.finish();
  if (!type.is_predicate()) {
    as.emit_pure(by_width<Of<Op>::template Two>(as, type), type, {type, type});
    return;
  }
  as.expect_operands(3);
  const PredicateRef a = as.predicate(as.operand(1));
  const PredicateRef b = as.predicate(as.operand(2));
  const PredicateRef dst = as.predicate_destination(as.operand(0));
  Instruction& in = as.emit(&run_predicates<Op>);
  in.a = a;
  in.b = b;
  in.predicate_out = dst;
}

void run_predicate_not(Warp& warp, const Instruction& in, std::uint32_t mask) {
  warp.define_predicate(in.predicate_out, mask, ~warp.predicate(in.a), warp.predicate_valid(in.a));
}

void select_not(Assembler& as, Modifiers& modifiers) {
  const Type type = modifiers.take_type();
  modifiers.finish();
  if (!type.is_predicate()) {
    as.emit_pure(by_width<Of<Not>::One>(as, type), type, {type});
    return;
  }
  const PredicateRef a = as.predicate(as.operand(1));
  const PredicateRef dst = as.predicate_destination(as.operand(0));
  Instruction& in = as.emit(&run_predicate_not);
  in.a = a;
  in.predicate_out = dst;
}

void select_cnot(Assembler& as, Modifiers& modifiers) {
  const Type type = modifiers.take_type();
  modifiers.finish();
  as.emit_pure(by_width<Of<LogicalNot>::One>(as, type), type, {type});
}

template <class Op>
void select_shift(Assembler& as, Modifiers& modifiers) {
  const Type type = modifiers.take_type();
  modifiers.finish();
  as.emit_pure(by_integer<Of<Op>::template Shift>(as, type), type, {type, kU32});
}

template <class Op>
void select_count(Assembler& as, Modifiers& modifiers) {
  const Type type = modifiers.take_type();
  modifiers.finish();
  as.emit_pure(by_width<Of<Op>::template Count>(as, type), kU32, {type});
}

void select_reverse(Assembler& as, Modifiers& modifiers) {
  const Type type = modifiers.take_type();
  modifiers.finish();
  as.emit_pure(by_width<Of<Reverse>::One>(as, type), type, {type});
}

void select_find(Assembler& as, Modifiers& modifiers) {
  const bool shift = modifiers.take("shiftamt");
  const Type type = modifiers.take_type();
  modifiers.finish();
  as.emit_pure(shift ? by_integer<Of<FindHighest<true>>::Count>(as, type)
                     : by_integer<Of<FindHighest<false>>::Count>(as, type),
               kU32, {type});
}

void select_extract(Assembler& as, Modifiers& modifiers) {
  const Type type = modifiers.take_type();
  modifiers.finish();
  as.emit_pure(by_integer<Of<ExtractField>::Field>(as, type), type, {type, kU32, kU32});
}

/// bfi d, field a, into b, at c, length d.
template <class T>
struct Insert {
  static void run(Warp& warp, const Instruction& in, std::uint32_t mask) {
    const auto* field = warp.in<T>(in.a);
    const auto* into = warp.in<T>(in.b);
    const auto* at = warp.in<std::uint32_t>(in.c);
    const auto* length = warp.in<std::uint32_t>(in.d);
    constexpr std::uint32_t kBits = 8 * sizeof(T);
    alignas(64) T r[32];
    for (int lane = 0; lane < 32; ++lane) {
      const std::uint32_t by = at[lane] & 0xff;
      const std::uint32_t count = length[lane] & 0xff;
      const T low = count >= kBits ? static_cast<T>(~T{0}) : static_cast<T>((T{1} << count) - 1);
      const T where = by >= kBits ? T{0} : static_cast<T>(low << by);
      const T bits = by >= kBits ? T{0} : static_cast<T>(field[lane] << by);
      r[lane] = static_cast<T>((into[lane] & ~where) | (bits & where));
    }
    commit(warp, in.dst, r, mask,
           warp.valid(in.a) & warp.valid(in.b) & warp.valid(in.c) & warp.valid(in.d));
  }
};

void select_insert(Assembler& as, Modifiers& modifiers) {
  const Type type = modifiers.take_type();
  modifiers.finish();
  as.emit_pure(type.bits == 64 ? &Insert<std::uint64_t>::run : &Insert<std::uint32_t>::run, type,
               {type, type, kU32, kU32});
}

void select_funnel(Assembler& as, Modifiers& modifiers) {
  const bool left = modifiers.take("l");
  if (!left && !modifiers.take("r")) modifiers.unknown();
  const bool clamp = modifiers.take("clamp");
  if (!clamp && !modifiers.take("wrap")) modifiers.unknown();
  modifiers.take_type();
  modifiers.finish();
  using U32 = std::uint32_t;
  as.emit_pure(left    ? clamp ? &Ternary<Funnel<true, true>, U32, U32, U32, U32>::run
                               : &Ternary<Funnel<true, false>, U32, U32, U32, U32>::run
               : clamp ? &Ternary<Funnel<false, true>, U32, U32, U32, U32>::run
                       : &Ternary<Funnel<false, false>, U32, U32, U32, U32>::run,
               kU32, {kU32, kU32, kU32});
}

void run_lop3(Warp& warp, const Instruction& in, std::uint32_t mask) {
  const auto* a = warp.in<std::uint32_t>(in.a);
  const auto* b = warp.in<std::uint32_t>(in.b);
  const auto* c = warp.in<std::uint32_t>(in.c);
  alignas(64) std::uint32_t r[32] = {};
  for (std::uint32_t row = 0; row < 8; ++row) {
    if ((in.immediate >> row & 1) == 0) continue;
    const std::uint32_t flip_a = (row & 4) != 0 ? 0 : ~0U;
    const std::uint32_t flip_b = (row & 2) != 0 ? 0 : ~0U;
    const std::uint32_t flip_c = (row & 1) != 0 ? 0 : ~0U;
    for (int lane = 0; lane < 32; ++lane) {
      r[lane] |= (a[lane] ^ flip_a) & (b[lane] ^ flip_b) & (c[lane] ^ flip_c);
    }
  }
  commit(warp, in.dst, r, mask, warp.valid(in.a) & warp.valid(in.b) & warp.valid(in.c));
}

std::uint32_t immediate_of(const Assembler& as, std::size_t operand) {
  if (as.operand(operand).kind != Operand::Kind::kInteger) as.fail("a constant is expected");
  return static_cast<std::uint32_t>(as.operand(operand).bits);
}

void select_lop3(Assembler& as, Modifiers& modifiers) {
  modifiers.take_type();
  modifiers.finish();
  as.expect_operands(5);
  Instruction& in = as.emit_reading(&run_lop3, {kU32, kU32, kU32});
  in.dst = as.destination(as.operand(0), kU32);
  in.immediate = immediate_of(as, 4);
}

/// Each nibble of the selector names one of eight bytes; its top bit repeats that byte's sign.
struct Permute {
  static std::uint32_t apply(std::uint32_t a, std::uint32_t b, std::uint32_t selector) {
    const std::uint64_t bytes = static_cast<std::uint64_t>(b) << 32 | a;
    std::uint32_t result = 0;
    for (std::uint32_t i = 0; i < 4; ++i) {
      const std::uint32_t nibble = selector >> (4 * i) & 0xf;
      auto byte = static_cast<std::uint32_t>(bytes >> (8 * (nibble & 7)) & 0xff);
      if ((nibble & 8) != 0) byte = (byte & 0x80) != 0 ? 0xff : 0;
      result |= byte << (8 * i);
    }
    return result;
  }
};

void select_permute(Assembler& as, Modifiers& modifiers) {
  modifiers.take_type();
  modifiers.finish();
  using U32 = std::uint32_t;
  as.emit_pure(&Ternary<Permute, U32, U32, U32, U32>::run, kU32, {kU32, kU32, kU32});
}

}  // namespace

void add_bit_selectors(SelectorTable& table) {
  table["and"] = select_logic<And>;
  table["or"] = select_logic<Or>;
  table["xor"] = select_logic<Xor>;
  table["not"] = select_not;
  table["cnot"] = select_cnot;
  table["shl"] = select_shift<ShiftLeft>;
  table["shr"] = select_shift<ShiftRight>;
  table["popc"] = select_count<PopulationCount>;
  table["clz"] = select_count<CountLeadingZeros>;
  table["brev"] = select_reverse;
  table["bfind"] = select_find;
  table["bfe"] = select_extract;
  table["bfi"] = select_insert;
  table["shf"] = select_funnel;
  table["lop3"] = select_lop3;
  table["prmt"] = select_permute;
}

}  // namespace gpu_emulator
