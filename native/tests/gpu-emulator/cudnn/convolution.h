// A convolution or one of its gradients, on emulated device memory.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "machine/launch.h"
#include "machine/memory.h"

namespace gpu_emulator {

/// Extents and strides are of images, channels, rows and columns; of a filter, of output channels,
/// input channels, rows and columns.
struct ConvolutionTensor {
  std::int64_t id = 0;
  bool is_double = false;
  std::int64_t alignment = 0;
  std::array<std::int64_t, 4> extents{};
  std::array<std::int64_t, 4> strides{};

  [[nodiscard]] std::size_t element_bytes() const { return is_double ? 8 : 4; }
};

/// Of rows and of columns.
struct ConvolutionWindow {
  bool is_double = false;  ///< what it computes in
  std::array<std::int64_t, 2> before{};
  std::array<std::int64_t, 2> after{};
  std::array<std::int64_t, 2> strides{};
  std::array<std::int64_t, 2> dilations{};
};

enum class ConvolutionResult { kY, kX, kFilter };

/// y = α filter ∗ x + β y, a cross-correlation; or with the gradients of y given, that of x or of the
/// filter, likewise.
struct ConvolutionOperation {
  ConvolutionResult result = ConvolutionResult::kY;
  ConvolutionTensor x;
  ConvolutionTensor filter;
  ConvolutionTensor y;
  ConvolutionWindow window;
  double alpha = 1;
  double beta = 0;
};

/// Whether types and extents fit each other.
[[nodiscard]] bool is_consistent(const ConvolutionOperation& operation);

/// How an engine sums.
struct ConvolutionArithmetic {
  bool rounds_factors = false;  ///< to TF32
  bool sums_in_float = false;   ///< where the tensors are floats; else in double
  bool any_order = false;       ///< another one each time
};

struct ConvolutionMemory {
  std::uint64_t x = 0;
  std::uint64_t filter = 0;
  std::uint64_t y = 0;
  std::uint64_t workspace = 0;
  std::uint64_t workspace_bytes = 0;
};

/// Leaves nothing but NaN in the workspace.
/// @param seed of the order, where it is any.
[[nodiscard]] std::optional<LaunchFault> convolve(const ConvolutionOperation& operation,
                                                  const ConvolutionArithmetic& arithmetic,
                                                  const ConvolutionMemory& at, std::uint64_t seed,
                                                  DeviceMemory& memory);

}  // namespace gpu_emulator
