// Names of the fundamental types.
#include "ptx/type.h"

#include <array>

namespace gpu_emulator {
namespace {

struct NamedType {
  std::string_view name;
  Type type;
};

constexpr std::array<NamedType, 15> kTypes = {{{"u8", {TypeKind::kUnsigned, 8}},
                                               {"u16", {TypeKind::kUnsigned, 16}},
                                               {"u32", {TypeKind::kUnsigned, 32}},
                                               {"u64", {TypeKind::kUnsigned, 64}},
                                               {"s8", {TypeKind::kSigned, 8}},
                                               {"s16", {TypeKind::kSigned, 16}},
                                               {"s32", {TypeKind::kSigned, 32}},
                                               {"s64", {TypeKind::kSigned, 64}},
                                               {"b8", {TypeKind::kBits, 8}},
                                               {"b16", {TypeKind::kBits, 16}},
                                               {"b32", {TypeKind::kBits, 32}},
                                               {"b64", {TypeKind::kBits, 64}},
                                               {"f32", {TypeKind::kFloat, 32}},
                                               {"f64", {TypeKind::kFloat, 64}},
                                               {"pred", {TypeKind::kPredicate, 1}}}};

}  // namespace

std::optional<Type> parse_type(std::string_view name) {
  for (const NamedType& candidate : kTypes) {
    if (candidate.name == name) return candidate.type;
  }
  return std::nullopt;
}

}  // namespace gpu_emulator
