#include "ops/cuda/products.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <type_traits>

#include "ops/cuda/cublaslt.h"
#include "ops/cuda/device.h"
#include "ops/cuda/zero.h"

namespace groklab::cuda {

namespace {

/// The number of replicas for which every algorithm is chosen.
constexpr std::int32_t kCanonicalBatch = 16;
/// Replicas of one call: some of cuBLASLt's kernels have them in a grid dimension of 65,535 blocks.
constexpr std::int64_t kMostReplicas = 32768;
/// Alignment that cuBLASLt's kernels with wide loads ask for.
constexpr std::uint32_t kWideAlignment = 16;

/// One operand as it lies in memory: a row-major matrix, which is its transpose to cuBLASLt.
struct Operand {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t row_stride = 0;
  std::int64_t replica_stride = 0;
  std::uint32_t alignment = 0;
  bool transpose = false;

  auto operator<=>(const Operand&) const = default;
};

/// Everything that an algorithm depends on, and the number of replicas.
struct Shape {
  bool is_double = false;
  Operand a;
  Operand b;
  Operand c;
  std::int32_t replicas = 0;

  auto operator<=>(const Shape&) const = default;

  [[nodiscard]] std::string text() const {
    const std::int64_t terms = a.transpose ? a.rows : a.cols;
    return std::string(is_double ? "fp64" : "fp32") + " product of " + std::to_string(replicas) +
           " times [" + std::to_string(c.rows) + ", " + std::to_string(terms) + "] and [" +
           std::to_string(terms) + ", " + std::to_string(c.cols) + "]";
  }
};

/// Strides of a single row or replica are free, and may be less than cuBLASLt would have them.
template <class T>
Operand operand(Matrices<T> x, std::int64_t replicas, bool transpose) {
  const std::int64_t row_stride = x.rows > 1 ? x.row_stride : std::max(x.row_stride, x.cols);
  const std::int64_t replica_stride =
      replicas > 1 || x.replica_stride != 0 ? x.replica_stride : x.rows * row_stride;
  const auto is_wide = [](auto bytes) { return bytes % kWideAlignment == 0; };
  const bool wide = is_wide(reinterpret_cast<std::uintptr_t>(x.data)) &&
                    is_wide(static_cast<std::size_t>(row_stride) * sizeof(T)) &&
                    is_wide(static_cast<std::size_t>(replica_stride) * sizeof(T));
  const std::uint32_t alignment = wide ? kWideAlignment : std::uint32_t{sizeof(T)};
  return {x.rows, x.cols, row_stride, replica_stride, alignment, transpose};
}

Layout make_layout(cudaDataType_t type, const Operand& x, std::int32_t replicas) {
  cublasLtMatrixLayout_t layout = nullptr;
  check(cublasLtMatrixLayoutCreate(&layout, type, static_cast<std::uint64_t>(x.cols),
                                   static_cast<std::uint64_t>(x.rows), x.row_stride),
        "describing a matrix");
  Layout owner(layout);
  set(CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, owner, replicas);
  set(CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, owner, x.replica_stride);
  return owner;
}

/// A product as cuBLASLt has it. Its matrices are stored by columns: our row-major C = op(A) op(B)
/// is Cᵀ = op(B)ᵀ op(A)ᵀ to it, so B comes first.
struct Descriptors {
  Operation operation;
  Layout b;
  Layout a;
  Layout c;

  Descriptors(const Shape& shape, bool tf32) {
    const cudaDataType_t type = shape.is_double ? CUDA_R_64F : CUDA_R_32F;
    const cublasComputeType_t compute = shape.is_double ? CUBLAS_COMPUTE_64F
                                        : tf32          ? CUBLAS_COMPUTE_32F_FAST_TF32
                                                        : CUBLAS_COMPUTE_32F;
    cublasLtMatmulDesc_t description = nullptr;
    check(cublasLtMatmulDescCreate(&description, compute, type), "describing a product");
    operation.reset(description);
    const auto op = [](const Operand& x) { return x.transpose ? CUBLAS_OP_T : CUBLAS_OP_N; };
    set(CUBLASLT_MATMUL_DESC_TRANSA, operation, op(shape.b));
    set(CUBLASLT_MATMUL_DESC_TRANSB, operation, op(shape.a));
    b = make_layout(type, shape.b, shape.replicas);
    a = make_layout(type, shape.a, shape.replicas);
    c = make_layout(type, shape.c, shape.replicas);
  }
};

struct Plan {
  Descriptors descriptors;
  cublasLtMatmulAlgo_t algorithm;
};

}  // namespace

/// One plan for each shape and number of replicas, made when first needed and kept.
class Products::Plans {
 public:
  explicit Plans(bool tf32) : tf32_(tf32) {
    use_gpu();
    cublasLtHandle_t handle = nullptr;
    check(cublasLtCreate(&handle), "starting cuBLASLt");
    handle_.reset(handle);
  }

