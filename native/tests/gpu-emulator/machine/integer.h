// Choosing among integer types, and products wider than their factors.
#pragma once

#include <cstdint>
#include <type_traits>

#include "machine/assembler.h"
#include "ptx/type.h"

namespace gpu_emulator {

template <class T>
struct WiderType;
template <>
struct WiderType<std::uint16_t> {
  using Type = std::uint32_t;
};
template <>
struct WiderType<std::int16_t> {
  using Type = std::int32_t;
};
template <>
struct WiderType<std::uint32_t> {
  using Type = std::uint64_t;
};
template <>
struct WiderType<std::int32_t> {
  using Type = std::int64_t;
};
template <class T>
using Wider = typename WiderType<T>::Type;

/// The upper half of a product.
template <class T>
T high_product(T a, T b) {
  if constexpr (sizeof(T) < 8) {
    return static_cast<T>((static_cast<Wider<T>>(a) * static_cast<Wider<T>>(b)) >> (8 * sizeof(T)));
  } else if constexpr (std::is_signed_v<T>) {
    __extension__ using Wide = __int128;
    return static_cast<T>((static_cast<Wide>(a) * b) >> 64);
  } else {
    __extension__ using Wide = unsigned __int128;
    return static_cast<T>((static_cast<Wide>(a) * b) >> 64);
  }
}

/// H<T>::run for the integer type T of 16 or 32 bits.
template <template <class> class H>
Handler by_narrow_integer(const Assembler& as, Type type) {
  if (type.bits == 16) {
    return type.is_signed() ? &H<std::int16_t>::run : &H<std::uint16_t>::run;
  }
  if (type.bits == 32) {
    return type.is_signed() ? &H<std::int32_t>::run : &H<std::uint32_t>::run;
  }
  as.fail("this type is not emulated here");
}

/// H<T>::run for the integer type T of 16, 32 or 64 bits.
template <template <class> class H>
Handler by_integer(const Assembler& as, Type type) {
  if (type.is_float() || type.is_predicate()) as.fail("this type is not emulated here");
  if (type.bits == 64) {
    return type.is_signed() ? &H<std::int64_t>::run : &H<std::uint64_t>::run;
  }
  return by_narrow_integer<H>(as, type);
}

/// H<T>::run for the unsigned type T of that width.
template <template <class> class H>
Handler by_width(const Assembler& as, Type type) {
  switch (type.bits) {
    case 16:
      return &H<std::uint16_t>::run;
    case 32:
      return &H<std::uint32_t>::run;
    case 64:
      return &H<std::uint64_t>::run;
    default:
      as.fail("this type is not emulated here");
  }
}

// Roots that integers and floats share; arithmetic.cpp tells them apart by their type.
void select_integer_arithmetic(Assembler& as, Modifiers& modifiers);
void select_float_arithmetic(Assembler& as, Modifiers& modifiers);
void select_carry_arithmetic(Assembler& as, Modifiers& modifiers);

}  // namespace gpu_emulator
