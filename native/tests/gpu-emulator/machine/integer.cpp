// Integer arithmetic: add, sub, mul, mad, div, rem, min, max, abs, neg, sad.
// Signed overflow wraps: these files are compiled with -fwrapv.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "machine/assembler.h"
#include "machine/integer.h"
#include "machine/lanes.h"

namespace gpu_emulator {
namespace {

struct Add {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a + b);
  }
};
struct Subtract {
  template <class T>
  static T apply(T a, T b) {
    return static_cast<T>(a - b);
  }
};
struct AddSaturated {
  template <class T>
  static T apply(T a, T b) {
    const std::int64_t sum = std::int64_t{a} + b;
    return static_cast<T>(std::clamp<std::int64_t>(sum, std::numeric_limits<T>::min(),
                                                   std::numeric_limits<T>::max()));
  }
};
struct SubtractSaturated {
  template <class T>
  static T apply(T a, T b) {
    const std::int64_t difference = std::int64_t{a} - b;
    return static_cast<T>(std::clamp<std::int64_t>(difference, std::numeric_limits<T>::min(),
                                                   std::numeric_limits<T>::max()));
  }
};
struct MultiplyLow {
  template <class T>
  static T apply(T a, T b) {
    using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
    return static_cast<T>(static_cast<Bits>(a) * static_cast<Bits>(b));
  }
};
struct MultiplyHigh {
  template <class T>
  static T apply(T a, T b) {
    return high_product(a, b);
  }
};
struct MultiplyWide {
  template <class T>
  static auto apply(T a, T b) {
    return static_cast<Wider<T>>(static_cast<Wider<T>>(a) * static_cast<Wider<T>>(b));
  }
};
template <class Product>
struct Mad {
  template <class T, class C>
  static C apply(T a, T b, C c) {
    return static_cast<C>(static_cast<C>(Product::apply(a, b)) + c);
  }
};
/// Division by zero has no specified value; the hardware gives all ones.
struct Divide {
  template <class T>
  static T apply(T a, T b) {
    if (b == 0) return static_cast<T>(-1);
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return static_cast<T>(-a);
    }
    return static_cast<T>(a / b);
  }
};
struct Remainder {
  template <class T>
  static T apply(T a, T b) {
    if (b == 0) return a;
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return 0;
    }
    return static_cast<T>(a % b);
  }
};
struct Minimum {
  template <class T>
  static T apply(T a, T b) {
    return a < b ? a : b;
  }
};
struct Maximum {
  template <class T>
  static T apply(T a, T b) {
    return a < b ? b : a;
  }
};
struct Absolute {
  template <class T>
  static T apply(T a) {
    return static_cast<T>(a < 0 ? -a : a);
  }
};
struct Negate {
  template <class T>
  static T apply(T a) {
    return static_cast<T>(-a);
  }
};
struct SumOfAbsoluteDifference {
  template <class T>
  static T apply(T a, T b, T c) {
    return static_cast<T>(c + (a < b ? b - a : a - b));
  }
};

template <class Op>
struct Of {
  template <class T>
  using One = Unary<Op, T, T>;
  template <class T>
  using Two = Binary<Op, T, T, T>;
  template <class T>
  using Three = Ternary<Op, T, T, T, T>;
  template <class T>
  using Wide = Binary<Op, Wider<T>, T, T>;
  template <class T>
  using WideThree = Ternary<Op, Wider<T>, T, T, Wider<T>>;
};

template <class Op>
void select_two(Assembler& as, Modifiers& modifiers) {
  const Type type = modifiers.take_type();
  modifiers.finish();
  as.emit_pure(by_integer<Of<Op>::template Two>(as, type), type, {type, type});
}

template <class Plain, class Saturated>
void select_add(Assembler& as, Modifiers& modifiers) {
  const bool saturated = modifiers.take("sat");
  const Type type = modifiers.take_type();
  modifiers.finish();
  if (saturated && type != Type{TypeKind::kSigned, 32}) as.fail(".sat is for .s32 only");
  as.emit_pure(saturated ? &Binary<Saturated, std::int32_t, std::int32_t, std::int32_t>::run
                         : by_integer<Of<Plain>::template Two>(as, type),
               type, {type, type});
}

template <class Op>
void select_one(Assembler& as, Modifiers& modifiers) {
  const Type type = modifiers.take_type();
  modifiers.finish();
  as.emit_pure(by_integer<Of<Op>::template One>(as, type), type, {type});
}

void select_multiply(Assembler& as, Modifiers& modifiers) {
  const bool wide = modifiers.take("wide");
  const bool high = modifiers.take("hi");
  if (!wide && !high && !modifiers.take("lo")) modifiers.unknown();
  const Type type = modifiers.take_type();
  modifiers.finish();
  as.emit_pure(wide   ? by_narrow_integer<Of<MultiplyWide>::Wide>(as, type)
               : high ? by_integer<Of<MultiplyHigh>::Two>(as, type)
                      : by_integer<Of<MultiplyLow>::Two>(as, type),
               wide ? Type{type.kind, type.bits * 2} : type, {type, type});
}

void select_mad(Assembler& as, Modifiers& modifiers) {
  const bool wide = modifiers.take("wide");
  const bool high = modifiers.take("hi");
  if (!wide && !high && !modifiers.take("lo")) modifiers.unknown();
  const Type type = modifiers.take_type();
  modifiers.finish();
  if (wide) {
    const Type result{type.kind, type.bits * 2};
    as.emit_pure(by_narrow_integer<Of<Mad<MultiplyWide>>::WideThree>(as, type), result,
                 {type, type, result});
  } else {
    as.emit_pure(high ? by_integer<Of<Mad<MultiplyHigh>>::Three>(as, type)
                      : by_integer<Of<Mad<MultiplyLow>>::Three>(as, type),
                 type, {type, type, type});
  }
}

void select_sad(Assembler& as, Modifiers& modifiers) {
  const Type type = modifiers.take_type();
  modifiers.finish();
  as.emit_pure(by_integer<Of<SumOfAbsoluteDifference>::Three>(as, type), type, {type, type, type});
}

}  // namespace

void select_integer_arithmetic(Assembler& as, Modifiers& modifiers) {
  static const SelectorTable table = {
      {"add", select_add<Add, AddSaturated>},
      {"sub", select_add<Subtract, SubtractSaturated>},
      {"mul", select_multiply},
      {"mad", select_mad},
      {"div", select_two<Divide>},
      {"min", select_two<Minimum>},
      {"max", select_two<Maximum>},
      {"abs", select_one<Absolute>},
      {"neg", select_one<Negate>},
  };
  table.at(modifiers.root())(as, modifiers);
}

void add_integer_selectors(SelectorTable& table) {
  table["rem"] = select_two<Remainder>;
  table["sad"] = select_sad;
}

}  // namespace gpu_emulator
