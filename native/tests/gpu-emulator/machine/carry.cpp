// Chains of carries: add.cc, addc, sub.cc, subc, mad.cc, madc, for 32 and 64 bits.
#include <cstdint>
#include <vector>

#include "machine/assembler.h"
#include "machine/integer.h"
#include "machine/lanes.h"

namespace gpu_emulator {
namespace {

template <class T>
struct SumAndCarry {
  T sum;
  bool carry;
};

template <class T>
SumAndCarry<T> add(T a, T b, bool carry) {
  const T first = static_cast<T>(a + b);
  const T sum = static_cast<T>(first + (carry ? 1 : 0));
  return {sum, first < a || sum < first};
}

/// `carry` is a borrow here, as the hardware's flag is.
template <class T>
SumAndCarry<T> subtract(T a, T b, bool borrow) {
  const T first = static_cast<T>(a - b);
  const T difference = static_cast<T>(first - (borrow ? 1 : 0));
  return {difference, a < b || (borrow && first == 0)};
}

enum class Product { kNone, kLow, kHighUnsigned, kHighSigned };

template <class T, Product P>
T addend(T a, T b) {
  if constexpr (P == Product::kLow) return static_cast<T>(a * b);
  if constexpr (P == Product::kHighUnsigned) return high_product(a, b);
  if constexpr (P == Product::kHighSigned) {
    using Signed = std::make_signed_t<T>;
    return static_cast<T>(high_product(static_cast<Signed>(a), static_cast<Signed>(b)));
  }
  return a;
}

constexpr std::uint32_t kReads = 1;  // the carry
constexpr std::uint32_t kWrites = 2;

/// a ± b, or a·b + c.
template <class T, bool Subtract, Product P>
void run_carry(Warp& warp, const Instruction& in, std::uint32_t mask) {
  const T* a = warp.in<T>(in.a);
  const T* b = warp.in<T>(in.b);
  const T* c = warp.in<T>(P == Product::kNone ? in.b : in.c);
  alignas(64) T r[32];
  std::uint32_t carries = 0;
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    const bool carry = (in.immediate & kReads) != 0 && (warp.carry >> lane & 1) != 0;
    const auto result = Subtract ? subtract(a[lane], b[lane], carry)
                                 : add(addend<T, P>(a[lane], b[lane]), c[lane], carry);
    r[lane] = result.sum;
    carries |= static_cast<std::uint32_t>(result.carry) << lane;
  }
  if ((in.immediate & kWrites) != 0) warp.carry = (warp.carry & ~mask) | (carries & mask);
  std::uint32_t valid = warp.valid(in.a) & warp.valid(in.b);
  if (P != Product::kNone) valid &= warp.valid(in.c);
  commit(warp, in.dst, r, mask, valid);
}

template <class T>
Handler carry_handler(bool subtract, Product product) {
  if (subtract) return &run_carry<T, true, Product::kNone>;
  switch (product) {
    case Product::kLow:
      return &run_carry<T, false, Product::kLow>;
    case Product::kHighUnsigned:
      return &run_carry<T, false, Product::kHighUnsigned>;
    case Product::kHighSigned:
      return &run_carry<T, false, Product::kHighSigned>;
    default:
      return &run_carry<T, false, Product::kNone>;
  }
}

}  // namespace

void select_carry_arithmetic(Assembler& as, Modifiers& modifiers) {
  const std::string root = modifiers.root();
  const bool reads = root.back() == 'c';
  const bool is_mad = root == "mad" || root == "madc";
  const bool writes = modifiers.take("cc");
  const bool high = is_mad && modifiers.take("hi");
  if (is_mad && !high && !modifiers.take("lo")) modifiers.unknown();
  const Type type = modifiers.take_type();
  modifiers.finish();
  if (type.is_float() || type.bits < 32) as.fail("this type is not emulated here");
  const Product product = !is_mad            ? Product::kNone
                          : !high            ? Product::kLow
                          : type.is_signed() ? Product::kHighSigned
                                             : Product::kHighUnsigned;
  const bool subtract = root == "sub" || root == "subc";
  Instruction& in = as.emit_pure(type.bits == 64 ? carry_handler<std::uint64_t>(subtract, product)
                                                 : carry_handler<std::uint32_t>(subtract, product),
                                 type, std::vector<Type>(is_mad ? 3 : 2, type));
  in.immediate = (reads ? kReads : 0) | (writes ? kWrites : 0);
}

void add_carry_selectors(SelectorTable& table) {
  table["addc"] = select_carry_arithmetic;
  table["subc"] = select_carry_arithmetic;
  table["madc"] = select_carry_arithmetic;
}

}  // namespace gpu_emulator
