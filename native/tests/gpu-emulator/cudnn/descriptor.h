// cuDNN's descriptors: attributes that are set until the descriptor is finalized, and read from then on.
#pragma once

#pragma GCC visibility push(default)
#include <cudnn_graph.h>
#pragma GCC visibility pop

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "cudnn/convolution.h"
#include "cudnn/engines.h"

namespace gpu_emulator {

struct Descriptor;
using DescriptorPointer = std::shared_ptr<Descriptor>;

/// What was set for an attribute.
struct Attribute {
  cudnnBackendAttributeType_t type{};
  std::int64_t count = 0;
  std::vector<std::byte> bytes;                ///< of plain values
  std::vector<DescriptorPointer> descriptors;  ///< kept, whatever becomes of the caller's
};

struct Descriptor {
  cudnnBackendDescriptorType_t type{};
  bool is_finalized = false;
  std::map<cudnnBackendAttributeName_t, Attribute> attributes;

  // What finalization makes of the attributes, or of what this descriptor was filled with.
  ConvolutionTensor tensor;
  ConvolutionWindow window;
  std::optional<ConvolutionOperation> operation;  ///< also of what is made for one
  const Engine* engine = nullptr;
  std::vector<const Engine*> results;
};

/// The error message of this thread, and what it belongs to.
cudnnStatus_t refuse(cudnnStatus_t status, const char* why);
[[nodiscard]] const char* last_refusal();

[[nodiscard]] cudnnStatus_t set_attribute(Descriptor& descriptor, cudnnBackendAttributeName_t name,
                                          cudnnBackendAttributeType_t type, std::int64_t count,
                                          const void* values);
[[nodiscard]] cudnnStatus_t get_attribute(const Descriptor& descriptor,
                                          cudnnBackendAttributeName_t name,
                                          cudnnBackendAttributeType_t type, std::int64_t most,
                                          std::int64_t* count, void* values);
[[nodiscard]] cudnnStatus_t finalize(Descriptor& descriptor);

// The descriptors that there are, by the caller's pointers.
[[nodiscard]] cudnnBackendDescriptor_t add_descriptor(cudnnBackendDescriptorType_t type);
[[nodiscard]] bool remove_descriptor(cudnnBackendDescriptor_t handle);
/// Null where there is no such one.
[[nodiscard]] DescriptorPointer find_descriptor(cudnnBackendDescriptor_t handle);

/// The elements of an attribute of plain values; none where it was not set.
template <class T>
std::vector<T> elements(const Descriptor& descriptor, cudnnBackendAttributeName_t name) {
  const auto found = descriptor.attributes.find(name);
  if (found == descriptor.attributes.end()) return {};
  const auto* const first = reinterpret_cast<const T*>(found->second.bytes.data());
  return {first, first + found->second.count};
}

}  // namespace gpu_emulator
