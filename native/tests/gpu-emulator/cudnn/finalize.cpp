// What descriptors mean, once all is set.
#include <algorithm>
#include <array>
#include <string>

#include "cudnn/descriptor.h"
#include "cudnn/handle.h"
#include "cudnn/rules.h"
#include "ptx/stop.h"

namespace gpu_emulator {
namespace {

/// The descriptor that an attribute names, or null where it is of another type or not finalized.
const Descriptor* finalized(const Descriptor& descriptor, cudnnBackendAttributeName_t name,
                            cudnnBackendDescriptorType_t type) {
  const DescriptorPointer& value = descriptor.attributes.at(name).descriptors.front();
  return value->type == type && value->is_finalized ? value.get() : nullptr;
}

/// Stops at other types than those of real numbers.
bool is_double(cudnnDataType_t type) {
  if (type != CUDNN_DATA_FLOAT && type != CUDNN_DATA_DOUBLE) {
    stop("cuDNN's data type " + std::to_string(type) + " is not emulated");
  }
  return type == CUDNN_DATA_DOUBLE;
}

template <class T>
T element(const Descriptor& descriptor, cudnnBackendAttributeName_t name) {
  return elements<T>(descriptor, name).at(0);
}

cudnnStatus_t finalize_tensor(Descriptor& d) {
  ConvolutionTensor& t = d.tensor;
  const auto extents = elements<std::int64_t>(d, CUDNN_ATTR_TENSOR_DIMENSIONS);
  const auto strides = elements<std::int64_t>(d, CUDNN_ATTR_TENSOR_STRIDES);
  if (extents.size() != strides.size()) {
    return refuse(CUDNN_STATUS_BAD_PARAM, "a tensor has as many strides as dimensions");
  }
  if (extents.size() != t.extents.size()) stop("cuDNN's tensors of other than 4 dimensions");
  std::copy(extents.begin(), extents.end(), t.extents.begin());
  std::copy(strides.begin(), strides.end(), t.strides.begin());
  t.id = element<std::int64_t>(d, CUDNN_ATTR_TENSOR_UNIQUE_ID);
  t.is_double = is_double(element<cudnnDataType_t>(d, CUDNN_ATTR_TENSOR_DATA_TYPE));
  t.alignment = element<std::int64_t>(d, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT);
  const auto is_positive = [](std::int64_t value) { return value > 0; };
  if (!std::all_of(extents.begin(), extents.end(), is_positive) ||
      !std::all_of(strides.begin(), strides.end(), is_positive)) {
    return refuse(CUDNN_STATUS_BAD_PARAM, "dimensions and strides are positive");
  }
  if (t.alignment <= 0 || t.alignment % static_cast<std::int64_t>(t.element_bytes()) != 0) {
    return refuse(CUDNN_STATUS_BAD_PARAM, "a tensor's alignment is a multiple of its elements'");
  }
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t finalize_convolution(Descriptor& d) {
  const auto take = [&](cudnnBackendAttributeName_t name, std::array<std::int64_t, 2>& to) {
    const auto values = elements<std::int64_t>(d, name);
    if (values.size() != to.size()) return false;
    std::copy(values.begin(), values.end(), to.begin());
    return true;
  };
  if (element<std::int64_t>(d, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS) != 2) {
    stop("cuDNN's convolutions of other than 2 dimensions are not emulated");
  }
  if (element<cudnnConvolutionMode_t>(d, CUDNN_ATTR_CONVOLUTION_CONV_MODE) !=
      CUDNN_CROSS_CORRELATION) {
    stop("cuDNN's CUDNN_CONVOLUTION is not emulated");
  }
  ConvolutionWindow& w = d.window;
  w.is_double = is_double(element<cudnnDataType_t>(d, CUDNN_ATTR_CONVOLUTION_COMP_TYPE));
  if (!take(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, w.before) ||
      !take(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, w.after) ||
      !take(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, w.strides) ||
      !take(CUDNN_ATTR_CONVOLUTION_DILATIONS, w.dilations)) {
    return refuse(CUDNN_STATUS_BAD_PARAM, "there is one for each spatial dimension");
  }
  return CUDNN_STATUS_SUCCESS;
}

double factor(const Descriptor& d, const AttributeRule& rule) {
  return d.attributes.at(rule.name).type == CUDNN_TYPE_DOUBLE
             ? element<double>(d, rule.name)
             : static_cast<double>(element<float>(d, rule.name));
}

cudnnStatus_t finalize_operation(Descriptor& d, ConvolutionResult result) {
  const auto& rules = rules_of(d.type);  // in the order of `operation` in rules.cpp
  const Descriptor* const window =
      finalized(d, rules[0].name, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
  std::array<const Descriptor*, 3> tensors{};
  for (std::size_t i = 0; i < 3; ++i) {
    tensors[i] = finalized(d, rules[i + 1].name, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  }
  if (window == nullptr || std::count(tensors.begin(), tensors.end(), nullptr) > 0) {
    return refuse(CUDNN_STATUS_BAD_PARAM, "a descriptor of the operation is not finalized");
  }
  ConvolutionOperation operation{
      result,         tensors[0]->tensor,  tensors[1]->tensor, tensors[2]->tensor,
      window->window, factor(d, rules[4]), factor(d, rules[5])};
  const auto& [outputs, inputs, rows, cols] = operation.filter.extents;
  if (operation.filter.strides !=
      std::array{inputs * rows * cols, rows * cols, cols, std::int64_t{1}}) {
    return refuse(CUDNN_STATUS_BAD_PARAM, "a filter has no gaps");
  }
  if (!is_consistent(operation)) {
    return refuse(CUDNN_STATUS_BAD_PARAM, "the tensors do not fit the convolution");
  }
  d.operation = operation;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t finalize_graph(Descriptor& d) {
  if (!is_handle(element<cudnnHandle_t>(d, CUDNN_ATTR_OPERATIONGRAPH_HANDLE))) {
    return refuse(CUDNN_STATUS_BAD_PARAM, "the graph has no handle of cuDNN's");
  }
  const auto& operations = d.attributes.at(CUDNN_ATTR_OPERATIONGRAPH_OPS).descriptors;
  if (operations.size() != 1) stop("cuDNN's graphs of several operations are not emulated");
  if (!operations[0]->is_finalized || !operations[0]->operation) {
    return refuse(CUDNN_STATUS_BAD_PARAM, "an operation of the graph is not finalized");
  }
  const ConvolutionOperation& o = *operations[0]->operation;
  if (o.x.id == o.filter.id || o.x.id == o.y.id || o.filter.id == o.y.id) {
    return refuse(CUDNN_STATUS_BAD_PARAM, "two tensors have one identifier");
  }
  d.operation = o;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t finalize_heuristics(Descriptor& d) {
  const Descriptor* const graph =
      finalized(d, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  if (graph == nullptr) return refuse(CUDNN_STATUS_BAD_PARAM, "the graph is not finalized");
  const auto mode = element<cudnnBackendHeurMode_t>(d, CUDNN_ATTR_ENGINEHEUR_MODE);
  if (mode != CUDNN_HEUR_MODE_A && mode != CUDNN_HEUR_MODE_FALLBACK) {
    stop("cuDNN's heuristics mode " + std::to_string(mode) + " is not emulated");
  }
  d.operation = graph->operation;
  d.results = engines(mode);
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t finalize_plan(Descriptor& d) {
  const Descriptor* const configuration =
      finalized(d, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
  if (configuration == nullptr ||
      !is_handle(element<cudnnHandle_t>(d, CUDNN_ATTR_EXECUTION_PLAN_HANDLE))) {
    return refuse(CUDNN_STATUS_BAD_PARAM, "the plan's configuration is not finalized");
  }
  d.operation = configuration->operation;
  d.engine = configuration->engine;
  const cudnnStatus_t status = support(*d.engine, *d.operation);
  return status == CUDNN_STATUS_SUCCESS ? status
                                        : refuse(status, "the engine does not take the operation");
}

cudnnStatus_t finalize_pack(Descriptor& d) {
  if (elements<std::int64_t>(d, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS).size() !=
      elements<void*>(d, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS).size()) {
    return refuse(CUDNN_STATUS_BAD_PARAM, "there is a pointer for each identifier");
  }
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t finalize_by_type(Descriptor& d) {
  switch (d.type) {
    case CUDNN_BACKEND_TENSOR_DESCRIPTOR:
      return finalize_tensor(d);
    case CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR:
      return finalize_convolution(d);
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR:
      return finalize_operation(d, ConvolutionResult::kY);
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR:
      return finalize_operation(d, ConvolutionResult::kX);
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR:
      return finalize_operation(d, ConvolutionResult::kFilter);
    case CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR:
      return finalize_graph(d);
    case CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR:
      return finalize_heuristics(d);
    case CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR:
      return finalize_plan(d);
    case CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR:
      return finalize_pack(d);
    default:
      stop("making cuDNN's descriptor " + std::to_string(d.type) + " by hand is not emulated");
  }
}

}  // namespace

cudnnStatus_t finalize(Descriptor& descriptor) {
  if (descriptor.is_finalized) {
    return refuse(CUDNN_STATUS_BAD_PARAM, "the descriptor is finalized already");
  }
  for (const AttributeRule& rule : rules_of(descriptor.type)) {
    if (rule.is_required && !rule.is_read_only && !descriptor.attributes.contains(rule.name)) {
      return refuse(CUDNN_STATUS_BAD_PARAM, "a required attribute was not set");
    }
  }
  const cudnnStatus_t status = finalize_by_type(descriptor);
  descriptor.is_finalized = status == CUDNN_STATUS_SUCCESS;
  return status;
}

}  // namespace gpu_emulator
