// What the GPU reaches at most.
#pragma once

#include "ops/backend.h"
#include "ops/cuda/products.h"
#include "ops/cuda/queue.h"

namespace groklab::cuda {

/// Measures for about so many seconds, half of them each for operations and bytes, with a queue that
/// nothing else uses meanwhile. Throws Error(kOutOfMemory), Error(kDeviceError).
Peak measure_peak(Backend& backend, CudaQueue& queue, Products& products, Precision precision,
                  double seconds);

}  // namespace groklab::cuda
