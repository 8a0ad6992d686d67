// Places of operands.
#include "machine/assembler.h"

#include <algorithm>
#include <array>

#include "ptx/names.h"
#include "ptx/stop.h"

namespace gpu_emulator {
namespace {

// Between variables, so that an access past one's end is found.
constexpr std::uint64_t kGapBytes = 256;

std::uint64_t aligned(std::uint64_t offset, std::size_t alignment) {
  return (offset + alignment - 1) / alignment * alignment;
}

struct NamedSpecial {
  std::string_view name;
  Special special;
};

constexpr std::array<NamedSpecial, 21> kSpecials = {
    {{"%tid.x", Special::kTidX},
     {"%tid.y", Special::kTidY},
     {"%tid.z", Special::kTidZ},
     {"%ntid.x", Special::kNtidX},
     {"%ntid.y", Special::kNtidY},
     {"%ntid.z", Special::kNtidZ},
     {"%ctaid.x", Special::kCtaidX},
     {"%ctaid.y", Special::kCtaidY},
     {"%ctaid.z", Special::kCtaidZ},
     {"%nctaid.x", Special::kNctaidX},
     {"%nctaid.y", Special::kNctaidY},
     {"%nctaid.z", Special::kNctaidZ},
     {"%laneid", Special::kLaneId},
     {"%warpid", Special::kWarpId},
     {"%nwarpid", Special::kNwarpId},
     {"%lanemask_eq", Special::kLaneMaskEq},
     {"%lanemask_lt", Special::kLaneMaskLt},
     {"%lanemask_le", Special::kLaneMaskLe},
     {"%lanemask_gt", Special::kLaneMaskGt},
     {"%lanemask_ge", Special::kLaneMaskGe},
     {"%dynamic_smem_size", Special::kDynamicSharedSize}}};

}  // namespace

Modifiers::Modifiers(const Statement& statement) : statement_(statement) {
  std::string_view rest = statement.opcode;
  bool is_root = true;
  while (!rest.empty()) {
    const std::size_t dot = rest.find('.');
    const std::string part(rest.substr(0, dot));
    rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
    if (is_root) {
      root_ = part;
    } else {
      parts_.push_back(part);
    }
    is_root = false;
  }
}

bool Modifiers::take(std::string_view name) {
  const auto found = std::find(parts_.begin(), parts_.end(), name);
  if (found == parts_.end()) return false;
  parts_.erase(found);
  return true;
}

std::optional<Type> Modifiers::take_optional_type() {
  for (auto part = parts_.begin(); part != parts_.end(); ++part) {
    if (const auto type = parse_type(*part)) {
      parts_.erase(part);
      return type;
    }
  }
  return std::nullopt;
}

Type Modifiers::take_type() {
  const auto type = take_optional_type();
  if (!type) unknown();
  return *type;
}

void Modifiers::finish() const {
  if (!parts_.empty()) unknown();
}

void Modifiers::unknown() const {
  stop("PTX line " + std::to_string(statement_.line) + ": the instruction '" +
       std::string(statement_.opcode) + "' is not emulated");
}

const Operand& Assembler::operand(std::size_t i) const {
  if (i >= statement_->operands.size()) fail("an operand is missing");
  return statement_->operands[i];
}

void Assembler::expect_operands(std::size_t count) const {
  if (operand_count() != count) {
    fail("it has " + std::to_string(operand_count()) + " operands, not " + std::to_string(count));
  }
}

void Assembler::fail(const std::string& what) const {
  stop("PTX line " + std::to_string(statement_->line) + ", '" + std::string(statement_->text) +
       "': " + what);
}

Instruction& Assembler::emit(Handler handler, Control control) {
  Instruction instruction;
  instruction.run = handler;
  instruction.control = control;
  instruction.line = statement_->line;
  if (statement_->guard) {
    instruction.guard =
        expansion_->places[statement_->guard->index] | (statement_->guard->negated ? kNegated : 0);
  }
  program_.code.push_back(instruction);
  program_.text.push_back(statement_->text);
  return program_.code.back();
}

Instruction& Assembler::emit_reading(Handler handler, const std::vector<Type>& sources) {
  constexpr std::array<Ref Instruction::*, 4> kPlaces = {&Instruction::a, &Instruction::b,
                                                         &Instruction::c, &Instruction::d};
  Instruction& instruction = emit(handler);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    instruction.*kPlaces.at(i) = source(operand(i + 1), sources[i]);
  }
  return instruction;
}

