// Turns a kernel's syntax into a program. Calls are expanded in place, so a program has no stack.
#include <algorithm>
#include <string>
#include <utility>

#include "machine/assembler.h"
#include "ptx/names.h"
#include "ptx/parser.h"
#include "ptx/stop.h"

namespace gpu_emulator {
namespace {

const SelectorTable& selectors() {
  static const SelectorTable table = [] {
    SelectorTable all;
    add_integer_selectors(all);
    add_bit_selectors(all);
    add_carry_selectors(all);
    add_float_selectors(all);
    add_approximation_selectors(all);
    add_arithmetic_selectors(all);
    add_comparison_selectors(all);
    add_conversion_selectors(all);
    add_move_selectors(all);
    add_memory_selectors(all);
    add_atomic_selectors(all);
    add_warp_selectors(all);
    return all;
  }();
  return table;
}

class Compiler {
 public:
  Compiler(const Module& module, const ModuleVariables& variables, Program& program)
      : module_(module), program_(program), assembler_(program, variables) {}

  void compile_entry(const Function& entry) {
    std::size_t offset = 0;
    for (const Variable& parameter : entry.parameters) {
      offset = (offset + parameter.alignment - 1) / parameter.alignment * parameter.alignment;
      program_.parameters.push_back(parameter);
      program_.parameter_offsets.push_back(offset);
      offset += parameter.bytes;
    }
    program_.parameter_bytes = offset;
    Expansion expansion;
    expand(entry, expansion);
  }

 private:
  struct Fixup {
    std::size_t instruction;
    std::string label;
  };

  /// Appends the function's instructions; labels are resolved at its end.
  void expand(const Function& function, Expansion& expansion) {
    if (std::find(active_.begin(), active_.end(), function.name) != active_.end()) {
      stop("the function " + function.name + " calls itself, which is not emulated");
    }
    active_.push_back(function.name);
    const Body body = parse_body(module_, function);
    expansion.module = &module_;
    expansion.body = &body;
    for (const Type& type : body.registers) {
      expansion.places.push_back(type.is_predicate() ? assembler_.new_predicate()
                                                     : assembler_.new_register(type.bits));
    }
    std::vector<std::uint32_t> starts(body.statements.size() + 1);
    std::vector<Fixup> fixups;
    std::vector<Fixup> list_fixups;
    for (std::size_t i = 0; i < body.statements.size(); ++i) {
      starts[i] = static_cast<std::uint32_t>(program_.code.size());
      assembler_.begin(body.statements[i], expansion);
      translate(body.statements[i], expansion, fixups, list_fixups);
    }
    const auto end = static_cast<std::uint32_t>(program_.code.size());
    starts.back() = end;
    const auto place_of = [&](const std::string& label) {
      if (label.empty()) return end;
      const auto found = body.labels.find(label);
      if (found == body.labels.end()) stop("the label " + label + " is not defined");
      return starts[found->second];
    };
    for (const Fixup& fixup : fixups)
      program_.code[fixup.instruction].target = place_of(fixup.label);
    for (const Fixup& fixup : list_fixups) {
      const auto targets = body.branch_targets.find(fixup.label);
      if (targets == body.branch_targets.end()) stop("the list " + fixup.label + " is not defined");
      program_.code[fixup.instruction].target =
          static_cast<std::uint32_t>(program_.branch_lists.size());
      program_.branch_lists.emplace_back();
      for (const std::string& label : targets->second) {
        program_.branch_lists.back().push_back(place_of(label));
      }
    }
    active_.pop_back();
  }

  void translate(const Statement& statement, Expansion& expansion, std::vector<Fixup>& fixups,
                 std::vector<Fixup>& list_fixups) {
    Modifiers modifiers(statement);
    const std::string& root = modifiers.root();
    if (root == "bra") {
      modifiers.take("uni");
      modifiers.finish();
      fixups.push_back({program_.code.size(), assembler_.operand(0).name});
      assembler_.emit(nullptr, Control::kBranch);
    } else if (root == "brx") {
      if (!modifiers.take("idx")) modifiers.unknown();
      modifiers.take("uni");
      modifiers.finish();
      list_fixups.push_back({program_.code.size(), assembler_.operand(1).name});
      const Ref index = assembler_.source(assembler_.operand(0), {TypeKind::kUnsigned, 32});
      assembler_.emit(nullptr, Control::kIndexedBranch).a = index;
    } else if (root == "call") {
      modifiers.take("uni");
      modifiers.finish();
      call(statement, expansion);
    } else if (root == "exit" || root == "ret") {
      modifiers.take("uni");
      modifiers.finish();
      if (root == "exit" || expansion.is_entry) {
        assembler_.emit(nullptr, Control::kExit);
      } else {
        fixups.push_back({program_.code.size(), ""});
        assembler_.emit(nullptr, Control::kBranch);
      }
    } else {
      const auto selector = selectors().find(root);
      if (selector == selectors().end()) modifiers.unknown();
      selector->second(assembler_, modifiers);
    }
  }

  void call(const Statement& statement, Expansion& caller) {
    if (statement.guard) assembler_.fail("a call under a guard is not emulated");
    const auto& operands = statement.operands;
    const bool has_result = !operands.empty() && operands[0].kind == Operand::Kind::kList;
    const Operand& name = assembler_.operand(has_result ? 1 : 0);
    const auto callee = module_.functions.find(name.name);
    if (name.kind != Operand::Kind::kName || callee == module_.functions.end()) {
      assembler_.fail("a call of something that is not a function of the module is not emulated");
    }
    const std::size_t arguments = has_result ? 2 : 1;
    Expansion expansion;
    expansion.is_entry = false;
    if (has_result) bind(callee->second.results, operands[0], expansion);
    if (operands.size() > arguments) {
      bind(callee->second.parameters, operands[arguments], expansion);
    }
    expand(callee->second, expansion);
    assembler_.begin(statement, caller);
  }

  /// Gives the callee's parameters the caller's values.
  void bind(const std::vector<Variable>& parameters, const Operand& list, Expansion& callee) {
    if (list.items.size() != parameters.size()) assembler_.fail("it has other parameters");
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const auto parameter = assembler_.call_parameter(list.items[i].name);
      if (parameter == nullptr) assembler_.fail("an argument is no .param variable");
      callee.parameters[parameters[i].name] = parameter;
    }
  }

  const Module& module_;
  Program& program_;
  Assembler assembler_;
  std::vector<std::string> active_;  // functions being expanded
};

}  // namespace

std::unique_ptr<Program> compile(const Module& module, const Function& entry,
                                 const ModuleVariables& variables) {
  auto program = std::make_unique<Program>();
  program->name = demangled(entry.name);
  program->max_threads = entry.max_threads;
  Compiler(module, variables, *program).compile_entry(entry);
  return program;
}

}  // namespace gpu_emulator
