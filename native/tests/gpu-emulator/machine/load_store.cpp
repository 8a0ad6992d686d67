// ld and st: from lanes of memory to lanes of registers and back.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <type_traits>
#include <vector>

#include "machine/access.h"
#include "machine/assembler.h"
#include "machine/lanes.h"

namespace gpu_emulator {
namespace {

template <class R, class E, std::size_t Count>
struct Load {
  static void run(Warp& warp, const Instruction& in, std::uint32_t mask) {
    alignas(64) std::byte raw[32][sizeof(E) * Count];
    load<sizeof(E) * Count>(warp, in, static_cast<Space>(in.immediate), mask, raw);
    for (std::size_t i = 0; i < Count; ++i) {
      if (in.elements[i] == kNoRef) continue;
      alignas(64) StoredType<R> r[32];
      for (int lane = 0; lane < 32; ++lane) {
        E element;
        std::memcpy(&element, raw[lane] + i * sizeof(E), sizeof(E));
        r[lane] = Stored<R>::put(widened<R>(element));
      }
      commit(warp, in.elements[i], r, mask, kAllLanes);
    }
  }
};

template <class R, class E, std::size_t Count>
struct Store {
  static void run(Warp& warp, const Instruction& in, std::uint32_t mask) {
    alignas(64) std::byte raw[32][sizeof(E) * Count];
    for (std::size_t i = 0; i < Count; ++i) {
      Warp::require_defined(mask, warp.valid(in.elements[i]), "the value to store");
      const auto* value = warp.in<StoredType<R>>(in.elements[i]);
      for (int lane = 0; lane < 32; ++lane) {
        const auto element = static_cast<E>(value[lane]);
        std::memcpy(raw[lane] + i * sizeof(E), &element, sizeof(E));
      }
    }
    store<sizeof(E) * Count>(warp, in, static_cast<Space>(in.immediate), mask, raw);
  }
};

/// What a call hands over lies in registers.
template <class R, class E>
struct FromRegister {
  static R apply(E value) { return widened<R>(value); }
};

struct Form {
  Type type;
  int register_bits;
  std::size_t count;
};

template <template <class, class, std::size_t> class H, class R, class E>
Handler by_count(const Assembler& as, const Form& form) {
  switch (form.count) {
    case 1:
      return &H<R, E, 1>::run;
    case 2:
      return &H<R, E, 2>::run;
    case 4:
      if constexpr (sizeof(E) <= 4) return &H<R, E, 4>::run;
      break;
    default:
      break;
  }
  as.fail("a vector of this width is not emulated");
}

template <template <class, class, std::size_t> class H, class E>
Handler by_register(const Assembler& as, const Form& form) {
  if constexpr (sizeof(E) <= 2) {
    if (form.register_bits == 16) return by_count<H, std::uint16_t, E>(as, form);
  }
  if constexpr (sizeof(E) <= 4) {
    if (form.register_bits == 32) return by_count<H, std::uint32_t, E>(as, form);
  }
  if (form.register_bits == 64) return by_count<H, std::uint64_t, E>(as, form);
  as.fail("a register of this width is not emulated here");
}

template <template <class, class, std::size_t> class H>
Handler by_element(const Assembler& as, const Form& form) {
  const bool is_signed = form.type.is_signed();
  switch (form.type.bits) {
    case 8:
      return is_signed ? by_register<H, std::int8_t>(as, form)
                       : by_register<H, std::uint8_t>(as, form);
    case 16:
      return is_signed ? by_register<H, std::int16_t>(as, form)
                       : by_register<H, std::uint16_t>(as, form);
    case 32:
      return is_signed ? by_register<H, std::int32_t>(as, form)
                       : by_register<H, std::uint32_t>(as, form);
    default:
      return by_register<H, std::uint64_t>(as, form);
  }
}

Space take_space(Modifiers& modifiers) {
  if (modifiers.take("global") || modifiers.take("const")) return Space::kGlobal;
  if (modifiers.take("shared") || modifiers.take("shared::cta")) return Space::kShared;
  if (modifiers.take("local")) return Space::kLocal;
  if (modifiers.take("param") || modifiers.take("param::entry") || modifiers.take("param::func")) {
    return Space::kParameter;
  }
  return Space::kGeneric;
}

/// Caching hints, .nc and .volatile change nothing that is emulated: every access takes place.
void skip_hints(Modifiers& modifiers) {
  for (const char* hint :
       {"volatile", "weak", "nc", "ca", "cg", "cs", "lu", "cv", "wb", "wt", "L2::64B", "L2::128B",
        "L2::256B", "L1::evict_normal", "L1::evict_unchanged", "L1::evict_first", "L1::evict_last",
        "L1::no_allocate"}) {
    modifiers.take(hint);
  }
}

struct Elements {
  std::vector<Operand> operands;
  int register_bits = 0;
};

Elements elements_of(const Assembler& as, const Operand& operand, Type type) {
  Elements elements;
  if (operand.kind == Operand::Kind::kVector) {
    elements.operands = operand.items;
  } else {
    elements.operands = {operand};
  }
  elements.register_bits = std::max(type.bits, 16);
  for (const Operand& element : elements.operands) {
    if (element.kind == Operand::Kind::kRegister) {
      elements.register_bits = as.bits_of(element, type);
    }
  }
  return elements;
}

/// The call's parameter that the address names, with the offset in it; or null.
std::shared_ptr<CallParameter> call_parameter(Assembler& as, const Operand& address) {
  if (address.kind != Operand::Kind::kAddress || address.items.size() != 1) return nullptr;
  if (address.items[0].kind != Operand::Kind::kName) return nullptr;
  return as.call_parameter(address.items[0].name);
}

template <class E>
Handler from_register(const Assembler& as, int register_bits) {
  if constexpr (sizeof(E) == 8) {
    return &Unary<FromRegister<std::uint64_t, E>, std::uint64_t, E>::run;
  } else {
    switch (register_bits) {
      case 16:
        if constexpr (sizeof(E) <= 2) {
          return &Unary<FromRegister<std::uint16_t, E>, std::uint16_t, E>::run;
        }
        break;
      case 32:
        return &Unary<FromRegister<std::uint32_t, E>, std::uint32_t, E>::run;
      case 64:
        return &Unary<FromRegister<std::uint64_t, E>, std::uint64_t, E>::run;
      default:
        break;
    }
    as.fail("a register of this width is not emulated here");
  }
}

Handler from_register(const Assembler& as, Type type, int register_bits) {
  switch (type.bits) {
    case 8:
      return type.is_signed() ? from_register<std::int8_t>(as, register_bits)
                              : from_register<std::uint8_t>(as, register_bits);
    case 16:
      return type.is_signed() ? from_register<std::int16_t>(as, register_bits)
                              : from_register<std::uint16_t>(as, register_bits);
    case 32:
      return type.is_signed() ? from_register<std::int32_t>(as, register_bits)
                              : from_register<std::uint32_t>(as, register_bits);
    default:
      return from_register<std::uint64_t>(as, register_bits);
  }
}

void load_from_call(Assembler& as, const CallParameter& parameter, Type type,
                    const Elements& elements, std::int64_t offset) {
  for (const Operand& element : elements.operands) {
    const auto piece = parameter.pieces.find(offset);
    if (piece == parameter.pieces.end() || piece->second.bits != type.bits) {
      as.fail("it reads a parameter otherwise than it was written");
    }
    const Ref dst = as.destination(element, type, true);
    Instruction& in = as.emit(from_register(as, type, elements.register_bits));
    in.a = piece->second.ref;
    in.dst = dst;
    offset += type.bytes();
  }
}

void store_to_call(Assembler& as, CallParameter& parameter, Type type, const Elements& elements,
                   std::int64_t offset) {
  for (const Operand& element : elements.operands) {
    const auto [piece, is_new] = parameter.pieces.try_emplace(offset);
    if (type.bits < 64 && as.bits_of(element, type) == 64) as.fail("it writes part of a register");
    if (is_new) piece->second = {as.new_register(type.bits), type.bits};
    if (piece->second.bits != type.bits) as.fail("it writes a parameter in different pieces");
    const Ref source = as.source(element, type, true);
    // Only the low part of a wider register counts; the reader cuts it off.
    Instruction& in = as.emit(type.bits == 64 ? from_register<std::uint64_t>(as, 64)
                                              : from_register<std::uint32_t>(as, 32));
    in.a = source;
    in.dst = piece->second.ref;
    offset += type.bytes();
  }
}

void note_part_words(Assembler& as, Type type, Space space) {
  const bool is_shared_memory =
      space == Space::kGlobal || space == Space::kShared || space == Space::kGeneric;
  if (type.bits < 32 && is_shared_memory) as.program().uses_part_words = true;
}

void select_load(Assembler& as, Modifiers& modifiers) {
  const Space space = take_space(modifiers);
  skip_hints(modifiers);
  std::size_t count = modifiers.take("v2") ? 2 : modifiers.take("v4") ? 4 : 1;
  const Type type = modifiers.take_type();
  modifiers.finish();
  as.expect_operands(2);
  const Elements elements = elements_of(as, as.operand(0), type);
  if (elements.operands.size() != count) as.fail("the vector has another width");
  const Operand& address = as.operand(1);
  if (space == Space::kParameter) {
    if (const auto parameter = call_parameter(as, address)) {
      load_from_call(as, *parameter, type, elements, address.offset);
      return;
    }
  }
  std::array<Ref, 4> places{kNoRef, kNoRef, kNoRef, kNoRef};
  for (std::size_t i = 0; i < count; ++i) {
    if (elements.operands[i].kind == Operand::Kind::kSink) continue;
    places[i] = as.destination(elements.operands[i], type, true);
  }
  note_part_words(as, type, space);
  Instruction in;
  as.set_address(in, address, space);
  Instruction& emitted = as.emit(by_element<Load>(as, {type, elements.register_bits, count}));
  emitted.immediate = static_cast<std::uint32_t>(space);
  emitted.a = in.a;
  emitted.offset = in.offset;
  emitted.wide_address = in.wide_address;
  emitted.elements = places;
}

void select_store(Assembler& as, Modifiers& modifiers) {
  const Space space = take_space(modifiers);
  skip_hints(modifiers);
  std::size_t count = modifiers.take("v2") ? 2 : modifiers.take("v4") ? 4 : 1;
  Type type = modifiers.take_type();
  modifiers.finish();
  as.expect_operands(2);
  const Elements elements = elements_of(as, as.operand(1), type);
  if (elements.operands.size() != count) as.fail("the vector has another width");
  const Operand& address = as.operand(0);
  if (space == Space::kParameter) {
    const auto parameter = call_parameter(as, address);
    if (parameter == nullptr) as.fail("a kernel's parameters cannot be written");
    store_to_call(as, *parameter, type, elements, address.offset);
    return;
  }
  std::array<Ref, 4> places{kNoRef, kNoRef, kNoRef, kNoRef};
  for (std::size_t i = 0; i < count; ++i) places[i] = as.source(elements.operands[i], type, true);
  note_part_words(as, type, space);
  // The sign does not matter to what is stored.
  if (type.is_signed()) type.kind = TypeKind::kUnsigned;
  Instruction in;
  as.set_address(in, address, space);
  Instruction& emitted = as.emit(by_element<Store>(as, {type, elements.register_bits, count}));
  emitted.immediate = static_cast<std::uint32_t>(space);
  emitted.a = in.a;
  emitted.offset = in.offset;
  emitted.wide_address = in.wide_address;
  emitted.elements = places;
}

}  // namespace

void add_memory_selectors(SelectorTable& table) {
  table["ld"] = select_load;
  table["ldu"] = select_load;
  table["st"] = select_store;
}

}  // namespace gpu_emulator
