// A network over rows of real numbers: linear layers with ReLU between them.
#pragma once

#include <memory>

#include "models/model.h"

namespace groklab {

template <class T>
std::unique_ptr<Model<T>> make_dense(const ModelShape& shape);

}  // namespace groklab
