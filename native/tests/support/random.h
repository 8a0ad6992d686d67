// Repeatable random test inputs, by the engine's own counter-based generator.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "core/philox.h"

namespace groklab::test {

class Random {
 public:
  explicit Random(std::uint64_t seed)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)} {}

  std::uint32_t bits() {
    if (drawn_ % 4 == 0) {
      block_ = philox4x32_10({static_cast<std::uint32_t>(drawn_ / 4), 0, 0, 0}, key_);
    }
    return block_[static_cast<std::size_t>(drawn_++ % 4)];
  }

  double uniform(double low, double high) { return low + (high - low) * uniform_open(bits()); }

  /// Standard normal, by Box and Muller's transform.
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(uniform_open(bits())));
    return radius * std::cos(2.0 * std::numbers::pi * uniform_open(bits()));
  }

  /// One of 0 … bound − 1.
  std::int64_t integer(std::int64_t bound) {
    return static_cast<std::int64_t>(
        (static_cast<std::uint64_t>(bits()) * static_cast<std::uint64_t>(bound)) >> 32);
  }

  std::vector<double> normals(std::int64_t count, double scale = 1.0) {
    std::vector<double> values(static_cast<std::size_t>(count));
    for (double& value : values) value = scale * normal();
    return values;
  }

  std::vector<double> uniforms(std::int64_t count, double low, double high) {
    std::vector<double> values(static_cast<std::size_t>(count));
    for (double& value : values) value = uniform(low, high);
    return values;
  }

  /// Numbers 0 … bound − 1, as doubles: the exact form in which tests keep every kind of input.
  std::vector<double> integers(std::int64_t count, std::int64_t bound) {
    std::vector<double> values(static_cast<std::size_t>(count));
    for (double& value : values) value = static_cast<double>(integer(bound));
    return values;
  }

 private:
  PhiloxKey key_;
  PhiloxCounter block_{};
  std::uint64_t drawn_ = 0;
};

}  // namespace groklab::test
