// Reads a function's body. Names of registers are resolved here; scopes disappear by renaming.
#include <unordered_map>
#include <utility>
#include <vector>

#include "ptx/declarations.h"
#include "ptx/parser.h"
#include "ptx/stop.h"

namespace gpu_emulator {
namespace {

class BodyParser {
 public:
  BodyParser(const Module& module, const Function& function)
      : text_(module.text), lexer_(module.text, function.body) {}

  Body parse() {
    parse_block();
    return std::move(body_);
  }

 private:
  struct Scope {
    std::unordered_map<std::string, std::uint32_t> registers;
    std::unordered_map<std::string, std::string> variables;  // name → unique name
  };

  void parse_block() {
    lexer_.expect("{");
    scopes_.emplace_back();
    while (!lexer_.accept("}")) parse_line();
    scopes_.pop_back();
  }

  void parse_line() {
    const Token& token = lexer_.peek();
    if (token.is("{")) {
      parse_block();
    } else if (token.text.starts_with('.')) {
      parse_directive();
    } else if (token.is("@") || !parse_label()) {
      parse_statement();
    }
  }

  /// A label is a name before a colon; the name of an instruction never is.
  bool parse_label() {
    const Token name = lexer_.peek();
    const std::size_t behind =
        static_cast<std::size_t>(name.text.data() - text_.data()) + name.text.size();
    if (name.kind != TokenKind::kWord || text_.substr(behind, 1) != ":") return false;
    lexer_.next();
    lexer_.expect(":");
    if (lexer_.accept(".branchtargets")) {
      std::vector<std::string>& targets = body_.branch_targets[std::string(name.text)];
      do {
        targets.push_back(lexer_.expect_word());
      } while (lexer_.accept(","));
      lexer_.expect(";");
    } else {
      body_.labels[std::string(name.text)] = body_.statements.size();
    }
    return true;
  }

  void parse_directive() {
    const std::string word = lexer_.expect_word();
    if (word == ".reg") {
      parse_registers();
    } else if (word == ".local" || word == ".shared" || word == ".param") {
      parse_body_variable(word);
    } else if (word == ".pragma") {
      lexer_.next();
      lexer_.expect(";");
    } else if (word == ".loc") {
      const std::uint32_t line = lexer_.peek().line;
      while (lexer_.peek().line == line) lexer_.next();
    } else {
      lexer_.fail("the directive '" + word + "' is not known to the emulator");
    }
  }

  void parse_registers() {
    const std::string word = lexer_.expect_word();
    const auto type = parse_type(std::string_view(word).substr(1));
    if (!type) lexer_.fail("registers of type '" + word + "' are not emulated");
    do {
      const std::string name = lexer_.expect_word();
      if (lexer_.accept("<")) {
        const std::uint64_t count = lexer_.expect_integer();
        lexer_.expect(">");
        for (std::uint64_t i = 0; i < count; ++i) add_register(name + std::to_string(i), *type);
      } else {
        add_register(name, *type);
      }
    } while (lexer_.accept(","));
    lexer_.expect(";");
  }

  void add_register(const std::string& name, Type type) {
    scopes_.back().registers[name] = static_cast<std::uint32_t>(body_.registers.size());
    body_.registers.push_back(type);
  }

  void parse_body_variable(const std::string& word) {
    const Space space = word == ".local"    ? Space::kLocal
                        : word == ".shared" ? Space::kShared
                                            : Space::kParameter;
    Variable variable = parse_variable(lexer_, space);
    lexer_.expect(";");
    const std::string name = variable.name;
    if (scopes_.size() > 1) variable.name += "#" + std::to_string(body_.variables.size());
    scopes_.back().variables[name] = variable.name;
    body_.variables.push_back(std::move(variable));
  }

