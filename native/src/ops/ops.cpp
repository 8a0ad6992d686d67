#include "ops/ops.h"

namespace groklab {

// Out of line, so that no instruction-set specific unit emits the one copy that all of them share.
template <class T>
Ops<T>::~Ops() = default;

template class Ops<float>;
template class Ops<double>;

}  // namespace groklab
