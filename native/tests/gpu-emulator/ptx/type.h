// The fundamental types of PTX: u8 … u64, s8 … s64, f32, f64, b8 … b64, pred.
#pragma once

#include <optional>
#include <string_view>

namespace gpu_emulator {

enum class TypeKind { kUnsigned, kSigned, kFloat, kBits, kPredicate };

struct Type {
  TypeKind kind = TypeKind::kBits;
  int bits = 32;

  [[nodiscard]] bool is_float() const { return kind == TypeKind::kFloat; }
  [[nodiscard]] bool is_signed() const { return kind == TypeKind::kSigned; }
  [[nodiscard]] bool is_predicate() const { return kind == TypeKind::kPredicate; }
  [[nodiscard]] int bytes() const { return bits / 8; }
  bool operator==(const Type&) const = default;
};

/// The type of that name, without its dot; f16 and the like are not among them.
[[nodiscard]] std::optional<Type> parse_type(std::string_view name);

}  // namespace gpu_emulator
