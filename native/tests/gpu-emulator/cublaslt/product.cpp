// The products themselves: plain loops in double, in one order, whatever else is in the batch.
#include "cublaslt/product.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>
#include <vector>

namespace gpu_emulator {
namespace {

/// Elements of one batch member in memory, one run of consecutive ones after the other.
class MatrixView {
 public:
  MatrixView(const char* name, const MatrixLayout& layout, const void* pointer, std::int32_t batch,
             DeviceMemory& memory)
      : name_(name),
        layout_(layout),
        address_(reinterpret_cast<std::uint64_t>(pointer) +
                 static_cast<std::uint64_t>(batch * layout.batch_stride) * layout.element_bytes()),
        memory_(memory) {
    const bool by_column = layout.order == CUBLASLT_ORDER_COL;
    runs_ = by_column ? layout.cols : layout.rows;
    length_ = by_column ? layout.rows : layout.cols;
  }

  /// As a rows × cols matrix in column-major order.
  [[nodiscard]] std::vector<double> read() const {
    std::vector<double> result(layout_.rows * layout_.cols);
    for (std::uint64_t run = 0; run < runs_; ++run) {
      const Place place = locate(run, "reads");
      const auto* unwritten =
          std::find(place.written, place.written + run_bytes(), std::uint8_t{0});
      if (unwritten != place.written + run_bytes()) {
        fail(FaultKind::kLaunchFailure,
             "reads " +
                 memory_.describe(
                     run_address(run) + static_cast<std::uint64_t>(unwritten - place.written), 1) +
                 ", which was never written");
      }
      for (std::uint64_t i = 0; i < length_; ++i) {
        result[index(run, i)] = element(place.bytes, i);
      }
    }
    return result;
  }

  void write(const std::vector<double>& values) const {
    for (std::uint64_t run = 0; run < runs_; ++run) {
      const Place place = locate(run, "writes");
      std::memset(place.written, 1, run_bytes());
      for (std::uint64_t i = 0; i < length_; ++i) {
        set_element(place.bytes, i, values[index(run, i)]);
      }
    }
  }

 private:
  struct Place {
    std::byte* bytes;
    std::uint8_t* written;
  };

  [[noreturn]] void fail(FaultKind kind, const std::string& what) const {
    throw LaunchFault{kind, std::string("cublasLtMatmul, matrix ") + name_ + ": " + what};
  }

  [[nodiscard]] std::size_t run_bytes() const { return length_ * layout_.element_bytes(); }
  [[nodiscard]] std::uint64_t run_address(std::uint64_t run) const {
    return address_ + run * static_cast<std::uint64_t>(layout_.ld) * layout_.element_bytes();
  }
  [[nodiscard]] Place locate(std::uint64_t run, const char* verb) const {
    const std::uint64_t address = run_address(run);
    Region* region = memory_.find(address);
    if (region == nullptr || !region->contains(address, run_bytes())) {
      fail(FaultKind::kIllegalAddress, std::string(verb) + " " + std::to_string(run_bytes()) +
                                           " bytes at " + memory_.describe(address, run_bytes()));
    }
    if (address % layout_.element_bytes() != 0) {
      fail(FaultKind::kMisalignedAddress, "is not aligned to its elements");
    }
    const std::size_t offset = address - region->base;
    return {region->bytes.data() + offset, region->written.data() + offset};
  }

  [[nodiscard]] std::size_t index(std::uint64_t run, std::uint64_t i) const {
    return layout_.order == CUBLASLT_ORDER_COL ? run * layout_.rows + i : i * layout_.rows + run;
  }
  [[nodiscard]] double element(const std::byte* bytes, std::uint64_t i) const {
    if (layout_.type == CUDA_R_64F) return load<double>(bytes, i);
    return static_cast<double>(load<float>(bytes, i));
  }
  void set_element(std::byte* bytes, std::uint64_t i, double value) const {
    if (layout_.type == CUDA_R_64F) {
      std::memcpy(bytes + i * 8, &value, 8);
    } else {
      const auto rounded = static_cast<float>(value);
      std::memcpy(bytes + i * 4, &rounded, 4);
    }
  }
  template <class T>
  static T load(const std::byte* bytes, std::uint64_t i) {
    T value;
    std::memcpy(&value, bytes + i * sizeof(T), sizeof(T));
    return value;
  }

