// Conversion between types: cvt; and cvta and isspacep, which convert addresses.
#include <bit>
#include <cfenv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "machine/floating.h"
#include "machine/integer.h"
#include "machine/memory.h"

namespace gpu_emulator {
namespace {

enum class Whole { kNone, kNearest, kZero, kDown, kUp };

template <Whole W, class T>
T to_whole(T x) {
  if constexpr (W == Whole::kNearest) return std::nearbyint(x);
  if constexpr (W == Whole::kZero) return std::trunc(x);
  if constexpr (W == Whole::kDown) return std::floor(x);
  if constexpr (W == Whole::kUp) return std::ceil(x);
  return x;
}

/// Out of range: the nearest value in range. NaN: 0, or the sign bit if 64 bits are involved.
template <class D, class S>
D to_integer(S x) {
  constexpr bool kWide = sizeof(S) == 8 || sizeof(D) == 8;
  constexpr auto kNan = kWide ? static_cast<D>(std::uint64_t{1} << (8 * sizeof(D) - 1)) : D{0};
  // The limits as floats: the upper one is the power of two above, and excluded.
  constexpr S kLowest = static_cast<S>(std::numeric_limits<D>::min());
  constexpr S kAbove = 2 * static_cast<S>(std::numeric_limits<D>::max() / 2 + 1);
  if (x != x) return kNan;
  if (x >= kAbove) return std::numeric_limits<D>::max();
  if (x <= kLowest) return std::numeric_limits<D>::min();
  return static_cast<D>(x);
}

template <class R, class D, class S, Whole W, bool Flush>
struct FloatToInteger {
  static R apply(S a) { return widened<R>(to_integer<D>(to_whole<W>(Flush ? flush(a) : a))); }
};

template <class R, class D, class S, bool Saturate>
struct IntegerToInteger {
  static R apply(S a) {
    if constexpr (Saturate) {
      if (std::cmp_less(a, std::numeric_limits<D>::min())) {
        return widened<R>(std::numeric_limits<D>::min());
      }
      if (std::cmp_greater(a, std::numeric_limits<D>::max())) {
        return widened<R>(std::numeric_limits<D>::max());
      }
    }
    return widened<R>(static_cast<D>(a));
  }
};

template <class D, bool Saturate>
struct IntegerToFloat {
  template <class S>
  static D apply(S a) {
    const D r = static_cast<D>(a);
    return Saturate ? saturate(r) : r;
  }
};

template <class D, Whole W, bool Flush, bool Saturate>
struct FloatToFloat {
  template <class S>
  static D apply(S a) {
    S in = a;
    if constexpr (Flush && sizeof(S) == 4) in = flush(in);
    D r = canonical(static_cast<D>(to_whole<W>(in)));
    if constexpr (Flush && sizeof(D) == 4) r = flush(r);
    return Saturate ? saturate(r) : r;
  }
};

struct Request {
  Type to;
  Type from;
  int register_bits;  // of the destination
  int rounding = FE_TONEAREST;
  Whole whole = Whole::kNone;
  bool saturate = false;
  bool flush = false;
};

/// Calls f with a value of the C++ type.
template <class F>
Handler with_integer(const Assembler& as, Type type, F f) {
  switch (type.bits) {
    case 8:
      return type.is_signed() ? f(std::int8_t{}) : f(std::uint8_t{});
    case 16:
      return type.is_signed() ? f(std::int16_t{}) : f(std::uint16_t{});
    case 32:
      return type.is_signed() ? f(std::int32_t{}) : f(std::uint32_t{});
    case 64:
      return type.is_signed() ? f(std::int64_t{}) : f(std::uint64_t{});
    default:
      as.fail("this type is not emulated here");
  }
}

template <class F>
Handler with_register(const Assembler& as, int bits, F f) {
  switch (bits) {
    case 16:
      return f(std::uint16_t{});
    case 32:
      return f(std::uint32_t{});
    case 64:
      return f(std::uint64_t{});
    default:
      as.fail("this register is not emulated here");
  }
}

/// Calls f with values of the result's C++ type and of its register's.
template <class F>
Handler with_integer_result(const Assembler& as, const Request& request, F f) {
  return with_integer(as, request.to, [&](auto to) {
    return with_register(as, request.register_bits, [&](auto reg) -> Handler {
      if constexpr (sizeof(to) > sizeof(reg)) {
        as.fail("the register is too narrow");
      } else {
        return f(to, reg);
      }
    });
  });
}

template <class F>
Handler with_float(Type type, F f) {
  return type.bits == 64 ? f(double{}) : f(float{});
}

template <class R, class D, class S, Whole W>
Handler to_integer_flushed(bool flush) {
  return flush ? &Unary<FloatToInteger<R, D, S, W, true>, R, S>::run
               : &Unary<FloatToInteger<R, D, S, W, false>, R, S>::run;
}

Handler float_to_integer(const Assembler& as, const Request& request) {
  return with_float(request.from, [&](auto from) {
    return with_integer_result(as, request, [&](auto to, auto reg) -> Handler {
      using S = std::remove_cvref_t<decltype(from)>;
      using D = std::remove_cvref_t<decltype(to)>;
      using R = std::remove_cvref_t<decltype(reg)>;
      switch (request.whole) {
        case Whole::kNearest:
          return to_integer_flushed<R, D, S, Whole::kNearest>(request.flush);
        case Whole::kZero:
          return to_integer_flushed<R, D, S, Whole::kZero>(request.flush);
        case Whole::kDown:
          return to_integer_flushed<R, D, S, Whole::kDown>(request.flush);
        case Whole::kUp:
          return to_integer_flushed<R, D, S, Whole::kUp>(request.flush);
        default:
          as.fail("a rounding to whole numbers is missing");
      }
    });
  });
}

Handler integer_to_integer(const Assembler& as, const Request& request) {
  return with_integer(as, request.from, [&](auto from) {
    return with_integer_result(as, request, [&](auto to, auto reg) {
      using S = std::remove_cvref_t<decltype(from)>;
      using D = std::remove_cvref_t<decltype(to)>;
      using R = std::remove_cvref_t<decltype(reg)>;
      return request.saturate ? &Unary<IntegerToInteger<R, D, S, true>, R, S>::run
                              : &Unary<IntegerToInteger<R, D, S, false>, R, S>::run;
    });
  });
}

Handler integer_to_float(const Assembler& as, const Request& request) {
  return with_integer(as, request.from, [&](auto from) {
    return with_float(request.to, [&](auto to) {
      using S = std::remove_cvref_t<decltype(from)>;
      using D = std::remove_cvref_t<decltype(to)>;
      return request.saturate
                 ? with_rounding<&Unary<IntegerToFloat<D, true>, D, S>::run>(request.rounding)
                 : with_rounding<&Unary<IntegerToFloat<D, false>, D, S>::run>(request.rounding);
    });
  });
}

template <class D, class S, Whole W>
Handler float_to_float_flags(const Request& request) {
  if (request.flush) {
    return request.saturate
               ? with_rounding<&Unary<FloatToFloat<D, W, true, true>, D, S>::run>(request.rounding)
               : with_rounding<&Unary<FloatToFloat<D, W, true, false>, D, S>::run>(
                     request.rounding);
  }
  return request.saturate
             ? with_rounding<&Unary<FloatToFloat<D, W, false, true>, D, S>::run>(request.rounding)
             : with_rounding<&Unary<FloatToFloat<D, W, false, false>, D, S>::run>(request.rounding);
}

Handler float_to_float(const Request& request) {
  return with_float(request.from, [&](auto from) {
    return with_float(request.to, [&](auto to) -> Handler {
      using S = std::remove_cvref_t<decltype(from)>;
      using D = std::remove_cvref_t<decltype(to)>;
      switch (request.whole) {
        case Whole::kNearest:
          return float_to_float_flags<D, S, Whole::kNearest>(request);
        case Whole::kZero:
          return float_to_float_flags<D, S, Whole::kZero>(request);
        case Whole::kDown:
          return float_to_float_flags<D, S, Whole::kDown>(request);
        case Whole::kUp:
          return float_to_float_flags<D, S, Whole::kUp>(request);
        default:
          return float_to_float_flags<D, S, Whole::kNone>(request);
      }
    });
  });
}

Whole take_whole(Modifiers& modifiers) {
  if (modifiers.take("rni")) return Whole::kNearest;
  if (modifiers.take("rzi")) return Whole::kZero;
  if (modifiers.take("rmi")) return Whole::kDown;
  if (modifiers.take("rpi")) return Whole::kUp;
  return Whole::kNone;
}

Handler conversion_handler(const Assembler& as, const Request& request) {
  if (request.to.is_float()) {
    return request.from.is_float() ? float_to_float(request) : integer_to_float(as, request);
  }
  return request.from.is_float() ? float_to_integer(as, request) : integer_to_integer(as, request);
}

/// The operand, of which a conversion may take a part: a 64-bit register's lower half is copied out.
Ref narrowed(Assembler& as, Type type, Ref ref) {
  if (type.bits == 64 || as.bits_of(as.operand(1), type) < 64) return ref;
  using U32 = std::uint32_t;
  using U64 = std::uint64_t;
  const Ref half = as.new_register(32);
  Instruction& in = as.emit(&Unary<IntegerToInteger<U32, U32, U64, false>, U32, U64>::run);
  in.a = ref;
  in.dst = half;
  return half;
}

void select_cvt(Assembler& as, Modifiers& modifiers) {
  Request request;
  request.whole = take_whole(modifiers);
  request.rounding = take_rounding(modifiers);
  request.saturate = modifiers.take("sat");
  request.flush = modifiers.take("ftz");
  request.to = modifiers.take_type();
  request.from = modifiers.take_type();
  modifiers.finish();
  as.expect_operands(2);
  const Ref a = narrowed(as, request.from, as.source(as.operand(1), request.from, true));
  const Ref dst = as.destination(as.operand(0), request.to, true);
  request.register_bits = as.bits_of(as.operand(0), request.to);
  Instruction& in = as.emit(conversion_handler(as, request));
  in.dst = dst;
  in.a = a;
}

std::uint64_t window_of(const Assembler& as, Modifiers& modifiers) {
  if (modifiers.take("global") || modifiers.take("const")) return 0;
  if (modifiers.take("shared") || modifiers.take("shared::cta")) return kSharedWindow;
  if (modifiers.take("local")) return kLocalWindow;
  if (modifiers.take("param")) return kParameterWindow;
  as.fail("this space is not emulated");
}

struct AddOffset {
  static std::uint64_t apply(std::uint64_t a, std::uint64_t b) { return a + b; }
};

/// Device memory has its generic addresses; the other spaces lie in windows.
void select_cvta(Assembler& as, Modifiers& modifiers) {
  const bool to_space = modifiers.take("to");
  const std::uint64_t window = window_of(as, modifiers);
  const Type type = modifiers.take_type();
  modifiers.finish();
  if (type.bits != 64) as.fail("only 64-bit addresses are emulated");
  as.expect_operands(2);
  const Ref a = as.source_or_address(as.operand(1), type);
  const Ref b = as.constant(to_space ? 0 - window : window, 64);
  const Ref dst = as.destination(as.operand(0), type);
  using U64 = std::uint64_t;
  Instruction& in = as.emit(&Binary<AddOffset, U64, U64, U64>::run);
  in.dst = dst;
  in.a = a;
  in.b = b;
}

void run_isspacep(Warp& warp, const Instruction& in, std::uint32_t mask) {
  const auto* a = warp.in<std::uint64_t>(in.a);
  const auto window = static_cast<std::uint64_t>(in.offset);
  const std::uint32_t value = lanes_where([&](std::uint32_t lane) {
    return window == 0 ? a[lane] - kDeviceWindow < kDeviceWindowBytes
                       : a[lane] - window < kWindowBytes;
  });
  warp.define_predicate(in.predicate_out, mask, value, warp.valid(in.a));
}

void select_isspacep(Assembler& as, Modifiers& modifiers) {
  const std::uint64_t window = window_of(as, modifiers);
  modifiers.finish();
  as.expect_operands(2);
  Instruction& in = as.emit_reading(&run_isspacep, {Type{TypeKind::kBits, 64}});
  in.offset = static_cast<std::int64_t>(window);
  in.predicate_out = as.predicate_destination(as.operand(0));
}

}  // namespace

void add_conversion_selectors(SelectorTable& table) {
  table["cvt"] = select_cvt;
  table["cvta"] = select_cvta;
  table["isspacep"] = select_isspacep;
}

}  // namespace gpu_emulator
