// Splits PTX into words, numbers, strings and punctuation. A word keeps its dots: "ld.global.f32".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gpu_emulator {

enum class TokenKind { kWord, kNumber, kString, kPunctuation, kEnd };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;
  std::uint32_t line = 0;

  [[nodiscard]] bool is(std::string_view wanted) const { return text == wanted; }
};

/// A place in a module's text from which reading can go on.
struct TextPosition {
  std::size_t offset = 0;
  std::uint32_t line = 1;
};

class Lexer {
 public:
  explicit Lexer(std::string_view text, TextPosition start = {});

  [[nodiscard]] const Token& peek() const { return token_; }
  Token next();

  /// Takes the token if it is `text`.
  bool accept(std::string_view text);
  void expect(std::string_view text);
  std::string expect_word();
  std::uint64_t expect_integer();

  /// Where the next token begins.
  [[nodiscard]] TextPosition position() const { return start_; }
  /// The opening brace is the next token: goes behind its partner without splitting what is within.
  void skip_braces();

  [[noreturn]] void fail(const std::string& what) const;

 private:
  void advance();
  void skip_blanks();

  std::string_view text_;
  TextPosition start_;   // of token_
  TextPosition behind_;  // behind token_
  Token token_;
};

/// The value of an integer token: decimal, hexadecimal, octal or binary, with or without U.
[[nodiscard]] std::uint64_t integer_value(std::string_view text);

}  // namespace gpu_emulator
