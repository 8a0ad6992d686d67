// How cuDNN does a convolution: which of its engines, found once for a shape.
#pragma once

#include <cstdint>
#include <optional>

#include "ops/cuda/convolutions.h"
#include "ops/cuda/cudnn/descriptors.h"

namespace groklab::cuda {

/// The names by which an operation graph knows its tensors.
inline constexpr std::int64_t kTensorX = 'x';
inline constexpr std::int64_t kTensorWeight = 'w';
inline constexpr std::int64_t kTensorY = 'y';

/// What plans are made for: the GPU of a handle, or where there is none, one that is described
/// (CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR). The latter's plans are to be looked at alone.
struct PlanTarget {
  cudnnHandle_t handle = nullptr;
  const Descriptor* device = nullptr;
};

struct Plan {
  Descriptor execution;
  std::int64_t workspace = 0;  ///< bytes
};

/// The first of the engines that cuDNN's heuristics name which is allowed and takes the shape: first
/// those that it expects to be fast, then those that it falls back to. Nothing if there is none.
[[nodiscard]] std::optional<Plan> choose_plan(const PlanTarget& target,
                                              const Convolution& convolution, bool tf32);

}  // namespace groklab::cuda
