// The approximating instructions: rcp, sqrt, rsqrt, ex2, lg2, sin, cos, tanh. They are computed
// more precisely than the hardware does; their last bits are nobody's promise.
#include <cmath>
#include <cstdint>

#include "machine/floating.h"

namespace gpu_emulator {
namespace {

/// 2^x by its series, in double; loops over it vectorise, which std::exp2 does not.
struct ExponentialBase2 {
  static float apply(float a) {
    const double x = a > 130.0F ? 130.0 : a < -152.0F ? -152.0 : static_cast<double>(a);
    const double whole = std::nearbyint(x);
    const double t = (x - whole) * 0.69314718055994530942;
    double sum = 1.0 / 3628800;
    sum = sum * t + 1.0 / 362880;
    sum = sum * t + 1.0 / 40320;
    sum = sum * t + 1.0 / 5040;
    sum = sum * t + 1.0 / 720;
    sum = sum * t + 1.0 / 120;
    sum = sum * t + 1.0 / 24;
    sum = sum * t + 1.0 / 6;
    sum = sum * t + 0.5;
    sum = sum * t + 1.0;
    sum = sum * t + 1.0;
    const auto exponent = static_cast<std::int64_t>(whole == whole ? whole : 0.0) + 1023;
    const double scale = __builtin_bit_cast(double, exponent << 52);
    return a == a ? static_cast<float>(sum * scale) : a;
  }
};
struct LogarithmBase2 {
  static float apply(float a) { return static_cast<float>(std::log2(static_cast<double>(a))); }
};
struct Sine {
  static float apply(float a) { return static_cast<float>(std::sin(static_cast<double>(a))); }
};
struct Cosine {
  static float apply(float a) { return static_cast<float>(std::cos(static_cast<double>(a))); }
};
struct HyperbolicTangent {
  static float apply(float a) { return static_cast<float>(std::tanh(static_cast<double>(a))); }
};
struct InverseSquareRoot {
  static float apply(float a) { return static_cast<float>(1 / std::sqrt(static_cast<double>(a))); }
  static double apply(double a) { return 1 / std::sqrt(a); }
};
struct Reciprocal {
  static double apply(double a) { return 1 / a; }
};

/// rcp.approx.ftz.f64 and rsqrt.approx.ftz.f64 know only the upper words of argument and result.
template <class Op>
struct UpperWord {
  static double apply(double a) {
    constexpr std::uint64_t kUpper = ~0ULL << 32;
    const double upper = __builtin_bit_cast(double, __builtin_bit_cast(std::uint64_t, a) & kUpper);
    const double r = flush(Op::apply(flush(upper)));
    return __builtin_bit_cast(double, __builtin_bit_cast(std::uint64_t, r) & kUpper);
  }
};

constexpr Type kF32{TypeKind::kFloat, 32};
constexpr Type kF64{TypeKind::kFloat, 64};

template <class Op>
void select_approximation(Assembler& as, Modifiers& modifiers) {
  if (!modifiers.take("approx")) modifiers.unknown();
  const bool ftz = modifiers.take("ftz");
  if (modifiers.take_type() != kF32) modifiers.unknown();
  modifiers.finish();
  emit_float(as, kF32, 1,
             ftz ? &Unary<FloatOp<Op, true, false>, float, float>::run
                 : &Unary<FloatOp<Op, false, false>, float, float>::run);
}

void select_reciprocal(Assembler& as, Modifiers& modifiers) {
  const bool approx = modifiers.take("approx");
  if (approx && as.statement().opcode.ends_with(".f64")) {
    if (!modifiers.take("ftz")) modifiers.unknown();
    modifiers.take_type();
    modifiers.finish();
    emit_float(as, kF64, 1, &Unary<UpperWord<Reciprocal>, double, double>::run);
  } else {
    select_exact_reciprocal(as, modifiers);
  }
}

void select_square_root(Assembler& as, Modifiers& modifiers) {
  modifiers.take("approx");
  select_exact_square_root(as, modifiers);
}

void select_inverse_square_root(Assembler& as, Modifiers& modifiers) {
  if (!as.statement().opcode.ends_with(".f64")) {
    select_approximation<InverseSquareRoot>(as, modifiers);
    return;
  }
  if (!modifiers.take("approx")) modifiers.unknown();
  const bool ftz = modifiers.take("ftz");
  modifiers.take_type();
  modifiers.finish();
  emit_float(as, kF64, 1,
             ftz ? &Unary<UpperWord<InverseSquareRoot>, double, double>::run
                 : &Unary<InverseSquareRoot, double, double>::run);
}

}  // namespace

void add_approximation_selectors(SelectorTable& table) {
  table["rcp"] = select_reciprocal;
  table["sqrt"] = select_square_root;
  table["rsqrt"] = select_inverse_square_root;
  table["ex2"] = select_approximation<ExponentialBase2>;
  table["lg2"] = select_approximation<LogarithmBase2>;
  table["sin"] = select_approximation<Sine>;
  table["cos"] = select_approximation<Cosine>;
  table["tanh"] = select_approximation<HyperbolicTangent>;
}

}  // namespace gpu_emulator