Instruction& Assembler::emit_pure(Handler handler, Type result, const std::vector<Type>& sources) {
  expect_operands(sources.size() + 1);
  Instruction& instruction = emit_reading(handler, sources);
  instruction.dst = destination(operand(0), result);
  return instruction;
}

int Assembler::bits_of(const Operand& operand, Type type) const {
  if (operand.kind != Operand::Kind::kRegister) return type.bits;
  return expansion_->body->registers[operand.index].bits;
}

Ref Assembler::source(const Operand& operand, Type type, bool loose) {
  switch (operand.kind) {
    case Operand::Kind::kRegister: {
      const Type declared = expansion_->body->registers[operand.index];
      if (declared.bits != type.bits && !(loose && declared.bits > type.bits)) {
        fail("a register of " + std::to_string(declared.bits) + " bits is used as one of " +
             std::to_string(type.bits));
      }
      return expansion_->places[operand.index];
    }
    case Operand::Kind::kInteger:
      return constant(operand.bits, type.bits);
    case Operand::Kind::kFloat:
      if (operand.float_bits != type.bits) fail("the constant has the wrong width");
      return constant(operand.bits, type.bits);
    case Operand::Kind::kSpecial:
      return special(operand.name);
    default:
      fail("an operand of this kind is not emulated here");
  }
}

Ref Assembler::source_or_address(const Operand& operand, Type type) {
  if (operand.kind != Operand::Kind::kName) return source(operand, type);
  return constant(address_of(operand.name) + static_cast<std::uint64_t>(operand.offset), type.bits);
}

Ref Assembler::destination(const Operand& operand, Type type, bool loose) {
  if (operand.kind == Operand::Kind::kSink) return new_register(type.bits);
  if (operand.kind != Operand::Kind::kRegister) fail("the destination is no register");
  return source(operand, type, loose);
}

PredicateRef Assembler::predicate(const Operand& operand) {
  if (operand.kind == Operand::Kind::kInteger) return operand.bits != 0 ? kTrue : kFalse;
  if (operand.kind != Operand::Kind::kRegister ||
      !expansion_->body->registers[operand.index].is_predicate()) {
    fail("a predicate is expected");
  }
  return expansion_->places[operand.index] | (operand.negated ? kNegated : 0);
}

PredicateRef Assembler::predicate_destination(const Operand& operand) {
  if (operand.kind == Operand::Kind::kSink) return new_predicate();
  if (operand.kind != Operand::Kind::kRegister || operand.negated) {
    fail("the destination is no predicate");
  }
  return predicate(operand);
}

void Assembler::set_address(Instruction& instruction, const Operand& operand, Space space) {
  if (operand.kind != Operand::Kind::kAddress) fail("an address is expected");
  instruction.offset = operand.offset;
  if (!operand.items.empty() && operand.items[0].kind == Operand::Kind::kRegister) {
    instruction.wide_address = bits_of(operand.items[0], {}) == 64;
    instruction.a = expansion_->places[operand.items[0].index];
    return;
  }
  std::uint64_t base = 0;
  if (!operand.items.empty()) {
    Space own = Space::kGlobal;
    base = address_of(operand.items[0].name, &own);
    const bool is_generic = own == Space::kGlobal || own == Space::kConstant;
    if (own != space && !is_generic) fail("the variable is in another space");
  }
  instruction.a = constant(base, 64);
}

