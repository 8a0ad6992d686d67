// Zeros in strided matrices: what a product over no terms is.
#pragma once

#include <cuda_runtime_api.h>

#include "core/views.h"

namespace groklab::cuda {

template <class T>
void fill_zero(cudaStream_t stream, Matrices<T> x);

/// Success if the GPU can run the kernels that this library was built with.
[[nodiscard]] cudaError_t find_kernels();

}  // namespace groklab::cuda
