// A backend without memory and without work: what is made on it shows what it would take elsewhere.
#pragma once

#include <memory>

#include "ops/backend.h"

namespace groklab {

/// Has the lanes of `like`, and a queue if that has one. `allocate` gives addresses that nobody may
/// touch; staging memory is real, for the host writes there, but untouched it costs nothing.
std::shared_ptr<Backend> make_dry_backend(Backend& like);

}  // namespace groklab
