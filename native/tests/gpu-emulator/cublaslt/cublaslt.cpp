// The functions of cublasLt.
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include "cublaslt/algorithms.h"
#include "cublaslt/descriptors.h"
#include "cublaslt/product.h"
#include "cudart/library_work.h"
#include "device/environment.h"
#include "ptx/stop.h"

using gpu_emulator::Layouts;
using gpu_emulator::MatmulDescription;
using gpu_emulator::MatmulPreference;
using gpu_emulator::MatrixLayout;
using gpu_emulator::Product;
using gpu_emulator::Promise;

namespace {

struct NamedStatus {
  cublasStatus_t status;
  const char* name;
  const char* text;
};

constexpr std::array<NamedStatus, 10> kStatuses = {{
    {CUBLAS_STATUS_SUCCESS, "CUBLAS_STATUS_SUCCESS", "success"},
    {CUBLAS_STATUS_NOT_INITIALIZED, "CUBLAS_STATUS_NOT_INITIALIZED",
     "the library was not initialized"},
    {CUBLAS_STATUS_ALLOC_FAILED, "CUBLAS_STATUS_ALLOC_FAILED", "the resource allocation failed"},
    {CUBLAS_STATUS_INVALID_VALUE, "CUBLAS_STATUS_INVALID_VALUE",
     "an unsupported value or parameter was passed to the function"},
    {CUBLAS_STATUS_ARCH_MISMATCH, "CUBLAS_STATUS_ARCH_MISMATCH",
     "the function requires a feature absent from the device"},
    {CUBLAS_STATUS_MAPPING_ERROR, "CUBLAS_STATUS_MAPPING_ERROR",
     "an access to GPU memory space failed"},
    {CUBLAS_STATUS_EXECUTION_FAILED, "CUBLAS_STATUS_EXECUTION_FAILED",
     "the GPU program failed to execute"},
    {CUBLAS_STATUS_INTERNAL_ERROR, "CUBLAS_STATUS_INTERNAL_ERROR", "an internal operation failed"},
    {CUBLAS_STATUS_NOT_SUPPORTED, "CUBLAS_STATUS_NOT_SUPPORTED",
     "the requested functionality is not supported"},
    {CUBLAS_STATUS_LICENSE_ERROR, "CUBLAS_STATUS_LICENSE_ERROR", "there is no license"},
}};

/// Descriptors are our own objects behind cublasLt's opaque pointers.
MatmulDescription* own(cublasLtMatmulDesc_t handle) {
  return reinterpret_cast<MatmulDescription*>(handle);
}
MatrixLayout* own(cublasLtMatrixLayout_t handle) { return reinterpret_cast<MatrixLayout*>(handle); }
MatmulPreference* own(cublasLtMatmulPreference_t handle) {
  return reinterpret_cast<MatmulPreference*>(handle);
}

template <class Handle, class T>
cublasStatus_t create(Handle* handle, const T& object) {
  if (handle == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
  *handle = reinterpret_cast<Handle>(std::make_unique<T>(object).release());
  return CUBLAS_STATUS_SUCCESS;
}

template <class Handle, class Attribute>
cublasStatus_t set(Handle handle, Attribute attribute, const void* from, std::size_t bytes) {
  if (handle == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
  return gpu_emulator::set_attribute(*own(handle), attribute, from, bytes);
}

template <class T>
cublasStatus_t destroy(T* object) {
  const std::unique_ptr<T> owner(object);
  return CUBLAS_STATUS_SUCCESS;
}

std::optional<Layouts> layouts_of(cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                  cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d) {
  if (a == nullptr || b == nullptr || c == nullptr || d == nullptr) return std::nullopt;
  return Layouts{*own(a), *own(b), *own(c), *own(d)};
}

double host_scalar(const MatmulDescription& description, const void* pointer) {
  if (description.scale == CUDA_R_64F) {
    double value = 0;
    std::memcpy(&value, pointer, sizeof value);
    return value;
  }
  float value = 0;
  std::memcpy(&value, pointer, sizeof value);
  return static_cast<double>(value);
}

void set_result(cublasLtMatmulHeuristicResult_t& result, const cublasLtMatmulAlgo_t& algorithm) {
  result = {};
  result.algo = algorithm;
  result.workspaceSize = 0;
  result.state = CUBLAS_STATUS_SUCCESS;
  result.wavesCount = 1;
}

// No handle has state; this one only says that cublasLtCreate was called.
int handle_mark = 0;

bool is_handle(cublasLtHandle_t handle) {
  return handle == reinterpret_cast<cublasLtHandle_t>(&handle_mark);
}

}  // namespace

extern "C" {

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  if (handle == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
  if (gpu_emulator::exported::device_status() != cudaSuccess) {
    return CUBLAS_STATUS_NOT_INITIALIZED;
  }
  *handle = reinterpret_cast<cublasLtHandle_t>(&handle_mark);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
  return is_handle(handle) ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_INITIALIZED;
}

size_t cublasLtGetVersion(void) { return CUBLAS_VERSION; }

const char* cublasLtGetStatusName(cublasStatus_t status) {
  for (const NamedStatus& known : kStatuses) {
    if (known.status == status) return known.name;
  }
  return "CUBLAS_STATUS_UNKNOWN";
}

const char* cublasLtGetStatusString(cublasStatus_t status) {
  for (const NamedStatus& known : kStatuses) {
    if (known.status == status) return known.text;
  }
  return "an unknown status";
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* handle, cublasComputeType_t compute,
                                        cudaDataType_t scale) {
  MatmulDescription description;
  description.compute = compute;
  description.scale = scale;
  return create(handle, description);
}

cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t handle) {
  return destroy(own(handle));
}

cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t handle,
                                              cublasLtMatmulDescAttributes_t attribute,
                                              const void* from, size_t bytes) {
  return set(handle, attribute, from, bytes);
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* handle, cudaDataType type,
                                          uint64_t rows, uint64_t cols, int64_t ld) {
  MatrixLayout layout;
  layout.type = type;
  layout.rows = rows;
  layout.cols = cols;
  layout.ld = ld;
  return create(handle, layout);
}

cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t handle) {
  return destroy(own(handle));
}

cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t handle,
                                                cublasLtMatrixLayoutAttribute_t attribute,
                                                const void* from, size_t bytes) {
  return set(handle, attribute, from, bytes);
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* handle) {
  return create(handle, MatmulPreference{});
}

cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t handle) {
  return destroy(own(handle));
}

cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t handle,
                                                    cublasLtMatmulPreferenceAttributes_t attribute,
                                                    const void* from, size_t bytes) {
  return set(handle, attribute, from, bytes);
}

/// There is one algorithm, which needs no workspace and splits no sum.
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t handle,
                                              cublasLtMatmulDesc_t description,
                                              cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                              cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                              cublasLtMatmulPreference_t preference, int wanted,
                                              cublasLtMatmulHeuristicResult_t results[],
                                              int* found) {
  if (!is_handle(handle)) return CUBLAS_STATUS_NOT_INITIALIZED;
  const auto layouts = layouts_of(a, b, c, d);
  if (description == nullptr || !layouts || preference == nullptr || wanted < 1 ||
      results == nullptr || found == nullptr) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  *found = 0;
  const cublasStatus_t status = gpu_emulator::check(*own(description), *layouts);
  if (status != CUBLAS_STATUS_SUCCESS) return status;
  const Promise promise{*own(description), *layouts, own(preference)->alignments};
  set_result(results[0], gpu_emulator::new_algorithm(promise));
  *found = 1;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulAlgoCheck(cublasLtHandle_t handle, cublasLtMatmulDesc_t description,
                                       cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                       cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                       const cublasLtMatmulAlgo_t* algorithm,
                                       cublasLtMatmulHeuristicResult_t* result) {
  if (!is_handle(handle)) return CUBLAS_STATUS_NOT_INITIALIZED;
  const auto layouts = layouts_of(a, b, c, d);
  if (description == nullptr || !layouts || algorithm == nullptr || result == nullptr) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  const cublasStatus_t status = gpu_emulator::check(*own(description), *layouts);
  if (status != CUBLAS_STATUS_SUCCESS) return status;
  const auto promise = gpu_emulator::promise_of(*algorithm);
  if (!promise) return CUBLAS_STATUS_INVALID_VALUE;
  Product product;
  product.description = *own(description);
  product.layouts = *layouts;
  if (!gpu_emulator::broken_promise(*promise, product).empty()) return CUBLAS_STATUS_NOT_SUPPORTED;
  const bool same_batch = promise->layouts.back().batch_count == product.layouts.back().batch_count;
  if (gpu_emulator::environment().one_batch && !same_batch) return CUBLAS_STATUS_NOT_SUPPORTED;
  set_result(*result, *algorithm);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulAlgoConfigGetAttribute(const cublasLtMatmulAlgo_t* algorithm,
                                                    cublasLtMatmulAlgoConfigAttributes_t attribute,
                                                    void* to, size_t bytes, size_t* written) {
  if (algorithm == nullptr || !gpu_emulator::promise_of(*algorithm)) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  // Inner and cluster shape have two bytes, all others four.
  const bool is_short = attribute == CUBLASLT_ALGO_CONFIG_INNER_SHAPE_ID ||
                        attribute == CUBLASLT_ALGO_CONFIG_CLUSTER_SHAPE_ID;
  const size_t needed = is_short ? 2 : 4;
  if (written != nullptr) *written = needed;
  if (bytes == 0 && written != nullptr) return CUBLAS_STATUS_SUCCESS;
  if (to == nullptr || bytes < needed) return CUBLAS_STATUS_INVALID_VALUE;
  const std::int32_t value = attribute == CUBLASLT_ALGO_CONFIG_SPLITK_NUM ? 1 : 0;
  std::memcpy(to, &value, needed);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t description,
                              const void* alpha, const void* A, cublasLtMatrixLayout_t a,
                              const void* B, cublasLtMatrixLayout_t b, const void* beta,
                              const void* C, cublasLtMatrixLayout_t c, void* D,
                              cublasLtMatrixLayout_t d, const cublasLtMatmulAlgo_t* algorithm,
                              void*, size_t, cudaStream_t stream) {
  if (!is_handle(handle)) return CUBLAS_STATUS_NOT_INITIALIZED;
  const auto layouts = layouts_of(a, b, c, d);
  if (description == nullptr || !layouts || alpha == nullptr || beta == nullptr) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  const cublasStatus_t status = gpu_emulator::check(*own(description), *layouts);
  if (status != CUBLAS_STATUS_SUCCESS) return status;
  Product product;
  product.description = *own(description);
  product.layouts = *layouts;
  product.pointers = {A, B, C, D};
  if (product.description.pointer_mode == CUBLASLT_POINTER_MODE_DEVICE) {
    product.alpha_on_device = alpha;
    product.beta_on_device = beta;
  } else {
    product.alpha = host_scalar(product.description, alpha);
    product.beta = host_scalar(product.description, beta);
  }
  if (algorithm != nullptr) {
    product.promise = gpu_emulator::promise_of(*algorithm);
    if (!product.promise) return CUBLAS_STATUS_INVALID_VALUE;
  }
  const cudaError_t error = gpu_emulator::exported::submit_library_work(
      stream, "cublasLtMatmul",
      [product](gpu_emulator::DeviceMemory& memory) { return multiply(product, memory); });
  return error == cudaSuccess ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}
}