  const char* name_;
  const MatrixLayout& layout_;
  std::uint64_t address_;
  DeviceMemory& memory_;
  std::uint64_t runs_ = 0;
  std::uint64_t length_ = 0;
};

std::vector<double> transposed(const std::vector<double>& x, std::size_t rows, std::size_t cols) {
  std::vector<double> result(x.size());
  for (std::size_t c = 0; c < cols; ++c) {
    for (std::size_t r = 0; r < rows; ++r) result[r * cols + c] = x[c * rows + r];
  }
  return result;
}

/// To ten bits behind the point, ties away from zero, as tensor cores take their inputs.
double tf32(double x) {
  const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(x));
  if ((bits & 0x7f800000) == 0x7f800000) return x;
  return static_cast<double>(std::bit_cast<float>((bits + 0x1000) & ~0x1fffU));
}

std::vector<double> factor(const char* name, const Product& product, std::size_t which,
                           std::int32_t transpose, std::int32_t batch, DeviceMemory& memory) {
  const MatrixLayout& layout = product.layouts[which];
  std::vector<double> x = MatrixView(name, layout, product.pointers[which], batch, memory).read();
  if (product.description.compute == CUBLAS_COMPUTE_32F_FAST_TF32) {
    std::transform(x.begin(), x.end(), x.begin(), tf32);
  }
  return transpose == CUBLAS_OP_N ? x : transposed(x, layout.rows, layout.cols);
}

double scalar(const char* name, const Product& product, double on_host, const void* on_device,
              DeviceMemory& memory) {
  if (on_device == nullptr) return on_host;
  MatrixLayout one = product.layouts[3];
  one.rows = one.cols = 1;
  one.ld = 1;
  return MatrixView(name, one, on_device, 0, memory).read()[0];
}

std::vector<double> bias_of(const Product& product, std::int32_t batch, DeviceMemory& memory) {
  MatrixLayout column = product.layouts[3];
  column.order = CUBLASLT_ORDER_COL;
  column.cols = 1;
  column.ld = static_cast<std::int64_t>(column.rows);
  column.batch_stride = product.description.bias_batch_stride;
  return MatrixView("bias", column, product.description.bias, batch, memory).read();
}

void multiply_one(const Product& product, std::int32_t batch, DeviceMemory& memory) {
  const MatmulDescription& description = product.description;
  const std::vector<double> a = factor("A", product, 0, description.transpose_a, batch, memory);
  const std::vector<double> b = factor("B", product, 1, description.transpose_b, batch, memory);
  const MatrixLayout& layout = product.layouts[3];
  const std::size_t m = layout.rows;
  const std::size_t n = layout.cols;
  const std::size_t k = a.size() / m;
  std::vector<double> d(m * n);
  for (std::size_t col = 0; col < n; ++col) {
    double* sum = d.data() + col * m;
    for (std::size_t i = 0; i < k; ++i) {
      const double factor_b = b[col * k + i];
      const double* column_a = a.data() + i * m;
      for (std::size_t row = 0; row < m; ++row) sum[row] += column_a[row] * factor_b;
    }
  }
  const double alpha = scalar("alpha", product, product.alpha, product.alpha_on_device, memory);
  const double beta = scalar("beta", product, product.beta, product.beta_on_device, memory);
  for (double& x : d) x *= alpha;
  if (beta != 0) {
    const std::vector<double> c =
        MatrixView("C", product.layouts[2], product.pointers[2], batch, memory).read();
    for (std::size_t i = 0; i < d.size(); ++i) d[i] += beta * c[i];
  }
  if (description.epilogue == CUBLASLT_EPILOGUE_BIAS) {
    const std::vector<double> bias = bias_of(product, batch, memory);
    for (std::size_t i = 0; i < d.size(); ++i) d[i] += bias[i % m];
  }
  MatrixView("D", layout, product.pointers[3], batch, memory).write(d);
}

}  // namespace

std::optional<LaunchFault> multiply(const Product& product, DeviceMemory& memory) {
  if (product.promise) {
    const std::string broken = broken_promise(*product.promise, product);
    if (!broken.empty()) {
      return LaunchFault{FaultKind::kLaunchFailure, "cublasLtMatmul: " + broken};
    }
  }
  try {
    for (std::int32_t batch = 0; batch < product.layouts[3].batch_count; ++batch) {
      multiply_one(product, batch, memory);
    }
  } catch (const LaunchFault& fault) {
    return fault;
  }
  return std::nullopt;
}

}  // namespace gpu_emulator