Ref Assembler::constant(std::uint64_t bits, int width) {
  if (width <= 32) bits &= width == 32 ? 0xffffffff : (1ULL << width) - 1;
  const auto [found, is_new] = constants_.try_emplace({bits, width <= 32 ? 32 : 64}, kNoRef);
  if (!is_new) return found->second;
  const auto slot = static_cast<Ref>(program_.constants.size() / 32);
  for (int lane = 0; lane < 32; ++lane) {
    program_.constants.push_back(static_cast<std::uint32_t>(bits));
    if (width > 32) program_.constants.push_back(static_cast<std::uint32_t>(bits >> 32));
  }
  program_.constants_valid.resize(program_.constants.size() / 32, ~0U);
  found->second = slot | kConstant;
  return found->second;
}

Ref Assembler::new_register(int bits) {
  const Ref ref = program_.slots;
  program_.slots += bits > 32 ? 2 : 1;
  return ref;
}

Ref Assembler::special(const std::string& name) {
  const auto known = specials_.find(name);
  if (known != specials_.end()) return known->second;
  for (const NamedSpecial& candidate : kSpecials) {
    if (candidate.name != name) continue;
    const Ref ref = new_register(32);
    program_.specials.emplace_back(candidate.special, ref);
    return specials_[name] = ref;
  }
  fail("the register " + name + " is not emulated");
}

std::shared_ptr<CallParameter> Assembler::call_parameter(const std::string& name) {
  const auto known = expansion_->parameters.find(name);
  if (known != expansion_->parameters.end()) return known->second;
  for (const Variable& variable : expansion_->body->variables) {
    if (variable.name != name || variable.space != Space::kParameter) continue;
    return expansion_->parameters[name] = std::make_shared<CallParameter>();
  }
  return nullptr;
}

const Variable* Assembler::find_variable(const std::string& name) const {
  for (const Variable& variable : expansion_->body->variables) {
    if (variable.name == name) return &variable;
  }
  const auto found = expansion_->module->variables.find(name);
  return found != expansion_->module->variables.end() ? &found->second : nullptr;
}

std::uint64_t Assembler::address_of(const std::string& name, Space* space) {
  if (expansion_->is_entry) {
    for (std::size_t i = 0; i < program_.parameters.size(); ++i) {
      if (program_.parameters[i].name != name) continue;
      if (space != nullptr) *space = Space::kParameter;
      return program_.parameter_offsets[i];
    }
  }
  const Variable* variable = find_variable(name);
  if (variable == nullptr) fail("the name " + name + " is not declared");
  if (space != nullptr) *space = variable->space;
  switch (variable->space) {
    case Space::kShared:
      return place_shared(*variable);
    case Space::kLocal:
      return place_local(*variable);
    case Space::kGlobal:
    case Space::kConstant:
      return variables_.at(name)->base;
    default:
      fail("the address of " + name + " cannot be taken");
  }
}

std::uint64_t Assembler::place_shared(const Variable& variable) {
  if (variable.is_extern) {
    program_.uses_dynamic_shared = true;
    return kDynamicSharedOffset;
  }
  const auto [found, is_new] = shared_.try_emplace(variable.name, 0);
  if (is_new) {
    found->second = aligned(next_shared_, std::max<std::size_t>(variable.alignment, 16));
    next_shared_ = found->second + variable.bytes + kGapBytes;
    program_.shared.push_back({demangled(variable.name), found->second, variable.bytes});
    program_.shared_bytes = aligned(program_.shared_bytes, variable.alignment) + variable.bytes;
  }
  return found->second;
}

std::uint64_t Assembler::place_local(const Variable& variable) {
  const auto [found, is_new] = expansion_->local.try_emplace(variable.name, 0);
  if (is_new) {
    found->second = aligned(kLocalOffset + program_.local_bytes, 16);
    program_.local_bytes = found->second - kLocalOffset + variable.bytes;
  }
  return found->second;
}

}  // namespace gpu_emulator
