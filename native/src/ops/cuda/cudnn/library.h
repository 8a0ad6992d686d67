// libcudnn's functions, found at run time, and its failures as exceptions.
#pragma once

#include <cudnn_graph.h>

#include <string>

namespace groklab::cuda {

/// The library itself: the functions of its graph API that we call.
struct CudnnLibrary {
  decltype(&cudnnGetVersion) get_version;
  decltype(&cudnnGetCudartVersion) get_cudart_version;
  decltype(&cudnnGetErrorString) get_error_string;
  decltype(&cudnnGetLastErrorString) get_last_error_string;
  decltype(&cudnnCreate) create;
  decltype(&cudnnDestroy) destroy;
  decltype(&cudnnSetStream) set_stream;
  decltype(&cudnnBackendCreateDescriptor) create_descriptor;
  decltype(&cudnnBackendDestroyDescriptor) destroy_descriptor;
  decltype(&cudnnBackendSetAttribute) set_attribute;
  decltype(&cudnnBackendGetAttribute) get_attribute;
  decltype(&cudnnBackendFinalize) finalize;
  decltype(&cudnnBackendExecute) execute;
};

/// Only where look_for_cudnn says that it is here.
[[nodiscard]] const CudnnLibrary& cudnn_library();

/// Throws Error(kDeviceError) unless `status` is success: with CUDA's own reason, if it has one, else
/// with cuDNN's.
/// @param doing what failed, such as "describing a tensor"
void check(cudnnStatus_t status, const std::string& doing);

/// Whether cuDNN says that it cannot do what was asked for.
[[nodiscard]] inline bool is_unsupported(cudnnStatus_t status) {
  return CUDNN_STATUS_CATEGORY(status) == CUDNN_STATUS_NOT_SUPPORTED;
}

}  // namespace groklab::cuda
