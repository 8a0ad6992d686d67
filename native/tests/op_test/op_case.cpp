#include "op_test/op_case.h"

namespace groklab::test {

double inner_product(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
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
