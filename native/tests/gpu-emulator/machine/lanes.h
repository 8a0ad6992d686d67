// Loops over the lanes of registers. Values of up to 32 bits lie in 4 bytes, of 64 in 8; a loop
// computes all 32 lanes, and commit() stores those that are active.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "machine/program.h"
#include "machine/warp.h"

namespace gpu_emulator {

/// How a T lies in a register. Parts of words are kept zero-extended.
template <class T>
struct Stored {
  using Type = T;
  static T get(T value) { return value; }
  static T put(T value) { return value; }
};
template <class Part, class Unsigned>
struct StoredPart {
  using Type = std::uint32_t;
  static Part get(std::uint32_t value) { return static_cast<Part>(value); }
  static std::uint32_t put(Part value) { return static_cast<Unsigned>(value); }
};
template <>
struct Stored<std::uint8_t> : StoredPart<std::uint8_t, std::uint8_t> {};
template <>
struct Stored<std::int8_t> : StoredPart<std::int8_t, std::uint8_t> {};
template <>
struct Stored<std::uint16_t> : StoredPart<std::uint16_t, std::uint16_t> {};
template <>
struct Stored<std::int16_t> : StoredPart<std::int16_t, std::uint16_t> {};

template <class T>
using StoredType = typename Stored<T>::Type;

/// A value of type D in a register of type R, which may be wider.
template <class R, class D>
R widened(D value) {
  if constexpr (std::is_signed_v<D>) {
    return static_cast<R>(static_cast<std::make_signed_t<R>>(value));
  } else {
    return static_cast<R>(value);
  }
}

/// Stores the lanes of `mask`.
template <class S>
inline void commit(Warp& warp, Ref ref, const S (&values)[32], std::uint32_t mask,
                   std::uint32_t valid) {
  S* to = warp.out<S>(ref);
  if (mask == kAllLanes) {
    std::memcpy(to, values, sizeof values);
  } else {
    for (std::uint32_t lane = 0; lane < 32; ++lane) {
      to[lane] = (mask >> lane & 1) != 0 ? values[lane] : to[lane];
    }
  }
  warp.define(ref, mask, valid);
}

template <class Op, class D, class A>
struct Unary {
  static void run(Warp& warp, const Instruction& in, std::uint32_t mask) {
    const auto* a = warp.in<StoredType<A>>(in.a);
    alignas(64) StoredType<D> r[32];
    for (int lane = 0; lane < 32; ++lane) {
      r[lane] = Stored<D>::put(Op::apply(Stored<A>::get(a[lane])));
    }
    commit(warp, in.dst, r, mask, warp.valid(in.a));
  }
};

template <class Op, class D, class A, class B>
struct Binary {
  static void run(Warp& warp, const Instruction& in, std::uint32_t mask) {
    const auto* a = warp.in<StoredType<A>>(in.a);
    const auto* b = warp.in<StoredType<B>>(in.b);
    alignas(64) StoredType<D> r[32];
    for (int lane = 0; lane < 32; ++lane) {
      r[lane] = Stored<D>::put(Op::apply(Stored<A>::get(a[lane]), Stored<B>::get(b[lane])));
    }
    commit(warp, in.dst, r, mask, warp.valid(in.a) & warp.valid(in.b));
  }
};

template <class Op, class D, class A, class B, class C>
struct Ternary {
  static void run(Warp& warp, const Instruction& in, std::uint32_t mask) {
    const auto* a = warp.in<StoredType<A>>(in.a);
    const auto* b = warp.in<StoredType<B>>(in.b);
    const auto* c = warp.in<StoredType<C>>(in.c);
    alignas(64) StoredType<D> r[32];
    for (int lane = 0; lane < 32; ++lane) {
      r[lane] = Stored<D>::put(
          Op::apply(Stored<A>::get(a[lane]), Stored<B>::get(b[lane]), Stored<C>::get(c[lane])));
    }
    commit(warp, in.dst, r, mask, warp.valid(in.a) & warp.valid(in.b) & warp.valid(in.c));
  }
};

/// A bit for each lane.
template <class F>
inline std::uint32_t lanes_where(F condition) {
  std::uint32_t bits = 0;
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    bits |= static_cast<std::uint32_t>(condition(lane)) << lane;
  }
  return bits;
}

}  // namespace gpu_emulator
