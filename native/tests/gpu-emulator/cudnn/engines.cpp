#include "cudnn/engines.h"

#include <algorithm>

namespace gpu_emulator {
namespace {

// Notes are documented in cudnn_graph.h. What they allow, these engines do: whoever takes one that it
// should not have taken gets other numbers.
const Engine kTensorCores{
    .numerical_notes = {CUDNN_NUMERICAL_NOTE_TENSOR_CORE, CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS},
    .behavior_notes = {CUDNN_BEHAVIOR_NOTE_SUPPORTS_CUDA_GRAPH_NATIVE_API},
    .arithmetic = {.rounds_factors = true},
    .is_wide = true};
const Engine kWinograd{
    .numerical_notes = {CUDNN_NUMERICAL_NOTE_WINOGRAD, CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_4x4},
    .arithmetic = {.rounds_factors = true}};
const Engine kTransform{.numerical_notes = {CUDNN_NUMERICAL_NOTE_FFT},
                        .arithmetic = {.rounds_factors = true}};
const Engine kShortSums{.numerical_notes = {CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION},
                        .arithmetic = {.rounds_factors = true}};
const Engine kAtomics{.numerical_notes = {CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC},
                      .arithmetic = {.sums_in_float = true, .any_order = true}};
const Engine kCompiled{.behavior_notes = {CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION},
                       .is_compiled = true};
const Engine kWide{.numerical_notes = {CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP},
                   .behavior_notes = {CUDNN_BEHAVIOR_NOTE_SUPPORTS_CUDA_GRAPH_NATIVE_API},
                   .arithmetic = {.sums_in_float = true},
                   .is_wide = true};
const Engine kGeneral{.has_workspace = true};

/// Larger filters none of the engines takes.
constexpr std::int64_t kLargestFilter = 5;

bool is_among(const Engine& engine, cudnnBackendNumericalNote_t note) {
  return std::find(engine.numerical_notes.begin(), engine.numerical_notes.end(), note) !=
         engine.numerical_notes.end();
}

}  // namespace

std::vector<const Engine*> engines(cudnnBackendHeurMode_t mode) {
  if (mode == CUDNN_HEUR_MODE_FALLBACK) return {&kAtomics, &kGeneral};
  return {&kTensorCores, &kWinograd, &kTransform, &kShortSums, &kAtomics, &kCompiled, &kWide};
}

cudnnStatus_t support(const Engine& engine, const ConvolutionOperation& o) {
  if (engine.is_compiled) return CUDNN_STATUS_NOT_SUPPORTED_RUNTIME_PREREQUISITE_MISSING;
  const std::int64_t filter = std::max(o.filter.extents[2], o.filter.extents[3]);
  if (filter > kLargestFilter) return CUDNN_STATUS_NOT_SUPPORTED_SHAPE;
  if (is_among(engine, CUDNN_NUMERICAL_NOTE_WINOGRAD) && filter != 3) {
    return CUDNN_STATUS_NOT_SUPPORTED_SHAPE;
  }
  if (engine.arithmetic.rounds_factors && o.window.is_double) {
    return CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE;
  }
  for (const ConvolutionTensor* tensor : {&o.x, &o.filter, &o.y}) {
    if (engine.is_wide && tensor->alignment % 16 != 0) return CUDNN_STATUS_NOT_SUPPORTED_LAYOUT;
  }
  return CUDNN_STATUS_SUCCESS;
}

std::uint64_t workspace_bytes(const Engine& engine, const ConvolutionOperation& o) {
  if (!engine.has_workspace) return 0;
  // Nothing even: as much as its filter, and then some.
  const auto& extents = o.filter.extents;
  return static_cast<std::uint64_t>(extents[0] * extents[1] * extents[2] * extents[3]) *
             o.filter.element_bytes() +
         1001;
}

}  // namespace gpu_emulator
