// Comparison and selection: setp, set, selp, slct.
#include <cstdint>
#include <string_view>
#include <utility>

#include "machine/floating.h"
#include "machine/integer.h"

namespace gpu_emulator {
namespace {

enum class Combine : std::uint32_t { kNone, kAnd, kOr, kXor };

struct Equal {
  template <class T>
  static bool holds(T a, T b) {
    return a == b;
  }
};
struct NotEqual {  // of ordered numbers
  template <class T>
  static bool holds(T a, T b) {
    return a < b || a > b;
  }
};
struct Less {
  template <class T>
  static bool holds(T a, T b) {
    return a < b;
  }
};
struct LessEqual {
  template <class T>
  static bool holds(T a, T b) {
    return a <= b;
  }
};
struct Greater {
  template <class T>
  static bool holds(T a, T b) {
    return a > b;
  }
};
struct GreaterEqual {
  template <class T>
  static bool holds(T a, T b) {
    return a >= b;
  }
};
struct BothNumbers {
  template <class T>
  static bool holds(T a, T b) {
    return a == a && b == b;
  }
};
template <class Opposite>
struct Not {
  template <class T>
  static bool holds(T a, T b) {
    return !Opposite::holds(a, b);
  }
};
template <class Test>
struct Flushed {
  template <class T>
  static bool holds(T a, T b) {
    return Test::holds(flush(a), flush(b));
  }
};

std::uint32_t combined(Combine how, std::uint32_t value, std::uint32_t other) {
  switch (how) {
    case Combine::kAnd:
      return value & other;
    case Combine::kOr:
      return value | other;
    case Combine::kXor:
      return value ^ other;
    default:
      return value;
  }
}

template <class Test, class T>
void run_setp(Warp& warp, const Instruction& in, std::uint32_t mask) {
  const auto* a = warp.in<StoredType<T>>(in.a);
  const auto* b = warp.in<StoredType<T>>(in.b);
  const std::uint32_t value = lanes_where([&](std::uint32_t lane) {
    return Test::holds(Stored<T>::get(a[lane]), Stored<T>::get(b[lane]));
  });
  std::uint32_t valid = warp.valid(in.a) & warp.valid(in.b);
  std::uint32_t other = 0;
  const auto how = static_cast<Combine>(in.immediate);
  if (how != Combine::kNone) {
    other = warp.predicate(in.predicate);
    valid &= warp.predicate_valid(in.predicate);
  }
  warp.define_predicate(in.predicate_out, mask, combined(how, value, other), valid);
  if (in.second_out != kNoRef) {
    warp.define_predicate(in.second_out, mask, combined(how, ~value, other), valid);
  }
}

template <class T>
Handler integer_comparison(std::string_view name) {
  if (name == "eq") return &run_setp<Equal, T>;
  if (name == "ne") return &run_setp<NotEqual, T>;
  if (name == "lt" || name == "lo") return &run_setp<Less, T>;
  if (name == "le" || name == "ls") return &run_setp<LessEqual, T>;
  if (name == "gt" || name == "hi") return &run_setp<Greater, T>;
  return &run_setp<GreaterEqual, T>;
}

template <class T, template <class> class Wrap>
Handler float_comparison(std::string_view name) {
  if (name == "eq") return &run_setp<Wrap<Equal>, T>;
  if (name == "ne") return &run_setp<Wrap<NotEqual>, T>;
  if (name == "lt") return &run_setp<Wrap<Less>, T>;
  if (name == "le") return &run_setp<Wrap<LessEqual>, T>;
  if (name == "gt") return &run_setp<Wrap<Greater>, T>;
  if (name == "ge") return &run_setp<Wrap<GreaterEqual>, T>;
  if (name == "equ") return &run_setp<Wrap<Not<NotEqual>>, T>;
  if (name == "neu") return &run_setp<Wrap<Not<Equal>>, T>;
  if (name == "ltu") return &run_setp<Wrap<Not<GreaterEqual>>, T>;
  if (name == "leu") return &run_setp<Wrap<Not<Greater>>, T>;
  if (name == "gtu") return &run_setp<Wrap<Not<LessEqual>>, T>;
  if (name == "geu") return &run_setp<Wrap<Not<Less>>, T>;
  if (name == "num") return &run_setp<Wrap<BothNumbers>, T>;
  return &run_setp<Wrap<Not<BothNumbers>>, T>;
}

template <class Test>
using Plain = Test;

std::string_view take_comparison(Modifiers& modifiers, bool is_float) {
  for (const char* name : {"eq", "ne", "lt", "le", "gt", "ge"}) {
    if (modifiers.take(name)) return name;
  }
  if (is_float) {
    for (const char* name : {"equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan"}) {
      if (modifiers.take(name)) return name;
    }
  } else {
    for (const char* name : {"lo", "ls", "hi", "hs"}) {
      if (modifiers.take(name)) return name;
    }
  }
  modifiers.unknown();
}

Combine take_combine(Modifiers& modifiers) {
  if (modifiers.take("and")) return Combine::kAnd;
  if (modifiers.take("or")) return Combine::kOr;
  if (modifiers.take("xor")) return Combine::kXor;
  return Combine::kNone;
}

Handler comparison_handler(const Assembler& as, Type type, bool ftz, std::string_view name) {
  if (type.is_float()) {
    if (type.bits == 64) return float_comparison<double, Plain>(name);
    return ftz ? float_comparison<float, Flushed>(name) : float_comparison<float, Plain>(name);
  }
  switch (type.bits) {
    case 16:
      return type.is_signed() ? integer_comparison<std::int16_t>(name)
                              : integer_comparison<std::uint16_t>(name);
    case 32:
      return type.is_signed() ? integer_comparison<std::int32_t>(name)
                              : integer_comparison<std::uint32_t>(name);
    case 64:
      return type.is_signed() ? integer_comparison<std::int64_t>(name)
                              : integer_comparison<std::uint64_t>(name);
    default:
      as.fail("this type is not emulated here");
  }
}

/// The comparison of setp and of set, which puts its result into different places.
Instruction& emit_comparison(Assembler& as, Modifiers& modifiers, Type type) {
  const std::string_view name = take_comparison(modifiers, type.is_float());
  const Combine combine = take_combine(modifiers);
  const bool ftz = modifiers.take("ftz");
  modifiers.finish();
  as.expect_operands(combine == Combine::kNone ? 3 : 4);
  Instruction& in = as.emit_reading(comparison_handler(as, type, ftz, name), {type, type});
  if (combine != Combine::kNone) in.predicate = as.predicate(as.operand(3));
  in.immediate = static_cast<std::uint32_t>(combine);
  return in;
}

void select_setp(Assembler& as, Modifiers& modifiers) {
  Instruction& in = emit_comparison(as, modifiers, modifiers.take_type());
  const Operand& result = as.operand(0);
  const bool is_pair = result.kind == Operand::Kind::kPair;
  in.predicate_out = as.predicate_destination(is_pair ? result.items[0] : result);
  if (is_pair) in.second_out = as.predicate_destination(result.items[1]);
}

/// The second half of set: a predicate as 1.0, or as all ones.
void run_predicate_value(Warp& warp, const Instruction& in, std::uint32_t mask) {
  const std::uint32_t predicate = warp.predicate(in.predicate);
  alignas(64) std::uint32_t r[32];
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    r[lane] = (predicate >> lane & 1) != 0 ? in.immediate : 0;
  }
  commit(warp, in.dst, r, mask, warp.predicate_valid(in.predicate));
}

void select_set(Assembler& as, Modifiers& modifiers) {
  const Type result = modifiers.take_type();
  const Type type = modifiers.take_type();
  if (result.bits != 32) as.fail("this type is not emulated here");
  const PredicateRef between = as.new_predicate();
  emit_comparison(as, modifiers, type).predicate_out = between;
  Instruction& value = as.emit(&run_predicate_value);
  value.predicate = between;
  value.dst = as.destination(as.operand(0), result);
  value.immediate = result.is_float() ? 0x3f800000 : ~0U;
}

template <class S>
void choose(Warp& warp, const Instruction& in, std::uint32_t mask, std::uint32_t first,
            std::uint32_t first_valid) {
  const S* a = warp.in<S>(in.a);
  const S* b = warp.in<S>(in.b);
  alignas(64) S r[32];
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    r[lane] = (first >> lane & 1) != 0 ? a[lane] : b[lane];
  }
  const std::uint32_t valid = (first & warp.valid(in.a)) | (~first & warp.valid(in.b));
  commit(warp, in.dst, r, mask, valid & first_valid);
}

