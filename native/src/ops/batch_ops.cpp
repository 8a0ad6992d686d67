#include "ops/batch_ops.h"

namespace groklab {

BatchOps::~BatchOps() = default;

}  // namespace groklab
