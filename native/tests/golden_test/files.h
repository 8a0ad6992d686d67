// Readers for the files of a golden case: just enough of each format.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace groklab::test {

/// A safetensors file of F32 or F64 tensors, by name, widened to double.
std::map<std::string, std::vector<double>> read_safetensors(const std::filesystem::path& file);

/// A NumPy file of int32 [rows, cols], C order.
struct IntMatrix {
  int64_t rows = 0;
  int64_t cols = 0;
  std::vector<int32_t> values;

  [[nodiscard]] std::span<const int32_t> row(int64_t i) const {
    return std::span(values).subspan(static_cast<std::size_t>(i * cols),
                                     static_cast<std::size_t>(cols));
  }
};
IntMatrix read_int_matrix(const std::filesystem::path& file);

/// `key: value` lines.
std::map<std::string, std::string> read_config(const std::filesystem::path& file);

/// The second column of a CSV file with a header line.
std::vector<double> read_losses(const std::filesystem::path& file);

}  // namespace groklab::test
