// D = α op(A) op(B) + β C, with a bias if wanted, on emulated device memory.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "cublaslt/descriptors.h"
#include "machine/launch.h"
#include "machine/memory.h"

namespace gpu_emulator {

/// The layouts of A, B, C, D.
using Layouts = std::array<MatrixLayout, 4>;

/// What an algorithm was chosen for. A product that breaks it is a fault.
struct Promise {
  MatmulDescription description;
  Layouts layouts;
  std::array<std::uint32_t, 4> alignments{};
};

struct Product {
  MatmulDescription description;
  Layouts layouts;
  std::array<const void*, 4> pointers{};  ///< of A, B, C, D
  double alpha = 1;                       ///< where the pointer mode is host
  double beta = 0;
  const void* alpha_on_device = nullptr;
  const void* beta_on_device = nullptr;
  std::optional<Promise> promise;
};

/// Whether shapes, types and leading dimensions fit each other.
[[nodiscard]] cublasStatus_t check(const MatmulDescription& description, const Layouts& layouts);
/// What differs between the promise and the product, or an empty text.
[[nodiscard]] std::string broken_promise(const Promise& promise, const Product& product);
[[nodiscard]] std::optional<LaunchFault> multiply(const Product& product, DeviceMemory& memory);

}  // namespace gpu_emulator
