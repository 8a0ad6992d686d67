#include "ops/cuda/cudnn/plan.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace groklab::cuda {

namespace {

/// Beyond this an engine's workspace is no longer worth it. A number of its own, so that the choice
/// does not depend on what else is in the GPU's memory.
constexpr std::int64_t kMostWorkspace = std::int64_t{256} << 20;

/// Names of an operation's attributes; they are the same thing for each of the three operations.
struct OperationNames {
  cudnnBackendDescriptorType_t operation;
  cudnnBackendAttributeName_t convolution;
  cudnnBackendAttributeName_t x;
  cudnnBackendAttributeName_t weight;
  cudnnBackendAttributeName_t y;
  cudnnBackendAttributeName_t alpha;
  cudnnBackendAttributeName_t beta;
};

constexpr OperationNames kForward = {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
                                     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
                                     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
                                     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
                                     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
                                     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
                                     CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA};
constexpr OperationNames kBackwardInput = {
    CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
    CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
    CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
    CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
    CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
    CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
    CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA};
constexpr OperationNames kBackwardWeight = {
    CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
    CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
    CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
    CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
    CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
    CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
    CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA};

const OperationNames& names_of(ConvolutionKind kind) {
  switch (kind) {
    case ConvolutionKind::kForward:
      return kForward;
    case ConvolutionKind::kBackwardInput:
      return kBackwardInput;
    default:
      return kBackwardWeight;
  }
}

cudnnDataType_t type_of(const Convolution& c) {
  return c.is_double ? CUDNN_DATA_DOUBLE : CUDNN_DATA_FLOAT;
}

/// Images [N, channels, height, width], or weights likewise.
Descriptor tensor(const Convolution& c, std::int64_t name, std::array<std::int64_t, 4> extents) {
  Descriptor tensor(CUDNN_BACKEND_TENSOR_DESCRIPTOR, "describing a convolution's tensor");
  tensor.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, name);
  tensor.set(CUDNN_ATTR_TENSOR_DATA_TYPE, type_of(c));
  tensor.set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, std::int64_t{c.alignment});
  tensor.set(CUDNN_ATTR_TENSOR_DIMENSIONS, std::vector(extents.begin(), extents.end()));
  const std::int64_t row = extents[3];
  const std::int64_t channel = extents[2] * row;
  tensor.set(CUDNN_ATTR_TENSOR_STRIDES,
             std::vector{extents[1] * channel, channel, row, std::int64_t{1}});
  tensor.finalize();
  return tensor;
}

Descriptor window(const Convolution& c) {
  const std::vector<std::int64_t> ones(2, 1);
  const std::vector<std::int64_t> border(2, c.kernel / 2);
  Descriptor window(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR, "describing a convolution");
  window.set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, std::int64_t{2});
  window.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, type_of(c));
  window.set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_CROSS_CORRELATION);
  window.set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, border);
  window.set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, border);
  window.set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, ones);
  window.set(CUDNN_ATTR_CONVOLUTION_DILATIONS, ones);
  window.finalize();
  return window;
}

Descriptor operation(const Convolution& c) {
  const OperationNames& names = names_of(c.kind);
  Descriptor operation(names.operation, "describing a convolution");
  operation.set(names.convolution, window(c));
  operation.set(names.x, tensor(c, kTensorX, {c.images, c.inputs, c.height, c.width}));
  operation.set(names.weight, tensor(c, kTensorWeight, {c.outputs, c.inputs, c.kernel, c.kernel}));
  operation.set(names.y, tensor(c, kTensorY, {c.images, c.outputs, c.height, c.width}));
  const auto set_factors = [&](auto alpha, auto beta) {
    operation.set(names.alpha, alpha);
    operation.set(names.beta, beta);
  };
  if (c.is_double) {
    set_factors(1.0, 0.0);
  } else {
    set_factors(1.0F, 0.0F);
  }
  operation.finalize();
  return operation;
}

