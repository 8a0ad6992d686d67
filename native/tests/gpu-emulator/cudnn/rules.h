// Which attributes each descriptor has, of which types, and how many elements.
#pragma once

#pragma GCC visibility push(default)
#include <cudnn_graph.h>
#pragma GCC visibility pop

#include <cstdint>
#include <vector>

namespace gpu_emulator {

struct AttributeRule {
  cudnnBackendAttributeName_t name;
  std::vector<cudnnBackendAttributeType_t> types;  ///< one of them
  std::int64_t least = 1;
  std::int64_t most = 1;
  bool is_required = true;
  bool is_read_only = false;
};

/// As cudnn_graph.h documents them. Stops at a descriptor that is not emulated.
[[nodiscard]] const std::vector<AttributeRule>& rules_of(cudnnBackendDescriptorType_t type);

/// Null where the descriptor has no such attribute. Stops at one that cuDNN has and this has not.
[[nodiscard]] const AttributeRule* find_rule(cudnnBackendDescriptorType_t type,
                                             cudnnBackendAttributeName_t name);

[[nodiscard]] std::size_t bytes_of(cudnnBackendAttributeType_t type);

}  // namespace gpu_emulator
