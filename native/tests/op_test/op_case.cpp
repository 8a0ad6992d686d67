#include "op_test/op_case.h"

#include <algorithm>

namespace groklab::test {

std::int64_t OpCase::replicas() const {
  return std::ranges::find(tensors, false, &Tensor::shared)->replicas;
}

double OpCase::work() const {
  double elements = 0;
  for (const Tensor& tensor : tensors) elements += static_cast<double>(tensor.size());
  return std::max(flops, elements);
}

double inner_product(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

std::vector<double> column_sums(const std::vector<double>& x, std::int64_t replicas,
                                std::int64_t rows, std::int64_t cols) {
  std::vector<double> sums(static_cast<std::size_t>(replicas * cols));
  for (std::int64_t i = 0; i < replicas * rows * cols; ++i) {
    const std::int64_t to = i / (rows * cols) * cols + i % cols;
    sums[static_cast<std::size_t>(to)] += x[static_cast<std::size_t>(i)];
  }
  return sums;
}

std::string describe(std::initializer_list<std::pair<const char*, std::int64_t>> extents) {
  std::string text;
  for (const auto& [name, extent] : extents) {
    if (!text.empty()) text += ' ';
    text += std::string(name) + '=' + std::to_string(extent);
  }
  return text;
}

}  // namespace groklab::test
