// atom and red: one lane after the other, on global and shared memory.
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "machine/access.h"
#include "machine/assembler.h"
#include "machine/lanes.h"

namespace gpu_emulator {
namespace {

enum class Atomic : std::uint32_t {
  kAdd,
  kMin,
  kMax,
  kAnd,
  kOr,
  kXor,
  kExchange,
  kIncrement,
  kDecrement,
  kCompareAndSwap
};

constexpr std::array<const char*, 10> kNames = {"add", "min",  "max", "and", "or",
                                                "xor", "exch", "inc", "dec", "cas"};

template <class T>
T updated(Atomic how, T old, T b, T c) {
  if constexpr (std::is_integral_v<T>) {
    switch (how) {
      case Atomic::kMin:
        return b < old ? b : old;
      case Atomic::kMax:
        return old < b ? b : old;
      case Atomic::kAnd:
        return old & b;
      case Atomic::kOr:
        return old | b;
      case Atomic::kXor:
        return old ^ b;
      case Atomic::kExchange:
        return b;
      case Atomic::kIncrement:
        return old >= b ? T{0} : static_cast<T>(old + 1);
      case Atomic::kDecrement:
        return old == 0 || old > b ? b : static_cast<T>(old - 1);
      case Atomic::kCompareAndSwap:
        return old == b ? c : old;
      default:
        break;
    }
  }
  return static_cast<T>(old + b);
}

struct Form {
  Space space;
  Atomic how;
};

std::uint32_t packed(Form form) {
  return static_cast<std::uint32_t>(form.space) << 8 | static_cast<std::uint32_t>(form.how);
}

template <class T>
void run_atomic(Warp& warp, const Instruction& in, std::uint32_t mask) {
  const auto space = static_cast<Space>(in.immediate >> 8);
  const auto how = static_cast<Atomic>(in.immediate & 0xff);
  const Ref second = how == Atomic::kCompareAndSwap ? in.c : in.b;
  Warp::require_defined(mask, warp.valid(in.b) & warp.valid(second), "the operand");
  const T* b = warp.in<T>(in.b);
  const T* c = warp.in<T>(second);
  alignas(64) T r[32] = {};
  for (std::uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const int lane = first_lane(rest);
    std::byte* place = atomic_place(warp, in, space, lane, sizeof(T));
    std::memcpy(&r[lane], place, sizeof(T));
    const T value = updated(how, r[lane], b[lane], c[lane]);
    std::memcpy(place, &value, sizeof(T));
  }
  if (in.dst != kNoRef) commit(warp, in.dst, r, mask, kAllLanes);
}

Handler atomic_handler(Modifiers& modifiers, Type type, Atomic how) {
  if (type.is_float()) {
    if (how != Atomic::kAdd) modifiers.unknown();
    return type.bits == 64 ? &run_atomic<double> : &run_atomic<float>;
  }
  switch (type.bits) {
    case 32:
      return type.is_signed() ? &run_atomic<std::int32_t> : &run_atomic<std::uint32_t>;
    case 64:
      return type.is_signed() ? &run_atomic<std::int64_t> : &run_atomic<std::uint64_t>;
    default:
      modifiers.unknown();
  }
}

void select_atomic(Assembler& as, Modifiers& modifiers) {
  const bool has_result = modifiers.root() == "atom";
  for (const char* order : {"relaxed", "acquire", "release", "acq_rel", "gpu", "cta", "sys"}) {
    modifiers.take(order);
  }
  Form form{Space::kGeneric, Atomic::kAdd};
  if (modifiers.take("global")) form.space = Space::kGlobal;
  if (modifiers.take("shared") || modifiers.take("shared::cta")) form.space = Space::kShared;
  std::uint32_t how = 0;
  while (how < kNames.size() && !modifiers.take(kNames[how])) ++how;
  if (how == kNames.size()) modifiers.unknown();
  form.how = static_cast<Atomic>(how);
  const Type type = modifiers.take_type();
  const Handler handler = atomic_handler(modifiers, type, form.how);
  modifiers.finish();
  const std::size_t first = has_result ? 1 : 0;
  const bool is_swap = form.how == Atomic::kCompareAndSwap;
  as.expect_operands(first + (is_swap ? 3 : 2));
  const Ref dst = has_result ? as.destination(as.operand(0), type) : kNoRef;
  const Ref b = as.source(as.operand(first + 1), type);
  const Ref c = is_swap ? as.source(as.operand(first + 2), type) : kNoRef;
  Instruction address;
  as.set_address(address, as.operand(first), form.space);
  Instruction& in = as.emit(handler);
  in.a = address.a;
  in.offset = address.offset;
  in.wide_address = address.wide_address;
  in.immediate = packed(form);
  in.dst = dst;
  in.b = b;
  in.c = c;
}

}  // namespace

void add_atomic_selectors(SelectorTable& table) {
  table["atom"] = select_atomic;
  table["red"] = select_atomic;
}

}  // namespace gpu_emulator
