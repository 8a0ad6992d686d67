// The encoder–decoder Transformer of Vaswani et al., "Attention is all you need" (2017), as PyTorch's
// nn.Transformer has it: post-norm, ReLU, biases throughout, final norms of both stacks; but learned
// positions, of one table for sources and targets, and no dropout on attention weights.
#pragma once

#include <memory>

#include "models/model.h"

namespace groklab {

template <class T>
std::unique_ptr<Model<T>> make_seq2seq(const ModelShape& shape);

}  // namespace groklab
