// Splits PTX into tokens.
#include "ptx/lexer.h"

#include <cctype>

#include "ptx/stop.h"

namespace gpu_emulator {
namespace {

bool starts_word(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || c == '%' ||
         c == '.';
}

bool continues_word(char c) {
  return starts_word(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
}

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

}  // namespace

Lexer::Lexer(std::string_view text, TextPosition start)
    : text_(text), start_(start), behind_(start) {
  advance();
}

Token Lexer::next() {
  const Token token = token_;
  advance();
  return token;
}

bool Lexer::accept(std::string_view text) {
  if (token_.kind == TokenKind::kEnd || token_.text != text) return false;
  advance();
  return true;
}

void Lexer::expect(std::string_view text) {
  if (!accept(text)) fail("'" + std::string(text) + "' is expected");
}

std::string Lexer::expect_word() {
  if (token_.kind != TokenKind::kWord) fail("a name is expected");
  return std::string(next().text);
}

std::uint64_t Lexer::expect_integer() {
  if (token_.kind != TokenKind::kNumber) fail("an integer is expected");
  return integer_value(next().text);
}

void Lexer::skip_braces() {
  if (!token_.is("{")) fail("'{' is expected");
  int depth = 1;
  std::size_t at = behind_.offset;
  while (at < text_.size() && depth > 0) {
    const char c = text_[at++];
    if (c == '\n') ++behind_.line;
    if (c == '{') ++depth;
    if (c == '}') --depth;
  }
  behind_.offset = at;
  advance();
}

void Lexer::fail(const std::string& what) const {
  stop("PTX line " + std::to_string(token_.line) + ": " + what + ", found '" +
       std::string(token_.text) + "'");
}

void Lexer::skip_blanks() {
  std::size_t& at = behind_.offset;
  while (at < text_.size()) {
    const char c = text_[at];
    if (c == '\n') {
      ++behind_.line;
      ++at;
    } else if (std::isspace(static_cast<unsigned char>(c)) != 0 || c == '\0') {
      ++at;
    } else if (text_.substr(at, 2) == "//") {
      while (at < text_.size() && text_[at] != '\n') ++at;
    } else if (text_.substr(at, 2) == "/*") {
      while (at < text_.size() && text_.substr(at, 2) != "*/") {
        if (text_[at++] == '\n') ++behind_.line;
      }
      at += 2;
    } else {
      return;
    }
  }
}

void Lexer::advance() {
  skip_blanks();
  start_ = behind_;
  const std::size_t begin = start_.offset;
  std::size_t& at = behind_.offset;
  TokenKind kind = TokenKind::kEnd;
  if (begin < text_.size()) {
    const char c = text_[at++];
    if (starts_word(c)) {
      kind = TokenKind::kWord;
      // Two colons belong to a word (L2::128B), one ends a label.
      while (at < text_.size() && (continues_word(text_[at]) || text_.substr(at, 2) == "::" ||
                                   (text_[at] == ':' && text_[at - 1] == ':'))) {
        ++at;
      }
    } else if (is_digit(c)) {
      kind = TokenKind::kNumber;
      while (at < text_.size() && std::isalnum(static_cast<unsigned char>(text_[at])) != 0) ++at;
    } else if (c == '"') {
      kind = TokenKind::kString;
      while (at < text_.size() && text_[at] != '"') ++at;
      ++at;
    } else {
      kind = TokenKind::kPunctuation;
    }
  }
  token_ = {kind, text_.substr(begin, at - begin), start_.line};
}

std::uint64_t integer_value(std::string_view text) {
  if (!text.empty() && text.back() == 'U') text.remove_suffix(1);
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    const char letter = text[1];
    base = letter == 'x' || letter == 'X' ? 16 : letter == 'b' || letter == 'B' ? 2 : 8;
    text.remove_prefix(base == 8 ? 1 : 2);
  }
  std::size_t used = 0;
  const std::uint64_t value = std::stoull(std::string(text), &used, base);
  if (used != text.size()) stop("'" + std::string(text) + "' is no integer");
  return value;
}

}  // namespace gpu_emulator
