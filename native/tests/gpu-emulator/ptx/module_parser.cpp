// Reads a module's outside: version, target, variables and the heads of functions.
#include <utility>

#include "ptx/declarations.h"
#include "ptx/parser.h"
#include "ptx/stop.h"

namespace gpu_emulator {
namespace {

class ModuleParser {
 public:
  explicit ModuleParser(Module& module) : module_(module), lexer_(module.text) {}

  void parse() {
    while (lexer_.peek().kind != TokenKind::kEnd) parse_directive();
  }

 private:
  void parse_directive() {
    const std::string word = lexer_.expect_word();
    if (word == ".version") {
      lexer_.next();
      // "9.0" is two tokens: a number, and a word that begins with a dot.
      lexer_.next();
    } else if (word == ".target") {
      parse_target();
    } else if (word == ".address_size") {
      if (lexer_.expect_integer() != 64) lexer_.fail("only 64-bit addresses are emulated");
    } else if (word == ".visible" || word == ".weak" || word == ".common") {
      // Linkage: a module is complete in itself.
    } else if (word == ".extern") {
      is_extern_ = true;
    } else if (word == ".global" || word == ".const" || word == ".shared") {
      parse_module_variable(word);
    } else if (word == ".entry" || word == ".func") {
      parse_function(word == ".entry");
    } else if (word == ".file") {
      skip_line();
    } else {
      lexer_.fail("the directive '" + word + "' is not known to the emulator");
    }
  }

  void parse_target() {
    const std::string name = lexer_.expect_word();
    std::size_t used = 0;
    if (!name.starts_with("sm_")) lexer_.fail("a target like sm_75 is expected, not " + name);
    module_.target = std::stoi(name.substr(3), &used);
    while (lexer_.accept(",")) lexer_.next();
  }

  void parse_module_variable(const std::string& word) {
    const Space space = word == ".global"  ? Space::kGlobal
                        : word == ".const" ? Space::kConstant
                                           : Space::kShared;
    Variable variable = parse_variable(lexer_, space);
    lexer_.expect(";");
    variable.is_extern = std::exchange(is_extern_, false);
    module_.variables[variable.name] = std::move(variable);
  }

  std::vector<Variable> parse_parameters() {
    std::vector<Variable> parameters;
    if (!lexer_.accept("(")) return parameters;
    while (!lexer_.accept(")")) {
      lexer_.expect(".param");
      parameters.push_back(parse_variable(lexer_, Space::kParameter));
      lexer_.accept(",");
    }
    return parameters;
  }

  void parse_function(bool is_entry) {
    is_extern_ = false;
    Function function;
    function.is_entry = is_entry;
    if (!is_entry) function.results = parse_parameters();
    function.name = lexer_.expect_word();
    function.parameters = parse_parameters();
    while (lexer_.peek().text.starts_with('.')) parse_performance_directive(function);
    if (lexer_.accept(";")) return;  // a declaration; its definition follows
    function.body = lexer_.position();
    lexer_.skip_braces();
    module_.functions[function.name] = std::move(function);
  }

  void parse_performance_directive(Function& function) {
    const std::string word = lexer_.expect_word();
    if (word == ".noreturn") return;
    const bool is_thread_limit = word == ".maxntid" || word == ".reqntid";
    if (!is_thread_limit && word != ".minnctapersm" && word != ".maxnreg") {
      lexer_.fail("the directive '" + word + "' is not known to the emulator");
    }
    std::uint64_t product = 1;
    do {
      product *= lexer_.expect_integer();
    } while (lexer_.accept(","));
    if (is_thread_limit) function.max_threads = static_cast<std::uint32_t>(product);
  }

  void skip_line() {
    const std::uint32_t line = lexer_.peek().line;
    while (lexer_.peek().kind != TokenKind::kEnd && lexer_.peek().line == line) lexer_.next();
  }

  Module& module_;
  Lexer lexer_;
  bool is_extern_ = false;
};

}  // namespace

std::unique_ptr<Module> parse_module(std::string text) {
  auto module = std::make_unique<Module>();
  module->text = std::move(text);
  ModuleParser(*module).parse();
  return module;
}

}  // namespace gpu_emulator
