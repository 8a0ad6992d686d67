// Where the classes of cuda_ops.h live.
#include "ops/cuda/kernels/cuda_ops.h"

namespace groklab::cuda {

template class CudaOps<float>;
template class CudaOps<double>;

}  // namespace groklab::cuda
