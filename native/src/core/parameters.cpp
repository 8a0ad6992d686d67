#include "core/parameters.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <span>
#include <utility>

#include "core/philox.h"

namespace groklab {

namespace {

/// Fills `values` with block after block of four numbers, made from the block's random bits.
template <class Make>
void fill_blocks(std::span<double> values, std::uint64_t seed, std::uint32_t tensor, Make make) {
  const PhiloxKey key = philox_key(seed, RandomPurpose::kInitialWeights);
  for (std::size_t i = 0; i < values.size(); i += 4) {
    const auto block = static_cast<std::uint64_t>(i / 4);
    const PhiloxCounter bits = philox4x32_10(
        {static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), tensor, 0},
        key);
    const std::array<double, 4> numbers = make(bits);
    for (std::size_t j = 0; j < 4 && i + j < values.size(); ++j) values[i + j] = numbers[j];
  }
}

std::array<double, 2> box_muller(std::uint32_t a, std::uint32_t b) {
  const double radius = std::sqrt(-2.0 * std::log(uniform_open(a)));
  const double angle = 2.0 * std::numbers::pi * uniform_open(b);
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

}  // namespace

std::vector<std::int64_t> ParameterTensor::shape() const {
  if (kernel > 0) return {rows, cols / (kernel * kernel), kernel, kernel};
  if (cols > 0) return {rows, cols};
  return {rows};
}

std::size_t ParameterLayout::add(std::string name, std::int64_t rows, std::int64_t cols,
                                 Initialization init) {
  tensors_.push_back({std::move(name), rows, cols, size_, init});
  size_ += tensors_.back().count();
  return tensors_.size() - 1;
}

std::size_t ParameterLayout::add_kernels(std::string name, std::int64_t outputs,
                                         std::int64_t inputs, std::int64_t kernel,
                                         Initialization init) {
  const std::size_t index = add(std::move(name), outputs, inputs * kernel * kernel, init);
  tensors_[index].kernel = kernel;
  return index;
}

std::vector<double> ParameterLayout::draw(std::uint64_t seed) const {
  std::vector<double> flat(static_cast<std::size_t>(size_));
  for (std::size_t k = 0; k < tensors_.size(); ++k) {
    const ParameterTensor& t = tensors_[k];
    const std::span<double> values = std::span(flat).subspan(static_cast<std::size_t>(t.offset),
                                                             static_cast<std::size_t>(t.count()));
    const double scale = t.initialization.value;
    switch (t.initialization.kind) {
      case Initialization::Kind::kConstant:
        std::fill(values.begin(), values.end(), scale);
        break;
      case Initialization::Kind::kUniform:
        fill_blocks(values, seed, static_cast<std::uint32_t>(k), [&](const PhiloxCounter& bits) {
          std::array<double, 4> numbers{};
          for (std::size_t j = 0; j < 4; ++j) numbers[j] = scale * (2 * uniform_open(bits[j]) - 1);
          return numbers;
        });
        break;
      case Initialization::Kind::kNormal:
        fill_blocks(values, seed, static_cast<std::uint32_t>(k), [&](const PhiloxCounter& bits) {
          const auto [a, b] = box_muller(bits[0], bits[1]);
          const auto [c, d] = box_muller(bits[2], bits[3]);
          return std::array<double, 4>{scale * a, scale * b, scale * c, scale * d};
        });
        break;
    }
  }
  return flat;
}

}  // namespace groklab
