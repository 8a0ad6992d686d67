#include "golden_test/files.h"

#include <bit>
#include <cstring>
#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>

namespace groklab::test {
namespace {

static_assert(std::endian::native == std::endian::little, "the files are little-endian");

std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(stream), {}};
}

template <class T>
std::vector<T> read_array(const std::string& bytes, std::size_t begin, std::size_t end) {
  if (begin > end || end > bytes.size()) throw std::runtime_error("file too short");
  std::vector<T> values((end - begin) / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data() + begin, values.size() * sizeof(T));
  return values;
}

}  // namespace

std::map<std::string, std::vector<double>> read_safetensors(const std::filesystem::path& file) {
  const std::string bytes = read_file(file);
  const auto header_size = read_array<uint64_t>(bytes, 0, sizeof(uint64_t)).front();
  const std::size_t data = sizeof(uint64_t) + header_size;
  const std::string header = bytes.substr(sizeof(uint64_t), header_size);
  static const std::regex kEntry(
      "\"([^\"]+)\":\\{\"dtype\":\"(F32|F64)\",\"shape\":\\[[0-9,]*\\],"
      "\"data_offsets\":\\[([0-9]+),([0-9]+)\\]\\}");
  std::map<std::string, std::vector<double>> tensors;
  for (std::sregex_iterator entry(header.begin(), header.end(), kEntry), none; entry != none;
       ++entry) {
    const std::size_t begin = data + std::stoull((*entry)[3]);
    const std::size_t end = data + std::stoull((*entry)[4]);
    std::vector<double>& values = tensors[(*entry)[1]];
    if ((*entry)[2] == "F64") {
      values = read_array<double>(bytes, begin, end);
    } else {
      const std::vector<float> singles = read_array<float>(bytes, begin, end);
      values.assign(singles.begin(), singles.end());
    }
  }
  return tensors;
}

IntMatrix read_int_matrix(const std::filesystem::path& file) {
  const std::string bytes = read_file(file);
  constexpr std::size_t kPrelude = 10;  // magic, version 1.0, length of the header
  const auto header_size = read_array<uint16_t>(bytes, 8, kPrelude).front();
  const std::string header = bytes.substr(kPrelude, header_size);
  static const std::regex kHeader(
      "'descr': '<i4', 'fortran_order': False, 'shape': \\(([0-9]+), ([0-9]+)\\)");
  std::smatch shape;
  if (!std::regex_search(header, shape, kHeader)) {
    throw std::runtime_error(file.string() + " is no int32 matrix: " + header);
  }
  IntMatrix matrix{std::stoll(shape[1]), std::stoll(shape[2]), {}};
  const std::size_t begin = kPrelude + header_size;
  matrix.values = read_array<int32_t>(
      bytes, begin, begin + static_cast<std::size_t>(matrix.rows * matrix.cols) * sizeof(int32_t));
  return matrix;
}

std::map<std::string, std::string> read_config(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  std::map<std::string, std::string> values;
  for (std::string line; std::getline(stream, line);) {
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) values[line.substr(0, colon)] = line.substr(colon + 2);
  }
  return values;
}

std::vector<double> read_losses(const std::filesystem::path& file) {
  std::ifstream stream(file);
  std::string line;
  if (!std::getline(stream, line)) throw std::runtime_error("cannot read " + file.string());
  std::vector<double> losses;
  while (std::getline(stream, line)) losses.push_back(std::stod(line.substr(line.find(',') + 1)));
  return losses;
}

}  // namespace groklab::test
