// Setting, reading and keeping descriptors. Statuses are those that cuDNN 9.24 was seen to give.
#include "cudnn/descriptor.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <string>

#include "cudnn/rules.h"

namespace gpu_emulator {
namespace {

thread_local std::string refusal;

struct Registry {
  std::mutex mutex;
  std::map<cudnnBackendDescriptor_t, DescriptorPointer> all;
};

Registry& registry() {
  static Registry instance;
  return instance;
}

template <class T>
cudnnStatus_t give(const std::vector<T>& all, std::int64_t most, std::int64_t* count,
                   void* values) {
  *count = static_cast<std::int64_t>(all.size());
  const std::int64_t written = std::min(most, *count);
  if (values != nullptr && written > 0) {
    std::memcpy(values, all.data(), static_cast<std::size_t>(written) * sizeof(T));
  }
  return CUDNN_STATUS_SUCCESS;
}

/// The caller's descriptor number i, which is to be filled.
DescriptorPointer to_fill(void* values, std::int64_t i, cudnnBackendDescriptorType_t type) {
  const DescriptorPointer found =
      find_descriptor(static_cast<const cudnnBackendDescriptor_t*>(values)[i]);
  return found != nullptr && found->type == type ? found : nullptr;
}

cudnnStatus_t give_results(const Descriptor& heuristics, std::int64_t most, std::int64_t* count,
                           void* values) {
  // The real one counts those first that it leaves out later.
  constexpr std::int64_t kLeftOut = 1;
  const auto all = static_cast<std::int64_t>(heuristics.results.size());
  *count = all + kLeftOut;
  if (values == nullptr) return CUDNN_STATUS_SUCCESS;
  *count = std::min(most, all);
  for (std::int64_t i = 0; i < *count; ++i) {
    const DescriptorPointer filled = to_fill(values, i, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
    if (filled == nullptr) return refuse(CUDNN_STATUS_BAD_PARAM, "no configuration to fill");
    filled->operation = heuristics.operation;
    filled->engine = heuristics.results[static_cast<std::size_t>(i)];
    filled->is_finalized = true;
  }
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t give_engine(const Descriptor& configuration, std::int64_t most, std::int64_t* count,
                          void* values) {
  *count = 1;
  if (values == nullptr || most < 1) return CUDNN_STATUS_SUCCESS;
  const DescriptorPointer filled = to_fill(values, 0, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  if (filled == nullptr) return refuse(CUDNN_STATUS_BAD_PARAM, "no engine to fill");
  filled->engine = configuration.engine;
  filled->is_finalized = true;
  return CUDNN_STATUS_SUCCESS;
}

}  // namespace

cudnnStatus_t refuse(cudnnStatus_t status, const char* why) {
  refusal = why;
  return status;
}

const char* last_refusal() { return refusal.c_str(); }

cudnnBackendDescriptor_t add_descriptor(cudnnBackendDescriptorType_t type) {
  auto made = std::make_shared<Descriptor>();
  made->type = type;
  Registry& list = registry();
  const std::lock_guard lock(list.mutex);
  list.all[made.get()] = made;
  return made.get();
}

bool remove_descriptor(cudnnBackendDescriptor_t handle) {
  Registry& list = registry();
  const std::lock_guard lock(list.mutex);
  return list.all.erase(handle) == 1;
}

DescriptorPointer find_descriptor(cudnnBackendDescriptor_t handle) {
  Registry& list = registry();
  const std::lock_guard lock(list.mutex);
  const auto found = list.all.find(handle);
  return found == list.all.end() ? nullptr : found->second;
}

cudnnStatus_t set_attribute(Descriptor& descriptor, cudnnBackendAttributeName_t name,
                            cudnnBackendAttributeType_t type, std::int64_t count,
                            const void* values) {
  if (descriptor.is_finalized) {
    return refuse(CUDNN_STATUS_BAD_PARAM, "the descriptor is finalized already");
  }
  const AttributeRule* const rule = find_rule(descriptor.type, name);
  if (rule == nullptr || rule->is_read_only) {
    return refuse(CUDNN_STATUS_BAD_PARAM, "the descriptor has no such attribute to set");
  }
  if (std::find(rule->types.begin(), rule->types.end(), type) == rule->types.end()) {
    return refuse(CUDNN_STATUS_BAD_PARAM_ATTRIBUTE_TYPE, "the attribute is of another type");
  }
  if (count < rule->least || count > rule->most || (values == nullptr && count > 0)) {
    return refuse(CUDNN_STATUS_BAD_PARAM, "the attribute has not so many elements");
  }
  Attribute set;
  set.type = type;
  set.count = count;
  if (type == CUDNN_TYPE_BACKEND_DESCRIPTOR) {
    for (std::int64_t i = 0; i < count; ++i) {
      set.descriptors.push_back(
          find_descriptor(static_cast<const cudnnBackendDescriptor_t*>(values)[i]));
      if (set.descriptors.back() == nullptr) {
        return refuse(CUDNN_STATUS_BAD_PARAM, "the value is no descriptor");
      }
    }
  } else {
    const auto* const bytes = static_cast<const std::byte*>(values);
    set.bytes.assign(bytes, bytes + static_cast<std::size_t>(count) * bytes_of(type));
  }
  descriptor.attributes[name] = set;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t get_attribute(const Descriptor& descriptor, cudnnBackendAttributeName_t name,
                            cudnnBackendAttributeType_t type, std::int64_t most,
                            std::int64_t* count, void* values) {
  if (!descriptor.is_finalized) {
    return refuse(CUDNN_STATUS_NOT_INITIALIZED, "the descriptor is not finalized");
  }
  const AttributeRule* const rule = find_rule(descriptor.type, name);
  if (rule == nullptr || count == nullptr || most < 0) {
    return refuse(CUDNN_STATUS_BAD_PARAM, "the descriptor has no such attribute");
  }
  if (std::find(rule->types.begin(), rule->types.end(), type) == rule->types.end()) {
    return refuse(CUDNN_STATUS_BAD_PARAM_ATTRIBUTE_TYPE, "the attribute is of another type");
  }
  switch (name) {
    case CUDNN_ATTR_ENGINEHEUR_RESULTS:
      return give_results(descriptor, most, count, values);
    case CUDNN_ATTR_ENGINECFG_ENGINE:
      return give_engine(descriptor, most, count, values);
    case CUDNN_ATTR_ENGINE_NUMERICAL_NOTE:
      return give(descriptor.engine->numerical_notes, most, count, values);
    case CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE:
      return give(descriptor.engine->behavior_notes, most, count, values);
    case CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE:
      return give(std::vector{static_cast<std::int64_t>(
                      workspace_bytes(*descriptor.engine, *descriptor.operation))},
                  most, count, values);
    default:
      return refuse(CUDNN_STATUS_NOT_SUPPORTED, "reading that attribute is not emulated");
  }
}

}  // namespace gpu_emulator
