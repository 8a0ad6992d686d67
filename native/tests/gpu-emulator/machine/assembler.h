// What the selection of instructions works with: a statement's modifiers, and the places of its
// operands. Whatever is not asked for, or not there, stops the emulator by name.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "machine/program.h"
#include "ptx/syntax.h"

namespace gpu_emulator {

/// The dotted parts of an opcode behind the first. Each must be taken before finish().
class Modifiers {
 public:
  explicit Modifiers(const Statement& statement);

  [[nodiscard]] const std::string& root() const { return root_; }
  bool take(std::string_view name);
  /// Takes the first that names a type.
  Type take_type();
  std::optional<Type> take_optional_type();
  /// Stops if something was not taken.
  void finish() const;
  [[noreturn]] void unknown() const;

 private:
  const Statement& statement_;
  std::string root_;
  std::vector<std::string> parts_;
};

/// Values handed over in a call: one register for each offset and width.
struct CallParameter {
  struct Piece {
    Ref ref;
    int bits;
  };
  std::map<std::int64_t, Piece> pieces;
};

/// A function body that is being expanded: its registers, labels and parameters.
struct Expansion {
  const Module* module = nullptr;
  const Body* body = nullptr;
  std::vector<std::uint32_t> places;  ///< of registers: a Ref, or a PredicateRef
  std::unordered_map<std::string, std::shared_ptr<CallParameter>> parameters;
  std::unordered_map<std::string, std::uint64_t> local;
  bool is_entry = true;
};

class Assembler {
 public:
  Assembler(Program& program, const ModuleVariables& variables)
      : program_(program), variables_(variables) {}

  /// The statement and the expansion that the next calls are about.
  void begin(const Statement& statement, Expansion& expansion) {
    statement_ = &statement;
    expansion_ = &expansion;
  }

  [[nodiscard]] const Statement& statement() const { return *statement_; }
  [[nodiscard]] Expansion& expansion() { return *expansion_; }
  [[nodiscard]] const Operand& operand(std::size_t i) const;
  [[nodiscard]] std::size_t operand_count() const { return statement_->operands.size(); }
  void expect_operands(std::size_t count) const;

  /// Appends an instruction with the statement's guard.
  Instruction& emit(Handler handler, Control control = Control::kPlain);
  /// The same, with the statement's operands 1, 2, … of these types as a, b, c, d.
  Instruction& emit_reading(Handler handler, const std::vector<Type>& sources);
  /// The same for a statement that has only those operands, and operand 0 as its destination.
  Instruction& emit_pure(Handler handler, Type result, const std::vector<Type>& sources);

  /// The bits of the register's declared type, or of the constant as `type`.
  [[nodiscard]] int bits_of(const Operand& operand, Type type) const;
  /// `loose`: the register may be wider than the type, as ld, st and cvt allow.
  Ref source(const Operand& operand, Type type, bool loose = false);
  /// As source(), where the name of a variable stands for its address.
  Ref source_or_address(const Operand& operand, Type type);
  Ref destination(const Operand& operand, Type type, bool loose = false);
  PredicateRef predicate(const Operand& operand);
  PredicateRef predicate_destination(const Operand& operand);

  /// Sets the instruction's address register and offset; `space` is the instruction's.
  void set_address(Instruction& instruction, const Operand& operand, Space space);

  Ref constant(std::uint64_t bits, int width);
  Ref new_register(int bits);
  PredicateRef new_predicate() { return program_.predicates++; }
  /// A 32-bit special register.
  Ref special(const std::string& name);
  /// The address of a variable in its own space (of .global and .const: the generic address).
  std::uint64_t address_of(const std::string& name, Space* space = nullptr);
  /// The parameter of a call, or null: then the name is the kernel's own parameter.
  std::shared_ptr<CallParameter> call_parameter(const std::string& name);

  [[nodiscard]] Program& program() { return program_; }
  [[noreturn]] void fail(const std::string& what) const;

 private:
  std::uint64_t place_shared(const Variable& variable);
  std::uint64_t place_local(const Variable& variable);
  [[nodiscard]] const Variable* find_variable(const std::string& name) const;

  Program& program_;
  const ModuleVariables& variables_;
  const Statement* statement_ = nullptr;
  Expansion* expansion_ = nullptr;
  std::map<std::pair<std::uint64_t, int>, Ref> constants_;
  std::map<std::string, Ref> specials_;
  std::unordered_map<std::string, std::uint64_t> shared_;
  std::uint64_t next_shared_ = kStaticSharedOffset;
};

using Selector = void (*)(Assembler& assembler, Modifiers& modifiers);
using SelectorTable = std::unordered_map<std::string_view, Selector>;

void add_integer_selectors(SelectorTable& table);
void add_bit_selectors(SelectorTable& table);
void add_carry_selectors(SelectorTable& table);
void add_float_selectors(SelectorTable& table);
void add_approximation_selectors(SelectorTable& table);
void add_arithmetic_selectors(SelectorTable& table);
void add_comparison_selectors(SelectorTable& table);
void add_conversion_selectors(SelectorTable& table);
void add_move_selectors(SelectorTable& table);
void add_memory_selectors(SelectorTable& table);
void add_atomic_selectors(SelectorTable& table);
void add_warp_selectors(SelectorTable& table);

}  // namespace gpu_emulator
