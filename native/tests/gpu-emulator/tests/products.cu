// cublasLt: products against plain loops, and promises that must be kept.
// products test | products FAULT planted|correct
#include <cublasLt.h>

#include <cstring>
#include <string>

#include "support.h"

namespace {

#define LT(call) CHECK((call) == CUBLAS_STATUS_SUCCESS)

template <class T>
constexpr cudaDataType_t kType = sizeof(T) == 8 ? CUDA_R_64F : CUDA_R_32F;

struct Shape {
  int m;
  int n;
  int k;
  int batches;
  bool transpose_a;
  bool transpose_b;
  int padding;  // of leading dimensions and strides
};

/// A matrix in a batch: its layout, and where its elements lie.
struct Matrix {
  int rows;
  int cols;
  int ld;
  long long stride;
  int batches;

  Matrix(int row_count, int col_count, int padding, int batch_count)
      : rows(row_count),
        cols(col_count),
        ld(row_count + padding),
        stride(static_cast<long long>(ld) * col_count + padding),
        batches(batch_count) {}

  std::size_t size() const {
    return static_cast<std::size_t>(stride) * static_cast<std::size_t>(batches);
  }
  std::size_t at(int batch, int row, int col) const {
    return static_cast<std::size_t>(batch * stride + static_cast<long long>(col) * ld + row);
  }
  cublasLtMatrixLayout_t layout(cudaDataType_t type) const {
    cublasLtMatrixLayout_t result = nullptr;
    LT(cublasLtMatrixLayoutCreate(&result, type, static_cast<std::uint64_t>(rows),
                                  static_cast<std::uint64_t>(cols), ld));
    LT(cublasLtMatrixLayoutSetAttribute(result, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &batches,
                                        sizeof batches));
    LT(cublasLtMatrixLayoutSetAttribute(result, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET,
                                        &stride, sizeof stride));
    return result;
  }
};

/// Everything that one product needs.
template <class T>
class Product {
 public:
  Product(const Shape& shape, cublasComputeType_t compute)
      : a(shape.transpose_a ? shape.k : shape.m, shape.transpose_a ? shape.m : shape.k,
          shape.padding, shape.batches),
        b(shape.transpose_b ? shape.n : shape.k, shape.transpose_b ? shape.k : shape.n,
          shape.padding, shape.batches),
        c(shape.m, shape.n, shape.padding, shape.batches) {
    LT(cublasLtCreate(&handle));
    LT(cublasLtMatmulDescCreate(&description, compute, kType<T>));
    const cublasOperation_t transpose = CUBLAS_OP_T;
    if (shape.transpose_a) set(CUBLASLT_MATMUL_DESC_TRANSA, transpose);
    if (shape.transpose_b) set(CUBLASLT_MATMUL_DESC_TRANSB, transpose);
    layouts[0] = a.layout(kType<T>);
    layouts[1] = b.layout(kType<T>);
    layouts[2] = c.layout(kType<T>);
  }
  Product(const Product&) = delete;
  Product& operator=(const Product&) = delete;
  ~Product() {
    for (cublasLtMatrixLayout_t layout : layouts) LT(cublasLtMatrixLayoutDestroy(layout));
    LT(cublasLtMatmulDescDestroy(description));
    LT(cublasLtDestroy(handle));
  }

  template <class V>
  void set(cublasLtMatmulDescAttributes_t attribute, const V& value) {
    LT(cublasLtMatmulDescSetAttribute(description, attribute, &value, sizeof value));
  }

  cublasLtMatmulAlgo_t choose(std::uint32_t alignment) {
    cublasLtMatmulPreference_t preference = nullptr;
    LT(cublasLtMatmulPreferenceCreate(&preference));
    for (const auto attribute :
         {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
          CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES}) {
      LT(cublasLtMatmulPreferenceSetAttribute(preference, attribute, &alignment, sizeof alignment));
    }
    cublasLtMatmulHeuristicResult_t result = {};
    int found = 0;
    LT(cublasLtMatmulAlgoGetHeuristic(handle, description, layouts[0], layouts[1], layouts[2],
                                      layouts[2], preference, 1, &result, &found));
    CHECK(found == 1 && result.workspaceSize == 0);
    cublasLtMatmulHeuristicResult_t checked = {};
    LT(cublasLtMatmulAlgoCheck(handle, description, layouts[0], layouts[1], layouts[2], layouts[2],
                               &result.algo, &checked));
    std::int32_t splits = 0;
    std::size_t written = 0;
    LT(cublasLtMatmulAlgoConfigGetAttribute(&result.algo, CUBLASLT_ALGO_CONFIG_SPLITK_NUM, &splits,
                                            sizeof splits, &written));
    CHECK(splits == 1 && written == sizeof splits);
    LT(cublasLtMatmulPreferenceDestroy(preference));
    return result.algo;
  }

  void multiply(T alpha, const T* x, const T* y, T beta, T* z,
                const cublasLtMatmulAlgo_t* algorithm) {
    LT(cublasLtMatmul(handle, description, &alpha, x, layouts[0], y, layouts[1], &beta, z,
                      layouts[2], z, layouts[2], algorithm, nullptr, 0, nullptr));
  }

