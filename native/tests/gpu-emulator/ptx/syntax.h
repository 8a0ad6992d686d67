// What a PTX module says, as the parser hands it to the machine: variables, functions, statements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ptx/lexer.h"
#include "ptx/type.h"

namespace gpu_emulator {

enum class Space { kGeneric, kGlobal, kConstant, kShared, kLocal, kParameter };

struct Variable {
  std::string name;
  Space space = Space::kGlobal;
  std::size_t alignment = 1;
  std::size_t bytes = 0;
  std::vector<std::uint8_t> initial;  ///< shorter than `bytes`: the rest is zero
  bool is_extern = false;             ///< shared memory whose size the launch decides
};

struct Operand {
  enum class Kind {
    kRegister,  ///< `index`
    kSpecial,   ///< `name`: %tid.x, …
    kInteger,   ///< `bits`, sign-extended
    kFloat,     ///< `bits` of a 32- or 64-bit number, as `float_bits` says
    kName,      ///< `name` + `offset`: a variable, a label or a function
    kAddress,   ///< [items[0] + offset], or [offset] without items
    kVector,    ///< {items}
    kPair,      ///< items[0] | items[1]
    kList,      ///< (items)
    kSink,      ///< _
  };

  Kind kind = Kind::kSink;
  bool negated = false;  ///< !%p
  std::uint32_t index = 0;
  std::uint64_t bits = 0;
  int float_bits = 0;
  std::string name;
  std::int64_t offset = 0;
  std::vector<Operand> items;
};

struct Guard {
  std::uint32_t index = 0;  ///< of the predicate register
  bool negated = false;
};

struct Statement {
  std::string_view opcode;  ///< with its modifiers: "ld.global.nc.f32"
  std::optional<Guard> guard;
  std::vector<Operand> operands;
  std::uint32_t line = 0;
  std::string_view text;  ///< the whole statement, for messages
};

/// The inside of a function.
struct Body {
  std::vector<Type> registers;
  std::vector<Variable> variables;  ///< .local, .shared and the .param of calls; names are unique
  std::vector<Statement> statements;
  std::unordered_map<std::string, std::size_t> labels;  ///< index of the statement behind it
  std::unordered_map<std::string, std::vector<std::string>> branch_targets;
};

struct Function {
  std::string name;
  bool is_entry = false;
  std::vector<Variable> results;
  std::vector<Variable> parameters;
  std::uint32_t max_threads = 0;  ///< of .maxntid, 0: none
  TextPosition body;              ///< of its opening brace
};

struct Module {
  std::string text;
  int target = 0;  ///< 75 for sm_75
  std::unordered_map<std::string, Function> functions;
  std::unordered_map<std::string, Variable> variables;
};

}  // namespace gpu_emulator
