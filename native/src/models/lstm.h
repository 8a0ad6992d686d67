// The report's LSTM: stacked layers over the embedded tokens, read out at the last one (replication
// report, appendix B; Hochreiter & Schmidhuber, "Long short-term memory", 1997).
#pragma once

#include <memory>

#include "models/model.h"

namespace groklab {

template <class T>
std::unique_ptr<Model<T>> make_lstm(const ModelShape& shape);

}  // namespace groklab
