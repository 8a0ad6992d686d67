// A convolutional network for images.
#pragma once

#include <memory>

#include "models/model.h"

namespace groklab {

template <class T>
std::unique_ptr<Model<T>> make_cnn(const ModelShape& shape);

}  // namespace groklab
