// Convolutions by a library, in place of our own kernels.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <optional>

#include "ops/ops.h"

namespace groklab::cuda {

enum class ConvolutionKind : std::uint8_t { kForward, kBackwardInput, kBackwardWeight };

/// One replica's convolution of tensors without gaps: all that an algorithm depends on.
struct Convolution {
  ConvolutionKind kind = ConvolutionKind::kForward;
  bool is_double = false;
  std::int64_t images = 0;
  std::int64_t inputs = 0;  ///< channels
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t outputs = 0;  ///< channels
  std::int64_t kernel = 0;
  std::uint32_t alignment = 0;  ///< bytes, of every replica's tensors

  auto operator<=>(const Convolution&) const = default;
};

/// A tensor of all replicas: the first one's, and the bytes from one to the next.
struct ReplicatedTensor {
  void* data = nullptr;
  std::int64_t stride = 0;

  [[nodiscard]] void* of(std::int64_t replica) const {
    return static_cast<std::byte*>(data) + replica * stride;
  }
};

/// x, weight and y, or their gradients; the convolution's kind tells which of them is written.
struct ConvolutionTensors {
  ReplicatedTensor x;
  ReplicatedTensor weight;
  ReplicatedTensor y;
  std::int64_t replicas = 0;
};

/// What an implementation promises: the bits of a replica depend on its own Convolution alone. Any
/// thread may call; what is enqueued keeps no reference to the host's memory.
class Convolutions {
 public:
  Convolutions() = default;
  Convolutions(const Convolutions&) = delete;
  Convolutions& operator=(const Convolutions&) = delete;
  virtual ~Convolutions() = default;

  /// Bytes of workspace that it takes, however many the replicas; none where the library offers
  /// nothing that keeps the promise, or extents are 0. Enqueues nothing, so it is the place to prepare.
  /// Throws Error(kDeviceError) where the library fails.
  [[nodiscard]] virtual std::optional<std::int64_t> workspace(const Convolution& convolution) = 0;

  /// Enqueues a convolution that has a workspace, replica after replica.
  /// @param workspace as many bytes, aligned to kWorkspaceAlignment; null if there are none.
  virtual void run(cudaStream_t stream, const Convolution& convolution,
                   const ConvolutionTensors& tensors, void* workspace) = 0;

  static constexpr std::int64_t kWorkspaceAlignment = 256;  ///< as cudaMalloc aligns
};

}  // namespace groklab::cuda
