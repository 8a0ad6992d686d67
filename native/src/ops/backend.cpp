#include "ops/backend.h"

namespace groklab {

Backend::~Backend() = default;

}  // namespace groklab