/// Nothing where cuDNN cannot have such a graph.
std::optional<Descriptor> graph(const PlanTarget& target, const Convolution& c) {
  const char* const doing = "describing a convolution to cuDNN";
  const Descriptor only = operation(c);
  Descriptor graph(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR, doing);
  if (target.handle != nullptr) graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, target.handle);
  graph.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, only);
  const cudnnStatus_t status = graph.try_finalize();
  if (is_unsupported(status)) return std::nullopt;
  check(status, doing);
  return graph;
}

std::vector<Descriptor> configurations(const PlanTarget& target, const Descriptor& graph,
                                       cudnnBackendHeurMode_t mode) {
  const char* const doing = "asking cuDNN for its engines";
  Descriptor heuristics(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR, doing);
  heuristics.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph);
  heuristics.set(CUDNN_ATTR_ENGINEHEUR_MODE, mode);
  if (target.device != nullptr) heuristics.set(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, *target.device);
  const cudnnStatus_t status = heuristics.try_finalize();
  if (is_unsupported(status)) return {};
  check(status, doing);
  return heuristics.get_all(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
}

/// Whether an engine with that note still sums products of the very numbers, always in one order. A
/// note that is not known here may say anything.
bool is_harmless(cudnnBackendNumericalNote_t note, bool tensor_cores, bool tf32) {
  switch (note) {
    case CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP:
      return true;
    case CUDNN_NUMERICAL_NOTE_TENSOR_CORE:
      return tensor_cores;
    case CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS:
      return tf32;
    default:
      return false;
  }
}

/// Engines that are compiled when first used would take seconds, and NVRTC beside cuDNN.
bool is_harmless(cudnnBackendBehaviorNote_t note) {
  return note == CUDNN_BEHAVIOR_NOTE_SUPPORTS_CUDA_GRAPH_NATIVE_API ||
         note == CUDNN_BEHAVIOR_NOTE_CUBLASLT_DEPENDENCY;
}

bool is_allowed(const Descriptor& configuration, const Convolution& c, bool tf32) {
  constexpr std::int64_t kMostNotes = 64;
  const Descriptor engine =
      configuration.get_one(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  const auto numerical =
      engine.get<cudnnBackendNumericalNote_t>(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, kMostNotes);
  const auto behavior =
      engine.get<cudnnBackendBehaviorNote_t>(CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE, kMostNotes);
  // Of floats, tensor cores take the first eleven bits; doubles they take whole.
  const bool rounds = tf32 && !c.is_double;
  return std::ranges::all_of(numerical,
                             [&](cudnnBackendNumericalNote_t note) {
                               return is_harmless(note, rounds || c.is_double, rounds);
                             }) &&
         std::ranges::all_of(behavior,
                             [](cudnnBackendBehaviorNote_t note) { return is_harmless(note); });
}

/// Nothing where the engine does not take the shape, for whatever reason: then it is the next one's.
std::optional<Plan> plan_of(const PlanTarget& target, const Descriptor& configuration) {
  Descriptor execution(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, "preparing a convolution");
  if (target.handle != nullptr) execution.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, target.handle);
  if (target.device != nullptr) execution.set(CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, *target.device);
  execution.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configuration);
  if (execution.try_finalize() != CUDNN_STATUS_SUCCESS) return std::nullopt;
  const std::int64_t workspace =
      execution.get<std::int64_t>(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, 1).at(0);
  if (workspace > kMostWorkspace) return std::nullopt;
  return Plan{std::move(execution), workspace};
}

}  // namespace

std::optional<Plan> choose_plan(const PlanTarget& target, const Convolution& convolution,
                                bool tf32) {
  const std::optional<Descriptor> described = graph(target, convolution);
  if (!described) return std::nullopt;
  for (const cudnnBackendHeurMode_t mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
    for (const Descriptor& configuration : configurations(target, *described, mode)) {
      if (!is_allowed(configuration, convolution, tf32)) continue;
      if (auto plan = plan_of(target, configuration)) return plan;
    }
  }
  return std::nullopt;
}

}  // namespace groklab::cuda