  Matrix a;
  Matrix b;
  Matrix c;
  cublasLtHandle_t handle = nullptr;
  cublasLtMatmulDesc_t description = nullptr;
  cublasLtMatrixLayout_t layouts[3] = {};
};

template <class T>
std::vector<T> numbers(std::size_t count, int seed) {
  std::vector<T> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] =
        static_cast<T>(static_cast<int>((i * 37 + static_cast<std::size_t>(seed)) % 101) - 50) /
        T(32);
  }
  return values;
}

template <class T>
void test_shape(const Shape& shape, bool with_bias) {
  Product<T> product(shape, sizeof(T) == 8 ? CUBLAS_COMPUTE_64F : CUBLAS_COMPUTE_32F);
  const auto x = numbers<T>(product.a.size(), 3);
  const auto y = numbers<T>(product.b.size(), 5);
  const auto z = numbers<T>(product.c.size(), 7);
  const auto bias = numbers<T>(static_cast<std::size_t>(shape.m), 11);
  const test::DeviceArray<T> dx(x), dy(y), dz(z), dbias(bias);
  if (with_bias) {
    const cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_BIAS;
    product.set(CUBLASLT_MATMUL_DESC_EPILOGUE, epilogue);
    const void* pointer = dbias.data();
    product.set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, pointer);
  }
  const cublasLtMatmulAlgo_t algorithm = product.choose(sizeof(T));
  product.multiply(T(0.5), dx.data(), dy.data(), T(2), dz.data(), &algorithm);
  const auto found = dz.get();
  for (int batch = 0; batch < shape.batches; ++batch) {
    for (int col = 0; col < shape.n; ++col) {
      for (int row = 0; row < shape.m; ++row) {
        double sum = 0;
        for (int i = 0; i < shape.k; ++i) {
          const auto left =
              shape.transpose_a ? product.a.at(batch, i, row) : product.a.at(batch, row, i);
          const auto right =
              shape.transpose_b ? product.b.at(batch, col, i) : product.b.at(batch, i, col);
          sum += static_cast<double>(x[left]) * static_cast<double>(y[right]);
        }
        const auto at = product.c.at(batch, row, col);
        sum = 0.5 * sum + 2 * static_cast<double>(z[at]) +
              (with_bias ? static_cast<double>(bias[static_cast<std::size_t>(row)]) : 0);
        CHECK(test::near(found[at], sum, 1));
      }
    }
  }
  // What lies between columns stays as it was.
  if (shape.padding > 0)
    CHECK(found[static_cast<std::size_t>(shape.m)] == z[static_cast<std::size_t>(shape.m)]);
}

void test_tf32_rounds_its_inputs() {
  Product<float> product({1, 1, 1, 1, false, false, 0}, CUBLAS_COMPUTE_32F_FAST_TF32);
  // 1 + 2⁻¹¹ is halfway between two numbers of ten bits, and is rounded away from zero.
  const test::DeviceArray<float> x(std::vector<float>{1 + 0x1p-11F});
  const test::DeviceArray<float> y(std::vector<float>{3});
  const test::DeviceArray<float> z(1);
  const cublasLtMatmulAlgo_t algorithm = product.choose(4);
  product.multiply(1, x.data(), y.data(), 0, z.data(), &algorithm);
  CHECK(z.get()[0] == 3 * (1 + 0x1p-10F));
}

int run_fault(const std::string& name, bool planted) {
  Product<float> product({8, 4, 6, 1, false, false, 0}, CUBLAS_COMPUTE_32F);
  const test::DeviceArray<float> x(std::vector<float>(64, 1));
  const test::DeviceArray<float> y(std::vector<float>(32, 1));
  const test::DeviceArray<float> z(64);
  const cublasLtMatmulAlgo_t algorithm = product.choose(16);
  const float* left = x.data() + (name == "promised_alignment" && planted ? 1 : 4);
  if (name == "product_bounds" && planted) left = x.data() + 20;
  const float beta = name == "product_unwritten" && planted ? 1.0F : 0.0F;
  if (name == "promised_layout" && planted) {
    const std::int64_t ld = 9;
    LT(cublasLtMatrixLayoutSetAttribute(product.layouts[0], CUBLASLT_MATRIX_LAYOUT_LD, &ld,
                                        sizeof ld));
  }
  product.multiply(1, left, y.data(), beta, z.data(), &algorithm);
  EXPECT(cudaDeviceSynchronize(), !planted                   ? cudaSuccess
                                  : name == "product_bounds" ? cudaErrorIllegalAddress
                                                             : cudaErrorLaunchFailure);
  return test::result();
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 3) return run_fault(arguments[1], std::strcmp(arguments[2], "planted") == 0);
  for (const bool with_bias : {false, true}) {
    for (const int padding : {0, 3}) {
      for (const bool transpose_a : {false, true}) {
        for (const bool transpose_b : {false, true}) {
          test_shape<float>({7, 5, 9, 3, transpose_a, transpose_b, padding}, with_bias);
          test_shape<double>({1, 6, 17, 2, transpose_a, transpose_b, padding}, with_bias);
        }
      }
    }
  }
  test_tf32_rounds_its_inputs();
  OK(cudaDeviceSynchronize());
  return test::result();
}
