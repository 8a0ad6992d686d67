// What float handlers share: subnormals flushed, results saturated, roundings other than nearest.
#pragma once

#include <cfenv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "machine/assembler.h"
#include "machine/lanes.h"

namespace gpu_emulator {

/// .ftz: subnormals become zeros of their sign.
template <class T>
inline T flush(T x) {
  return std::fabs(x) < std::numeric_limits<T>::min() ? std::copysign(T{0}, x) : x;
}

/// .sat: into [0, 1], NaN to 0.
template <class T>
inline T saturate(T x) {
  return x > 0 ? (x < 1 ? x : T{1}) : T{0};
}

/// The hardware's only NaN of 32 bits; those of 64 bits keep theirs.
inline float canonical(float x) {
  return x != x ? __builtin_bit_cast(float, std::uint32_t{0x7fffffff}) : x;
}
inline double canonical(double x) { return x; }

template <class Op, bool Flush, bool Saturate>
struct FloatOp {
  template <class T, class... More>
  static T apply(T a, More... more) {
    T r = Flush ? flush(Op::apply(flush(a), flush(more)...)) : Op::apply(a, more...);
    r = canonical(r);
    return Saturate ? saturate(r) : r;
  }
};

/// Runs a handler under another rounding of the host's arithmetic.
template <Handler H, int Rounding>
void rounded(Warp& warp, const Instruction& in, std::uint32_t mask) {
  std::fesetround(Rounding);
  H(warp, in, mask);
  std::fesetround(FE_TONEAREST);
}

template <Handler H>
Handler with_rounding(int rounding) {
  switch (rounding) {
    case FE_TOWARDZERO:
      return &rounded<H, FE_TOWARDZERO>;
    case FE_DOWNWARD:
      return &rounded<H, FE_DOWNWARD>;
    case FE_UPWARD:
      return &rounded<H, FE_UPWARD>;
    default:
      return H;
  }
}

/// The rounding that the modifiers .rn, .rz, .rm, .rp name; to nearest without.
inline int take_rounding(Modifiers& modifiers) {
  if (modifiers.take("rz")) return FE_TOWARDZERO;
  if (modifiers.take("rm")) return FE_DOWNWARD;
  if (modifiers.take("rp")) return FE_UPWARD;
  modifiers.take("rn");
  return FE_TONEAREST;
}

/// Emits `handler` on `sources` operands of the same type.
void emit_float(Assembler& as, Type type, std::size_t sources, Handler handler);

void select_exact_reciprocal(Assembler& as, Modifiers& modifiers);
void select_exact_square_root(Assembler& as, Modifiers& modifiers);

}  // namespace gpu_emulator
