// Which backends the op test tries.
#pragma once

#include <string>

#include "op_test/modes.h"

namespace groklab::test {

/// The backends of one name, or of all names: naive, each instruction set of the CPU that runs
/// here, and cuda. Without a name cuda is among them where it is usable; where it is not, a line
/// says why. Throws Error(kBackendUnavailable) for a name whose backend is not usable.
Targets targets_of(const std::string& name);

}  // namespace groklab::test
