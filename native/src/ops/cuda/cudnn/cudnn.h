// cuDNN, which may or may not be here; nothing but convolutions needs it.
#pragma once

#include <memory>
#include <string>

#include "ops/cuda/convolutions.h"

namespace groklab::cuda {

/// Whether cuDNN can be used here: its name, or why not.
struct CudnnPresence {
  bool here = false;
  std::string words;   ///< "cuDNN 9.24.0"; "libcudnn.so.9 is not found"
  std::string remedy;  ///< where it is not here: what to do
};

/// Opens the library when first called.
[[nodiscard]] const CudnnPresence& look_for_cudnn();

/// Convolutions by cuDNN, where it is here. Its engines are those that sum in one order and round
/// neither factors nor terms: no atomic additions, no Winograd, no FFT, nothing compiled at run time.
/// @param tf32 whether factors may be rounded to TF32.
[[nodiscard]] std::shared_ptr<Convolutions> make_cudnn_convolutions(bool tf32);

}  // namespace groklab::cuda
