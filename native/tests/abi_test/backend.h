// The backend that a test program was asked to try.
#pragma once

#include <vector>

#include "support/abi.h"

namespace groklab::test {

/// What `--backend NAME` names, if it is given; else these.
std::vector<Compute> asked_or(std::vector<Compute> otherwise);

}  // namespace groklab::test
