// Argument checks, each with a sentence that names the value and what is allowed.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "core/error.h"

namespace groklab::abi {

/// Text of a number for a message.
std::string text(double value);
inline std::string text(std::int64_t value) { return std::to_string(value); }

[[noreturn]] void invalid(const std::string& message);

template <class P>
void check_not_null(const P* pointer, std::string_view name) {
  if (pointer == nullptr) invalid(std::string(name) + " is null");
}

inline void check_range(std::int64_t value, std::int64_t least, std::int64_t most,
                        std::string_view name) {
  if (value < least || value > most) {
    invalid(std::string(name) + " is " + text(value) + "; allowed are " + text(least) + " to " +
            text(most));
  }
}

/// least ≤ value < bound, and a number.
void check_interval(double value, double least, double bound, std::string_view name);

/// value ≥ 0 and finite.
void check_not_negative(double value, std::string_view name);

/// a · b, refused where it goes beyond `most`.
std::int64_t checked_product(std::int64_t a, std::int64_t b, std::int64_t most,
                             std::string_view what);

/// A copy of a caller's struct. Fields that its struct_size does not reach read as zero.
template <class S>
S read_struct(const S* from, std::string_view name) {
  check_not_null(from, name);
  std::uint32_t size = 0;
  std::memcpy(&size, from, sizeof size);
  if (size < sizeof size || size > sizeof(S)) {
    invalid(std::string(name) + ".struct_size is " + std::to_string(size) + "; allowed are " +
            std::to_string(sizeof size) + " to " + std::to_string(sizeof(S)));
  }
  S copy{};
  std::memcpy(static_cast<void*>(&copy), from, size);
  return copy;
}

/// Writes a result struct into the caller's, as far as its struct_size reaches.
template <class S>
void write_struct(S* to, S value, std::string_view name) {
  const std::uint32_t size = read_struct(to, name).struct_size;
  value.struct_size = size;
  std::memcpy(static_cast<void*>(to), &value, size);
}

/// Copies text into a field of a struct, cut to its size and ended by a zero.
template <std::size_t N>
void copy_text(char (&to)[N], std::string_view from) {
  const std::size_t size = std::min(from.size(), N - 1);
  std::memcpy(to, from.data(), size);
  to[size] = '\0';
}

}  // namespace groklab::abi
