// Takes the place of this folder's other files where the build had no cuDNN.
#include "ops/cuda/cudnn/cudnn.h"

namespace groklab::cuda {

const CudnnPresence& look_for_cudnn() {
  static const CudnnPresence presence{
      false, "this build was made without it",
      "build again where CMake finds it, which says how it is installed"};
  return presence;
}

std::shared_ptr<Convolutions> make_cudnn_convolutions(bool) { return nullptr; }

}  // namespace groklab::cuda
