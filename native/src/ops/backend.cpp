#include "ops/backend.h"

namespace groklab {

Recording::~Recording() = default;
Queue::~Queue() = default;
Backend::~Backend() = default;

}  // namespace groklab
