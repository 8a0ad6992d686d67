// The report's Transformer: causal decoder, post-norm, exact GELU, biases throughout (replication
// report, appendix A; Vaswani et al. 2017 for the blocks).
#pragma once

#include <cstdint>
#include <memory>

#include "models/model.h"

namespace groklab {

struct TransformerShape {
  std::int64_t vocabulary = 0;  ///< V: rows of the token table, number of logits
  std::int64_t positions = 0;   ///< rows of the position table
  std::int64_t layers = 2;
  std::int64_t width = 128;   ///< d
  std::int64_t heads = 4;     ///< divides d
  std::int64_t hidden = 512;  ///< width of the feed-forward layer
};

template <class T>
std::unique_ptr<Model<T>> make_transformer(const TransformerShape& shape);

}  // namespace groklab
