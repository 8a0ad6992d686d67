// Reads declarations of variables.
#include "ptx/declarations.h"

#include <algorithm>
#include <cstring>

#include "ptx/stop.h"

namespace gpu_emulator {
namespace {

/// A number of an initial value as the bytes of one element.
std::uint64_t initial_element(Lexer& lexer) {
  const bool negative = lexer.accept("-");
  const Token token = lexer.next();
  if (token.kind != TokenKind::kNumber) {
    stop("PTX line " + std::to_string(token.line) + ": the initial value '" +
         std::string(token.text) + "' is not a number");
  }
  const bool hexadecimal_float = token.text.starts_with("0f") || token.text.starts_with("0d") ||
                                 token.text.starts_with("0F") || token.text.starts_with("0D");
  const std::uint64_t value = hexadecimal_float
                                  ? std::stoull(std::string(token.text.substr(2)), nullptr, 16)
                                  : integer_value(token.text);
  return negative ? 0 - value : value;
}

void parse_initial(Lexer& lexer, std::size_t element_bytes, Variable& variable) {
  const bool is_list = lexer.accept("{");
  do {
    const std::uint64_t value = initial_element(lexer);
    const std::size_t at = variable.initial.size();
    variable.initial.resize(at + element_bytes);
    std::memcpy(variable.initial.data() + at, &value, element_bytes);
  } while (is_list && lexer.accept(","));
  if (is_list) lexer.expect("}");
}

}  // namespace

Variable parse_variable(Lexer& lexer, Space space) {
  Variable variable;
  variable.space = space;
  std::size_t element_bytes = 0;
  std::size_t vector = 1;
  bool is_pointer = false;
  while (lexer.peek().text.starts_with('.')) {
    const std::string word = lexer.expect_word();
    if (word == ".align") {
      const std::uint64_t alignment = lexer.expect_integer();
      if (!is_pointer) variable.alignment = alignment;
    } else if (word == ".v2" || word == ".v4") {
      vector = word == ".v2" ? 2 : 4;
    } else if (word == ".ptr") {
      is_pointer = true;  // what follows is about what it points to
    } else if (word == ".global" || word == ".const" || word == ".shared" || word == ".local") {
      // Where a parameter points; the checks of each access find that out themselves.
    } else if (const auto type = parse_type(std::string_view(word).substr(1))) {
      element_bytes = static_cast<std::size_t>(type->bytes());
      variable.alignment = std::max(variable.alignment, element_bytes);
    } else {
      lexer.fail("the declaration '" + word + "' is not known to the emulator");
    }
  }
  if (element_bytes == 0) lexer.fail("a type is expected");
  element_bytes *= vector;
  variable.name = lexer.expect_word();
  std::size_t count = 1;
  while (lexer.accept("[")) {
    count *= lexer.peek().is("]") ? 0 : lexer.expect_integer();
    lexer.expect("]");
  }
  if (lexer.accept("=")) parse_initial(lexer, element_bytes / vector, variable);
  variable.bytes = count == 0 ? variable.initial.size() : element_bytes * count;
  return variable;
}

}  // namespace gpu_emulator
