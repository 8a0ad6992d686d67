// All architectures, by kind.
#pragma once

#include <memory>

#include "models/model.h"

namespace groklab {

template <class T>
std::unique_ptr<Model<T>> make_model(const ModelShape& shape);

}  // namespace groklab
