#include "cudnn/rules.h"

#include <algorithm>
#include <string>

#include "ptx/stop.h"

namespace gpu_emulator {
namespace {

using Rules = std::vector<AttributeRule>;

constexpr std::int64_t kMostDimensions = 8;  // CUDNN_DIM_MAX
constexpr std::int64_t kMany = INT64_MAX;

Rules operation(cudnnBackendAttributeName_t convolution, cudnnBackendAttributeName_t x,
                cudnnBackendAttributeName_t filter, cudnnBackendAttributeName_t y,
                cudnnBackendAttributeName_t alpha, cudnnBackendAttributeName_t beta) {
  const std::vector real = {CUDNN_TYPE_FLOAT, CUDNN_TYPE_DOUBLE};
  return {{convolution, {CUDNN_TYPE_BACKEND_DESCRIPTOR}},
          {x, {CUDNN_TYPE_BACKEND_DESCRIPTOR}},
          {filter, {CUDNN_TYPE_BACKEND_DESCRIPTOR}},
          {y, {CUDNN_TYPE_BACKEND_DESCRIPTOR}},
          {alpha, real},
          {beta, real}};
}

const Rules kTensor = {{CUDNN_ATTR_TENSOR_UNIQUE_ID, {CUDNN_TYPE_INT64}},
                       {CUDNN_ATTR_TENSOR_DATA_TYPE, {CUDNN_TYPE_DATA_TYPE}},
                       {CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, {CUDNN_TYPE_INT64}},
                       {CUDNN_ATTR_TENSOR_DIMENSIONS, {CUDNN_TYPE_INT64}, 1, kMostDimensions},
                       {CUDNN_ATTR_TENSOR_STRIDES, {CUDNN_TYPE_INT64}, 1, kMostDimensions}};
const Rules kConvolution = {
    {CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, {CUDNN_TYPE_INT64}},
    {CUDNN_ATTR_CONVOLUTION_COMP_TYPE, {CUDNN_TYPE_DATA_TYPE}},
    {CUDNN_ATTR_CONVOLUTION_CONV_MODE, {CUDNN_TYPE_CONVOLUTION_MODE}},
    {CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, {CUDNN_TYPE_INT64}, 1, kMostDimensions},
    {CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, {CUDNN_TYPE_INT64}, 1, kMostDimensions},
    {CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, {CUDNN_TYPE_INT64}, 1, kMostDimensions},
    {CUDNN_ATTR_CONVOLUTION_DILATIONS, {CUDNN_TYPE_INT64}, 1, kMostDimensions}};
const Rules kForward = operation(
    CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
    CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
    CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA);
const Rules kBackwardData = operation(
    CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
    CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
    CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
    CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA);
const Rules kBackwardFilter = operation(CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
                                        CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
                                        CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
                                        CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
                                        CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
                                        CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA);
const Rules kGraph = {{CUDNN_ATTR_OPERATIONGRAPH_HANDLE, {CUDNN_TYPE_HANDLE}},
                      {CUDNN_ATTR_OPERATIONGRAPH_OPS, {CUDNN_TYPE_BACKEND_DESCRIPTOR}, 1, kMany}};
const Rules kHeuristics = {
    {CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, {CUDNN_TYPE_BACKEND_DESCRIPTOR}},
    {CUDNN_ATTR_ENGINEHEUR_MODE, {CUDNN_TYPE_HEUR_MODE}},
    {CUDNN_ATTR_ENGINEHEUR_RESULTS, {CUDNN_TYPE_BACKEND_DESCRIPTOR}, 0, kMany, false, true}};
const Rules kConfiguration = {
    {CUDNN_ATTR_ENGINECFG_ENGINE, {CUDNN_TYPE_BACKEND_DESCRIPTOR}, 1, 1, true, true}};
const Rules kEngine = {
    {CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, {CUDNN_TYPE_NUMERICAL_NOTE}, 0, kMany, false, true},
    {CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE, {CUDNN_TYPE_BEHAVIOR_NOTE}, 0, kMany, false, true}};
const Rules kPlan = {
    {CUDNN_ATTR_EXECUTION_PLAN_HANDLE, {CUDNN_TYPE_HANDLE}},
    {CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, {CUDNN_TYPE_BACKEND_DESCRIPTOR}},
    {CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, {CUDNN_TYPE_INT64}, 1, 1, false, true}};
const Rules kPack = {{CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, {CUDNN_TYPE_INT64}, 0, kMany},
                     {CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, {CUDNN_TYPE_VOID_PTR}, 0, kMany},
                     {CUDNN_ATTR_VARIANT_PACK_WORKSPACE, {CUDNN_TYPE_VOID_PTR}}};

}  // namespace

const std::vector<AttributeRule>& rules_of(cudnnBackendDescriptorType_t type) {
  switch (type) {
    case CUDNN_BACKEND_TENSOR_DESCRIPTOR:
      return kTensor;
    case CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR:
      return kConvolution;
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR:
      return kForward;
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR:
      return kBackwardData;
    case CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR:
      return kBackwardFilter;
    case CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR:
      return kGraph;
    case CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR:
      return kHeuristics;
    case CUDNN_BACKEND_ENGINECFG_DESCRIPTOR:
      return kConfiguration;
    case CUDNN_BACKEND_ENGINE_DESCRIPTOR:
      return kEngine;
    case CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR:
      return kPlan;
    case CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR:
      return kPack;
    default:
      stop("cuDNN's descriptor " + std::to_string(type) + " is not emulated");
  }
}

const AttributeRule* find_rule(cudnnBackendDescriptorType_t type,
                               cudnnBackendAttributeName_t name) {
  const auto& rules = rules_of(type);
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [&](const AttributeRule& rule) { return rule.name == name; });
  if (found != rules.end()) return &*found;
  // Attributes of one descriptor are numbered from one hundred on.
  const bool is_its_own = !rules.empty() && rules.front().name / 100 == name / 100;
  if (is_its_own) stop("cuDNN's attribute " + std::to_string(name) + " is not emulated");
  return nullptr;
}

std::size_t bytes_of(cudnnBackendAttributeType_t type) {
  switch (type) {
    case CUDNN_TYPE_DATA_TYPE:
    case CUDNN_TYPE_CONVOLUTION_MODE:
    case CUDNN_TYPE_HEUR_MODE:
    case CUDNN_TYPE_NUMERICAL_NOTE:
    case CUDNN_TYPE_BEHAVIOR_NOTE:
    case CUDNN_TYPE_FLOAT:
      return 4;
    default:
      return 8;
  }
}

}  // namespace gpu_emulator
