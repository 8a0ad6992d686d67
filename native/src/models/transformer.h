// The report's Transformer: causal decoder, post-norm, exact GELU, biases throughout (replication
// report, appendix A; Vaswani et al. 2017 for the blocks).
#pragma once

#include <memory>

#include "models/model.h"

namespace groklab {

template <class T>
std::unique_ptr<Model<T>> make_transformer(const ModelShape& shape);

}  // namespace groklab
