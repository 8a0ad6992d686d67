#include "ops/cuda/cublaslt.h"

#include "core/error.h"
#include "ops/cuda/device.h"

namespace groklab::cuda {

void fail(cublasStatus_t status, const std::string& doing) {
  check(cudaGetLastError(), doing.c_str());
  throw Error(Status::kDeviceError, doing + " failed: cuBLASLt says " +
                                        cublasLtGetStatusString(status) + " (" +
                                        cublasLtGetStatusName(status) + ")");
}

}  // namespace groklab::cuda
