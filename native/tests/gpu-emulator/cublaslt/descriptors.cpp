// Attributes of descriptors. One that is not known stops the emulator by its number.
#include "cublaslt/descriptors.h"

#include <cstring>
#include <string>

#include "ptx/stop.h"

namespace gpu_emulator {
namespace {

template <class T>
cublasStatus_t take(T& to, const void* from, std::size_t bytes) {
  if (from == nullptr || bytes != sizeof(T)) return CUBLAS_STATUS_INVALID_VALUE;
  std::memcpy(&to, from, sizeof(T));
  return CUBLAS_STATUS_SUCCESS;
}

/// Takes a value that may only be one of a few.
cublasStatus_t take_one_of(std::initializer_list<std::int32_t> allowed, const char* name,
                           std::int32_t& to, const void* from, std::size_t bytes) {
  const cublasStatus_t status = take(to, from, bytes);
  if (status != CUBLAS_STATUS_SUCCESS) return status;
  for (const std::int32_t value : allowed) {
    if (value == to) return status;
  }
  stop(std::string(name) + " " + std::to_string(to) + " is not emulated");
}

[[noreturn]] void unknown(const char* what, int number) {
  stop(std::string("attribute ") + std::to_string(number) + " of " + what + " is not emulated");
}

}  // namespace

cublasStatus_t set_attribute(MatmulDescription& description, cublasLtMatmulDescAttributes_t which,
                             const void* from, std::size_t bytes) {
  std::int32_t ignored = 0;
  switch (which) {
    case CUBLASLT_MATMUL_DESC_POINTER_MODE:
      return take_one_of({CUBLASLT_POINTER_MODE_HOST, CUBLASLT_POINTER_MODE_DEVICE},
                         "CUBLASLT_MATMUL_DESC_POINTER_MODE", description.pointer_mode, from,
                         bytes);
    case CUBLASLT_MATMUL_DESC_TRANSA:
      return take_one_of({CUBLAS_OP_N, CUBLAS_OP_T}, "CUBLASLT_MATMUL_DESC_TRANSA",
                         description.transpose_a, from, bytes);
    case CUBLASLT_MATMUL_DESC_TRANSB:
      return take_one_of({CUBLAS_OP_N, CUBLAS_OP_T}, "CUBLASLT_MATMUL_DESC_TRANSB",
                         description.transpose_b, from, bytes);
    case CUBLASLT_MATMUL_DESC_TRANSC:
      return take_one_of({CUBLAS_OP_N}, "CUBLASLT_MATMUL_DESC_TRANSC", ignored, from, bytes);
    case CUBLASLT_MATMUL_DESC_EPILOGUE:
      return take_one_of({CUBLASLT_EPILOGUE_DEFAULT, CUBLASLT_EPILOGUE_BIAS},
                         "CUBLASLT_MATMUL_DESC_EPILOGUE", description.epilogue, from, bytes);
    case CUBLASLT_MATMUL_DESC_BIAS_POINTER:
      return take(description.bias, from, bytes);
    case CUBLASLT_MATMUL_DESC_BIAS_BATCH_STRIDE:
      return take(description.bias_batch_stride, from, bytes);
    default:
      unknown("a matmul description", which);
  }
}

cublasStatus_t set_attribute(MatrixLayout& layout, cublasLtMatrixLayoutAttribute_t which,
                             const void* from, std::size_t bytes) {
  switch (which) {
    case CUBLASLT_MATRIX_LAYOUT_TYPE:
      return take(layout.type, from, bytes);
    case CUBLASLT_MATRIX_LAYOUT_ORDER:
      return take_one_of({CUBLASLT_ORDER_COL, CUBLASLT_ORDER_ROW}, "CUBLASLT_MATRIX_LAYOUT_ORDER",
                         layout.order, from, bytes);
    case CUBLASLT_MATRIX_LAYOUT_ROWS:
      return take(layout.rows, from, bytes);
    case CUBLASLT_MATRIX_LAYOUT_COLS:
      return take(layout.cols, from, bytes);
    case CUBLASLT_MATRIX_LAYOUT_LD:
      return take(layout.ld, from, bytes);
    case CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT:
      return take(layout.batch_count, from, bytes);
    case CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET:
      return take(layout.batch_stride, from, bytes);
    default:
      unknown("a matrix layout", which);
  }
}

cublasStatus_t set_attribute(MatmulPreference& preference,
                             cublasLtMatmulPreferenceAttributes_t which, const void* from,
                             std::size_t bytes) {
  switch (which) {
    case CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES:
      return take(preference.most_workspace, from, bytes);
    case CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK:
      return take(preference.reduction_mask, from, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES:
      return take(preference.alignments[0], from, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES:
      return take(preference.alignments[1], from, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES:
      return take(preference.alignments[2], from, bytes);
    case CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES:
      return take(preference.alignments[3], from, bytes);
    default:
      unknown("a matmul preference", which);
  }
}

}  // namespace gpu_emulator
