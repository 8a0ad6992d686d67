#include "ops/cuda/cudnn/descriptors.h"

#include <algorithm>
#include <iterator>

namespace groklab::cuda {

Descriptor::Descriptor(cudnnBackendDescriptorType_t type, const char* doing) : doing_(doing) {
  cudnnBackendDescriptor_t created = nullptr;
  check(cudnn_library().create_descriptor(type, &created), doing);
  owner_.reset(created);
}

void Descriptor::Destroy::operator()(cudnnBackendDescriptor_t descriptor) const {
  cudnn_library().destroy_descriptor(descriptor);
}

void Descriptor::set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                     std::int64_t count, const void* values) {
  check(cudnn_library().set_attribute(get(), name, type, count, values), doing_);
}

void Descriptor::set(cudnnBackendAttributeName_t name, const Descriptor& value) {
  const cudnnBackendDescriptor_t descriptor = value.get();
  set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &descriptor);
}

cudnnStatus_t Descriptor::try_finalize() { return cudnn_library().finalize(get()); }

void Descriptor::finalize() { check(try_finalize(), doing_); }

std::int64_t Descriptor::read(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                              std::int64_t most, void* values) const {
  std::int64_t count = 0;
  check(cudnn_library().get_attribute(get(), name, type, most, &count, values), doing_);
  return count;
}

// cuDNN fills descriptors that the caller makes; of those that it counted first, perhaps not all.
std::vector<Descriptor> Descriptor::get_all(cudnnBackendAttributeName_t name,
                                            cudnnBackendDescriptorType_t type) const {
  std::vector<Descriptor> values;
  std::vector<cudnnBackendDescriptor_t> handles;
  std::int64_t count = read(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, nullptr);
  for (std::int64_t i = 0; i < count; ++i) {
    handles.push_back(values.emplace_back(type, doing_).get());
  }
  if (count > 0) count = read(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, count, handles.data());
  values.erase(values.begin() + std::min(count, std::ssize(values)), values.end());
  return values;
}

Descriptor Descriptor::get_one(cudnnBackendAttributeName_t name,
                               cudnnBackendDescriptorType_t type) const {
  Descriptor value(type, doing_);
  cudnnBackendDescriptor_t handle = value.get();
  read(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &handle);
  return value;
}

}  // namespace groklab::cuda