  void parse_statement() {
    Statement statement;
    const std::size_t begin = lexer_.position().offset;
    statement.line = lexer_.peek().line;
    if (lexer_.accept("@")) {
      Guard guard;
      guard.negated = lexer_.accept("!");
      guard.index = find_register(lexer_.expect_word());
      statement.guard = guard;
    }
    if (lexer_.peek().kind != TokenKind::kWord) lexer_.fail("an instruction is expected");
    statement.opcode = lexer_.next().text;
    while (!lexer_.peek().is(";")) {
      statement.operands.push_back(parse_operand());
      if (lexer_.accept("|")) {
        Operand pair;
        pair.kind = Operand::Kind::kPair;
        pair.items.push_back(std::move(statement.operands.back()));
        pair.items.push_back(parse_operand());
        statement.operands.back() = std::move(pair);
      }
      if (!lexer_.peek().is(";")) lexer_.expect(",");
    }
    statement.text = text_.substr(begin, lexer_.position().offset - begin);
    lexer_.expect(";");
    body_.statements.push_back(std::move(statement));
  }

  Operand parse_operand() {
    Operand operand;
    if (lexer_.accept("[")) {
      operand = parse_address();
    } else if (lexer_.accept("{")) {
      operand.kind = Operand::Kind::kVector;
      parse_items("}", operand);
    } else if (lexer_.accept("(")) {
      operand.kind = Operand::Kind::kList;
      parse_items(")", operand);
    } else if (lexer_.accept("!")) {
      operand = parse_operand();
      operand.negated = true;
    } else if (lexer_.peek().kind == TokenKind::kNumber || lexer_.peek().is("-")) {
      operand = parse_number();
    } else {
      operand = parse_name(lexer_.expect_word());
      if (operand.kind == Operand::Kind::kName && lexer_.accept("+")) {
        operand.offset = static_cast<std::int64_t>(lexer_.expect_integer());
      }
    }
    return operand;
  }

  void parse_items(std::string_view end, Operand& operand) {
    while (!lexer_.accept(end)) {
      operand.items.push_back(parse_operand());
      lexer_.accept(",");
    }
  }

  Operand parse_address() {
    Operand address;
    address.kind = Operand::Kind::kAddress;
    if (lexer_.peek().kind == TokenKind::kWord) {
      address.items.push_back(parse_name(lexer_.expect_word()));
    }
    while (!lexer_.accept("]")) {
      lexer_.accept("+");
      const Operand offset = parse_number();
      address.offset += static_cast<std::int64_t>(offset.bits);
    }
    return address;
  }

  Operand parse_number() {
    Operand operand;
    const bool negative = lexer_.accept("-");
    const Token token = lexer_.next();
    if (token.kind != TokenKind::kNumber) lexer_.fail("a number is expected");
    const std::string_view prefix = token.text.substr(0, 2);
    if (prefix == "0f" || prefix == "0F" || prefix == "0d" || prefix == "0D") {
      operand.kind = Operand::Kind::kFloat;
      operand.float_bits = prefix[1] == 'f' || prefix[1] == 'F' ? 32 : 64;
      operand.bits = std::stoull(std::string(token.text.substr(2)), nullptr, 16);
    } else {
      operand.kind = Operand::Kind::kInteger;
      operand.bits = integer_value(token.text);
      if (negative) operand.bits = 0 - operand.bits;
    }
    return operand;
  }

  Operand parse_name(const std::string& name) {
    Operand operand;
    if (name == "_") return operand;
    if (const auto found = lookup_register(name)) {
      operand.kind = Operand::Kind::kRegister;
      operand.index = *found;
      return operand;
    }
    operand.kind = name.starts_with('%') ? Operand::Kind::kSpecial : Operand::Kind::kName;
    operand.name = unique_name(name);
    return operand;
  }

  std::string unique_name(const std::string& name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      const auto found = scope->variables.find(name);
      if (found != scope->variables.end()) return found->second;
    }
    return name;
  }

  std::optional<std::uint32_t> lookup_register(const std::string& name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      const auto found = scope->registers.find(name);
      if (found != scope->registers.end()) return found->second;
    }
    return std::nullopt;
  }

  std::uint32_t find_register(const std::string& name) const {
    const auto found = lookup_register(name);
    if (!found) lexer_.fail("the register " + name + " is not declared");
    return *found;
  }

  std::string_view text_;
  Lexer lexer_;
  Body body_;
  std::vector<Scope> scopes_;
};

}  // namespace

Body parse_body(const Module& module, const Function& function) {
  return BodyParser(module, function).parse();
}

}  // namespace gpu_emulator
