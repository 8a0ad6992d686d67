// The backend of the reference ops: one lane, host memory.
#pragma once

#include <memory>

#include "ops/backend.h"

namespace groklab::naive {

/// A backend named "naive" that computes everything on the calling thread, all replicas at once.
[[nodiscard]] std::shared_ptr<Backend> make_naive_backend();

}  // namespace groklab::naive
