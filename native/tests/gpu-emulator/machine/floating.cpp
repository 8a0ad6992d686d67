// Float arithmetic: add, sub, mul, fma, mad, div, rcp, sqrt, min, max, abs, neg, copysign, testp.
#include "machine/floating.h"

#include <bit>
#include <vector>

#include "machine/integer.h"

namespace gpu_emulator {
namespace {

struct Add {
  template <class T>
  static T apply(T a, T b) {
    return a + b;
  }
};
struct Subtract {
  template <class T>
  static T apply(T a, T b) {
    return a - b;
  }
};
struct Multiply {
  template <class T>
  static T apply(T a, T b) {
    return a * b;
  }
};
struct Divide {
  template <class T>
  static T apply(T a, T b) {
    return a / b;
  }
};
struct FusedMultiplyAdd {
  template <class T>
  static T apply(T a, T b, T c) {
    return std::fma(a, b, c);
  }
};
struct Reciprocal {
  template <class T>
  static T apply(T a) {
    return T{1} / a;
  }
};
struct SquareRoot {
  template <class T>
  static T apply(T a) {
    return std::sqrt(a);
  }
};
/// A NaN loses against a number; −0 is less than +0.
template <bool Maximum>
struct Extreme {
  template <class T>
  static T apply(T a, T b) {
    const bool a_is_less = a < b || (a == b && std::signbit(a));
    const T r = a_is_less == Maximum ? b : a;
    return a != a ? b : b != b ? a : r;
  }
};
template <bool Maximum>
struct ExtremeOrNan {
  template <class T>
  static T apply(T a, T b) {
    const T r = Extreme<Maximum>::apply(a, b);
    return a != a ? a : b != b ? b : r;
  }
};

// Operations on the sign; they work on any NaN without changing it.
struct Absolute {
  template <class T>
  static T apply(T a) {
    return std::fabs(a);
  }
};
struct Negate {
  template <class T>
  static T apply(T a) {
    return -a;
  }
};
template <class Op>
struct Flushed {
  template <class T>
  static T apply(T a) {
    return Op::apply(flush(a));
  }
};
/// copysign d, sign, magnitude.
struct CopySign {
  template <class T>
  static T apply(T sign, T magnitude) {
    return std::copysign(magnitude, sign);
  }
};

template <class Op, std::size_t Sources, class T>
struct Plain;
template <class Op, class T>
struct Plain<Op, 1, T> : Unary<Op, T, T> {};
template <class Op, class T>
struct Plain<Op, 2, T> : Binary<Op, T, T, T> {};
template <class Op, class T>
struct Plain<Op, 3, T> : Ternary<Op, T, T, T, T> {};

template <class Op, std::size_t Sources, class T, bool Flush, bool Saturate>
Handler with_flags(int rounding) {
  return with_rounding<&Plain<FloatOp<Op, Flush, Saturate>, Sources, T>::run>(rounding);
}

/// Takes .ftz, .sat and the rounding.
template <class Op, std::size_t Sources>
void select_rounded(Assembler& as, Modifiers& modifiers) {
  const int rounding = take_rounding(modifiers);
  const bool ftz = modifiers.take("ftz");
  const bool sat = modifiers.take("sat");
  const Type type = modifiers.take_type();
  modifiers.finish();
  if (type.bits == 64 && (ftz || sat)) as.fail(".ftz and .sat are for .f32 only");
  Handler handler = with_flags<Op, Sources, double, false, false>(rounding);
  if (type.bits == 32) {
    handler = ftz   ? sat ? with_flags<Op, Sources, float, true, true>(rounding)
                          : with_flags<Op, Sources, float, true, false>(rounding)
                : sat ? with_flags<Op, Sources, float, false, true>(rounding)
                    : with_flags<Op, Sources, float, false, false>(rounding);
  }
  emit_float(as, type, Sources, handler);
}

template <bool Maximum>
void select_extreme(Assembler& as, Modifiers& modifiers) {
  const bool ftz = modifiers.take("ftz");
  const bool nan = modifiers.take("NaN");
  const Type type = modifiers.take_type();
  modifiers.finish();
  using Op = Extreme<Maximum>;
  using Nan = ExtremeOrNan<Maximum>;
  Handler handler = &Plain<FloatOp<Op, false, false>, 2, double>::run;
  if (type.bits == 64 && (nan || ftz)) as.fail(".NaN and .ftz are for .f32 only");
  if (type.bits == 32) {
    handler = ftz   ? nan ? &Plain<FloatOp<Nan, true, false>, 2, float>::run
                          : &Plain<FloatOp<Op, true, false>, 2, float>::run
              : nan ? &Plain<FloatOp<Nan, false, false>, 2, float>::run
                    : &Plain<FloatOp<Op, false, false>, 2, float>::run;
  }
  emit_float(as, type, 2, handler);
}

template <class Op>
void select_sign(Assembler& as, Modifiers& modifiers) {
  const bool ftz = modifiers.take("ftz");
  const Type type = modifiers.take_type();
  modifiers.finish();
  emit_float(as, type, 1,
             type.bits == 64 ? &Unary<Op, double, double>::run
             : ftz           ? &Unary<Flushed<Op>, float, float>::run
                             : &Unary<Op, float, float>::run);
}

void select_copysign(Assembler& as, Modifiers& modifiers) {
  const Type type = modifiers.take_type();
  modifiers.finish();
  emit_float(as, type, 2,
             type.bits == 64 ? &Binary<CopySign, double, double, double>::run
                             : &Binary<CopySign, float, float, float>::run);
}

template <class T, class Test>
void run_test(Warp& warp, const Instruction& in, std::uint32_t mask) {
  const T* a = warp.in<T>(in.a);
  warp.define_predicate(in.predicate_out, mask,
                        lanes_where([&](std::uint32_t lane) { return Test::holds(a[lane]); }),
                        warp.valid(in.a));
}

struct IsFinite {
  template <class T>
  static bool holds(T x) {
    return std::fabs(x) <= std::numeric_limits<T>::max();
  }
};
struct IsInfinite {
  template <class T>
  static bool holds(T x) {
    return std::fabs(x) > std::numeric_limits<T>::max();
  }
};
struct IsNumber {
  template <class T>
  static bool holds(T x) {
    return x == x;
  }
};
struct IsNan {
  template <class T>
  static bool holds(T x) {
    return x != x;
  }
};
struct IsNormal {
  template <class T>
  static bool holds(T x) {
    return IsFinite::holds(x) && std::fabs(x) >= std::numeric_limits<T>::min();
  }
};
struct IsSubnormal {
  template <class T>
  static bool holds(T x) {
    return x != 0 && std::fabs(x) < std::numeric_limits<T>::min();
  }
};

template <class T>
Handler test_handler(Modifiers& modifiers) {
  if (modifiers.take("finite")) return &run_test<T, IsFinite>;
  if (modifiers.take("infinite")) return &run_test<T, IsInfinite>;
  if (modifiers.take("number")) return &run_test<T, IsNumber>;
  if (modifiers.take("notanumber")) return &run_test<T, IsNan>;
  if (modifiers.take("normal")) return &run_test<T, IsNormal>;
  if (modifiers.take("subnormal")) return &run_test<T, IsSubnormal>;
  modifiers.unknown();
}

void select_testp(Assembler& as, Modifiers& modifiers) {
  const Type type = modifiers.take_type();
  const Handler handler =
      type.bits == 64 ? test_handler<double>(modifiers) : test_handler<float>(modifiers);
  modifiers.finish();
  as.expect_operands(2);
  as.emit_reading(handler, {type}).predicate_out = as.predicate_destination(as.operand(0));
}

/// div.approx and div.full differ from div.rn in the last bits only, which no two GPUs share.
void select_divide(Assembler& as, Modifiers& modifiers) {
  modifiers.take("approx");
  modifiers.take("full");
  select_rounded<Divide, 2>(as, modifiers);
}

}  // namespace

void emit_float(Assembler& as, Type type, std::size_t sources, Handler handler) {
  if (!type.is_float()) as.fail("this type is not emulated here");
  as.emit_pure(handler, type, std::vector<Type>(sources, type));
}

void select_float_arithmetic(Assembler& as, Modifiers& modifiers) {
  static const SelectorTable table = {
      {"add", select_rounded<Add, 2>},
      {"sub", select_rounded<Subtract, 2>},
      {"mul", select_rounded<Multiply, 2>},
      {"mad", select_rounded<FusedMultiplyAdd, 3>},
      {"div", select_divide},
      {"min", select_extreme<false>},
      {"max", select_extreme<true>},
      {"abs", select_sign<Absolute>},
      {"neg", select_sign<Negate>},
  };
  table.at(modifiers.root())(as, modifiers);
}

/// rcp and sqrt with a rounding; those that approximate are in approximation.cpp.
void select_exact_reciprocal(Assembler& as, Modifiers& modifiers) {
  select_rounded<Reciprocal, 1>(as, modifiers);
}
void select_exact_square_root(Assembler& as, Modifiers& modifiers) {
  select_rounded<SquareRoot, 1>(as, modifiers);
}

void add_float_selectors(SelectorTable& table) {
  table["fma"] = select_rounded<FusedMultiplyAdd, 3>;
  table["copysign"] = select_copysign;
  table["testp"] = select_testp;
}

}  // namespace gpu_emulator