  /// The plan stays where it is.
  const Plan& get(const Shape& shape) {
    const std::scoped_lock lock(mutex_);
    return find(shape);
  }

  [[nodiscard]] cublasLtHandle_t handle() const { return handle_.get(); }

 private:
  struct DestroyHandle {
    void operator()(cublasLtHandle_t handle) const {
      if (try_use_gpu()) cublasLtDestroy(handle);
    }
  };

  const Plan& find(const Shape& shape) {
    const auto known = plans_.find(shape);
    if (known != plans_.end()) return known->second;
    Descriptors descriptors(shape, tf32_);
    cublasLtMatmulAlgo_t algorithm;
    if (shape.replicas == kCanonicalBatch) {
      algorithm = choose(shape, descriptors);
    } else {
      Shape canonical = shape;
      canonical.replicas = kCanonicalBatch;
      algorithm = find(canonical).algorithm;
      cublasLtMatmulHeuristicResult_t result{};
      const Descriptors& d = descriptors;
      const cublasStatus_t status =
          cublasLtMatmulAlgoCheck(handle(), d.operation.get(), d.b.get(), d.a.get(), d.c.get(),
                                  d.c.get(), &algorithm, &result);
      // Nothing says that cuBLASLt must take it for every number. Where it does not, better bits
      // that depend on the number of replicas than no product; the tests of bits would tell.
      if (status != CUBLAS_STATUS_SUCCESS) algorithm = choose(shape, descriptors);
    }
    return plans_.try_emplace(shape, Plan{std::move(descriptors), algorithm}).first->second;
  }

  [[nodiscard]] cublasLtMatmulAlgo_t choose(const Shape& shape, const Descriptors& d) const {
    cublasLtMatmulPreference_t created = nullptr;
    check(cublasLtMatmulPreferenceCreate(&created), "describing an algorithm");
    const Preference preference(created);
    set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, preference, std::uint64_t{0});
    set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, preference,
        static_cast<std::uint32_t>(CUBLASLT_REDUCTION_SCHEME_NONE));
    set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, preference, shape.b.alignment);
    set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, preference, shape.a.alignment);
    set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, preference, shape.c.alignment);
    set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, preference, shape.c.alignment);
    cublasLtMatmulHeuristicResult_t result{};
    int found = 0;
    cublasStatus_t status =
        cublasLtMatmulAlgoGetHeuristic(handle(), d.operation.get(), d.b.get(), d.a.get(), d.c.get(),
                                       d.c.get(), preference.get(), 1, &result, &found);
    if (status == CUBLAS_STATUS_SUCCESS) {
      status = found == 0 ? CUBLAS_STATUS_NOT_SUPPORTED : result.state;
    }
    if (status != CUBLAS_STATUS_SUCCESS) {
      fail(status, "choosing an algorithm for the " + shape.text());
    }
    return result.algo;
  }

  const bool tf32_;
  std::unique_ptr<std::remove_pointer_t<cublasLtHandle_t>, DestroyHandle> handle_;
  std::mutex mutex_;
  std::map<Shape, Plan> plans_;
};

Products::Products(bool tf32) : plans_(std::make_unique<Plans>(tf32)) {}

Products::~Products() = default;

template <class T>
void Products::multiply(cudaStream_t stream, Matrices<const T> a, bool transpose_a,
                        Matrices<const T> b, bool transpose_b, Matrices<T> c, bool accumulate) {
  if (c.replicas == 0 || c.rows == 0 || c.cols == 0) return;
  if ((transpose_a ? a.rows : a.cols) == 0) {
    if (!accumulate) fill_zero(stream, c);
    return;
  }
  const T alpha = 1;
  const T beta = accumulate ? 1 : 0;
  Shape shape{std::is_same_v<T, double>, operand(a, c.replicas, transpose_a),
              operand(b, c.replicas, transpose_b), operand(c, c.replicas, false), 0};
  for (std::int64_t first = 0; first < c.replicas; first += kMostReplicas) {
    shape.replicas = static_cast<std::int32_t>(std::min(kMostReplicas, c.replicas - first));
    const auto& [d, algorithm] = plans_->get(shape);
    T* const out = c.data + first * c.replica_stride;
    const cublasStatus_t status = cublasLtMatmul(
        plans_->handle(), d.operation.get(), &alpha, b.data + first * b.replica_stride, d.b.get(),
        a.data + first * a.replica_stride, d.a.get(), &beta, out, d.c.get(), out, d.c.get(),
        &algorithm, nullptr, 0, stream);
    if (status != CUBLAS_STATUS_SUCCESS) fail(status, "the " + shape.text());
  }
}

template void Products::multiply<float>(cudaStream_t, Matrices<const float>, bool,
                                        Matrices<const float>, bool, Matrices<float>, bool);
template void Products::multiply<double>(cudaStream_t, Matrices<const double>, bool,
                                         Matrices<const double>, bool, Matrices<double>, bool);

}  // namespace groklab::cuda
