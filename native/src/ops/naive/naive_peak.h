// What this backend's plain loops reach.
#pragma once

#include "ops/backend.h"

namespace groklab::naive {

/// One thread's scalar multiply-adds and copies; its arithmetic is double in either precision.
Peak measure_peak(double seconds);

}  // namespace groklab::naive
