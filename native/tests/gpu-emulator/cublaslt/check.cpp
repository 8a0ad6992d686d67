// Which products are defined, and which keep what was promised.
#include <array>
#include <string>

#include "cublaslt/product.h"

namespace gpu_emulator {
namespace {

constexpr std::array<const char*, 4> kNames = {"A", "B", "C", "D"};

bool same_but_batches(MatrixLayout a, MatrixLayout b) {
  a.batch_count = b.batch_count = 1;
  return a == b;
}

bool is_well_formed(const MatrixLayout& layout) {
  const std::uint64_t least = layout.order == CUBLASLT_ORDER_COL ? layout.rows : layout.cols;
  return layout.rows > 0 && layout.cols > 0 && layout.batch_count > 0 && layout.ld > 0 &&
         static_cast<std::uint64_t>(layout.ld) >= least;
}

struct Extent2 {
  std::uint64_t rows;
  std::uint64_t cols;
};

Extent2 extent_of(const MatrixLayout& layout, std::int32_t transpose) {
  if (transpose == CUBLAS_OP_N) return {layout.rows, layout.cols};
  return {layout.cols, layout.rows};
}

}  // namespace

cublasStatus_t check(const MatmulDescription& description, const Layouts& layouts) {
  const bool is_double = description.compute == CUBLAS_COMPUTE_64F;
  const bool is_float = description.compute == CUBLAS_COMPUTE_32F ||
                        description.compute == CUBLAS_COMPUTE_32F_FAST_TF32;
  if (!is_double && !is_float) return CUBLAS_STATUS_NOT_SUPPORTED;
  const cudaDataType_t type = is_double ? CUDA_R_64F : CUDA_R_32F;
  if (description.scale != type) return CUBLAS_STATUS_NOT_SUPPORTED;
  for (const MatrixLayout& layout : layouts) {
    if (layout.type != type) return CUBLAS_STATUS_NOT_SUPPORTED;
    if (!is_well_formed(layout)) return CUBLAS_STATUS_INVALID_VALUE;
    if (layout.batch_count != layouts[3].batch_count) return CUBLAS_STATUS_INVALID_VALUE;
  }
  const Extent2 a = extent_of(layouts[0], description.transpose_a);
  const Extent2 b = extent_of(layouts[1], description.transpose_b);
  const MatrixLayout& d = layouts[3];
  const bool fits = a.cols == b.rows && d.rows == a.rows && d.cols == b.cols &&
                    layouts[2].rows == d.rows && layouts[2].cols == d.cols;
  return fits ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}

std::string broken_promise(const Promise& promise, const Product& product) {
  const MatmulDescription& then = promise.description;
  const MatmulDescription& now = product.description;
  if (then.compute != now.compute || then.scale != now.scale ||
      then.transpose_a != now.transpose_a || then.transpose_b != now.transpose_b ||
      then.epilogue != now.epilogue || then.pointer_mode != now.pointer_mode) {
    return "the algorithm was chosen for another operation";
  }
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (!same_but_batches(promise.layouts[i], product.layouts[i])) {
      return std::string("the algorithm was chosen for another layout of ") + kNames[i];
    }
    const auto address = reinterpret_cast<std::uint64_t>(product.pointers[i]);
    if (address % promise.alignments[i] != 0) {
      return std::string(kNames[i]) + " at " + hexadecimal(address) + " was promised to be " +
             std::to_string(promise.alignments[i]) + "-byte aligned";
    }
  }
  return {};
}

}  // namespace gpu_emulator
