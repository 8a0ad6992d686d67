// The engines that the stand-in has: one of each kind that a caller must tell from the others.
#pragma once

#pragma GCC visibility push(default)
#include <cudnn_graph.h>
#pragma GCC visibility pop

#include <vector>

#include "cudnn/convolution.h"

namespace gpu_emulator {

struct Engine {
  std::vector<cudnnBackendNumericalNote_t> numerical_notes = {};
  std::vector<cudnnBackendBehaviorNote_t> behavior_notes = {};
  ConvolutionArithmetic arithmetic = {};
  bool is_wide = false;      ///< takes tensors aligned to 16 bytes alone
  bool is_compiled = false;  ///< needs a compiler, which is not there
  bool has_workspace = false;
};

/// In the order of their worth; which of them take an operation, its plan shows.
[[nodiscard]] std::vector<const Engine*> engines(cudnnBackendHeurMode_t mode);

/// Whether the engine can do it.
[[nodiscard]] cudnnStatus_t support(const Engine& engine, const ConvolutionOperation& operation);

[[nodiscard]] std::uint64_t workspace_bytes(const Engine& engine,
                                            const ConvolutionOperation& operation);

}  // namespace gpu_emulator
