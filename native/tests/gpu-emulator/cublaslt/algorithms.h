// Algorithms: numbers that stand for what they were chosen for.
#pragma once

#include <optional>

#include "cublaslt/descriptors.h"
#include "cublaslt/product.h"

namespace gpu_emulator {

[[nodiscard]] cublasLtMatmulAlgo_t new_algorithm(const Promise& promise);
/// Nothing where the algorithm is none of ours.
[[nodiscard]] std::optional<Promise> promise_of(const cublasLtMatmulAlgo_t& algorithm);

}  // namespace gpu_emulator