template <class S>
void run_selp(Warp& warp, const Instruction& in, std::uint32_t mask) {
  choose<S>(warp, in, mask, warp.predicate(in.predicate), warp.predicate_valid(in.predicate));
}

/// slct: a where c ≥ 0, else b.
template <class S, class C>
void run_slct(Warp& warp, const Instruction& in, std::uint32_t mask) {
  const C* c = warp.in<C>(in.c);
  const std::uint32_t first = lanes_where([&](std::uint32_t lane) { return c[lane] >= 0; });
  choose<S>(warp, in, mask, first, warp.valid(in.c));
}

void select_selp(Assembler& as, Modifiers& modifiers) {
  const Type type = modifiers.take_type();
  modifiers.finish();
  as.expect_operands(4);
  Instruction& in = as.emit_reading(
      type.bits == 64 ? &run_selp<std::uint64_t> : &run_selp<std::uint32_t>, {type, type});
  in.predicate = as.predicate(as.operand(3));
  in.dst = as.destination(as.operand(0), type);
}

void select_slct(Assembler& as, Modifiers& modifiers) {
  if (modifiers.take("ftz")) modifiers.unknown();
  const Type type = modifiers.take_type();
  const Type test = modifiers.take_type();
  modifiers.finish();
  const bool wide = type.bits == 64;
  as.emit_pure(test.is_float()
                   ? wide ? &run_slct<std::uint64_t, float> : &run_slct<std::uint32_t, float>
               : wide ? &run_slct<std::uint64_t, std::int32_t>
                      : &run_slct<std::uint32_t, std::int32_t>,
               type, {type, type, test});
}

}  // namespace

void add_comparison_selectors(SelectorTable& table) {
  table["setp"] = select_setp;
  table["set"] = select_set;
  table["selp"] = select_selp;
  table["slct"] = select_slct;
}

}  // namespace gpu_emulator
