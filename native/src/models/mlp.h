// The report's MLP: residual blocks over the concatenated embeddings of all positions (replication
// report, appendix B).
#pragma once

#include <memory>

#include "models/model.h"

namespace groklab {

template <class T>
std::unique_ptr<Model<T>> make_mlp(const ModelShape& shape);

}  // namespace groklab
