// The descriptors of cublasLt as plain structs, and the reading and writing of their attributes.
#pragma once

#pragma GCC visibility push(default)
#include <cublasLt.h>
#pragma GCC visibility pop

#include <array>
#include <cstddef>
#include <cstdint>

namespace gpu_emulator {

struct MatmulDescription {
  cublasComputeType_t compute = CUBLAS_COMPUTE_32F;
  cudaDataType_t scale = CUDA_R_32F;
  std::int32_t pointer_mode = CUBLASLT_POINTER_MODE_HOST;
  std::int32_t transpose_a = CUBLAS_OP_N;
  std::int32_t transpose_b = CUBLAS_OP_N;
  std::int32_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  const void* bias = nullptr;
  std::int64_t bias_batch_stride = 0;
};

struct MatrixLayout {
  std::int32_t type = CUDA_R_32F;
  std::int32_t order = CUBLASLT_ORDER_COL;
  std::uint64_t rows = 0;
  std::uint64_t cols = 0;
  std::int64_t ld = 0;
  std::int32_t batch_count = 1;
  std::int64_t batch_stride = 0;

  [[nodiscard]] std::size_t element_bytes() const { return type == CUDA_R_64F ? 8 : 4; }
  bool operator==(const MatrixLayout&) const = default;
};

/// cublasLt's defaults: any reduction, and buffers aligned to 256 bytes.
struct MatmulPreference {
  std::uint64_t most_workspace = 0;
  std::uint32_t reduction_mask = CUBLASLT_REDUCTION_SCHEME_MASK;
  std::array<std::uint32_t, 4> alignments{256, 256, 256, 256};  ///< of A, B, C, D
};

cublasStatus_t set_attribute(MatmulDescription& description, cublasLtMatmulDescAttributes_t which,
                             const void* from, std::size_t bytes);
cublasStatus_t set_attribute(MatrixLayout& layout, cublasLtMatrixLayoutAttribute_t which,
                             const void* from, std::size_t bytes);
cublasStatus_t set_attribute(MatmulPreference& preference,
                             cublasLtMatmulPreferenceAttributes_t which, const void* from,
                             std::size_t bytes);

}  // namespace gpu_emulator
