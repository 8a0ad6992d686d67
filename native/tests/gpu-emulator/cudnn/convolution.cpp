// Plain loops over images, channels, the filter's places and pixels.
#include "cudnn/convolution.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace gpu_emulator {
namespace {

/// The elements of a tensor in memory, as dense numbers.
class TensorView {
 public:
  TensorView(const char* name, const ConvolutionTensor& tensor, std::uint64_t address,
             DeviceMemory& memory)
      : name_(name), tensor_(tensor), address_(address), memory_(memory) {}

  [[nodiscard]] std::vector<double> read() const {
    std::vector<double> values;
    for_each([&](std::uint64_t address) {
      const Place place = locate(address, "reads");
      const std::size_t bytes = tensor_.element_bytes();
      if (std::find(place.written, place.written + bytes, std::uint8_t{0}) !=
          place.written + bytes) {
        fail(FaultKind::kLaunchFailure,
             "reads " + memory_.describe(address, bytes) + ", which was never written");
      }
      values.push_back(tensor_.is_double ? load<double>(place.bytes)
                                         : static_cast<double>(load<float>(place.bytes)));
    });
    return values;
  }

  void write(const std::vector<double>& values) const {
    std::size_t next = 0;
    for_each([&](std::uint64_t address) {
      const Place place = locate(address, "writes");
      std::memset(place.written, 1, tensor_.element_bytes());
      const double value = values[next++];
      if (tensor_.is_double) {
        std::memcpy(place.bytes, &value, sizeof value);
      } else {
        const auto rounded = static_cast<float>(value);
        std::memcpy(place.bytes, &rounded, sizeof rounded);
      }
    });
  }

 private:
  struct Place {
    std::byte* bytes;
    std::uint8_t* written;
  };

  template <class Visit>
  void for_each(Visit visit) const {
    const auto& [a, b, c, d] = tensor_.extents;
    for (std::int64_t i = 0; i < a * b * c * d; ++i) {
      const std::array at = {i / (b * c * d), i / (c * d) % b, i / d % c, i % d};
      const std::int64_t offset =
          std::inner_product(at.begin(), at.end(), tensor_.strides.begin(), std::int64_t{0});
      visit(address_ + static_cast<std::uint64_t>(offset) * tensor_.element_bytes());
    }
  }

  [[noreturn]] void fail(FaultKind kind, const std::string& what) const {
    throw LaunchFault{kind, std::string("cudnnBackendExecute, tensor ") + name_ + ": " + what};
  }

  [[nodiscard]] Place locate(std::uint64_t address, const char* verb) const {
    const std::size_t bytes = tensor_.element_bytes();
    if (region_ == nullptr || !region_->contains(address, bytes)) region_ = memory_.find(address);
    if (region_ == nullptr || !region_->contains(address, bytes)) {
      fail(FaultKind::kIllegalAddress, std::string(verb) + " " + std::to_string(bytes) +
                                           " bytes at " + memory_.describe(address, bytes));
    }
    const std::size_t offset = address - region_->base;
    return {region_->bytes.data() + offset, region_->written.data() + offset};
  }

  template <class T>
  static T load(const std::byte* bytes) {
    T value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
  }

  const char* name_;
  const ConvolutionTensor& tensor_;
  std::uint64_t address_;
  DeviceMemory& memory_;
  mutable Region* region_ = nullptr;
};

/// To ten bits behind the point, ties away from zero, as tensor cores take their inputs.
double tf32(double x) {
  const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(x));
  if ((bits & 0x7f800000) == 0x7f800000) return x;
  return static_cast<double>(std::bit_cast<float>((bits + 0x1000) & ~0x1fffU));
}

/// 0 … extent − 1, shuffled where there is a generator.
std::vector<std::int64_t> places(std::int64_t extent, std::mt19937_64* random) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(extent));
  std::iota(all.begin(), all.end(), 0);
  if (random != nullptr) std::shuffle(all.begin(), all.end(), *random);
  return all;
}

/// Where along one axis of x the filter's place `u` meets the pixel `i` of y; below 0 or beyond the end
/// are the zeros around.
std::int64_t meeting(const ConvolutionWindow& window, std::size_t axis, std::int64_t i,
                     std::int64_t u) {
  return i * window.strides[axis] + u * window.dilations[axis] - window.before[axis];
}

/// Calls visit(index of x, of the filter, of y), all of them dense, for each product.
template <class Visit>
void for_each_product(const ConvolutionOperation& o, std::mt19937_64* random, Visit visit) {
  const auto& [images, inputs, height, width] = o.x.extents;
  const auto& [outputs, unused, filter_height, filter_width] = o.filter.extents;
  const std::int64_t rows = o.y.extents[2];
  const std::int64_t cols = o.y.extents[3];
  const auto all_v = places(filter_width, random);
  const auto all_i = places(rows, random);
  const auto all_j = places(cols, random);
  const auto all_u = places(filter_height, random);
  const auto all_c = places(inputs, random);
  for (const std::int64_t n : places(images, random)) {
    for (const std::int64_t k : places(outputs, random)) {
      for (const std::int64_t c : all_c) {
        for (const std::int64_t u : all_u) {
          for (const std::int64_t v : all_v) {
            const std::int64_t weight = ((k * inputs + c) * filter_height + u) * filter_width + v;
            for (const std::int64_t i : all_i) {
              const std::int64_t row = meeting(o.window, 0, i, u);
              if (row < 0 || row >= height) continue;
              for (const std::int64_t j : all_j) {
                const std::int64_t col = meeting(o.window, 1, j, v);
                if (col < 0 || col >= width) continue;
                visit(static_cast<std::size_t>(((n * inputs + c) * height + row) * width + col),
                      static_cast<std::size_t>(weight),
                      static_cast<std::size_t>(((n * outputs + k) * rows + i) * cols + j));
              }
            }
          }
        }
      }
    }
  }
}

/// The tensor that is written, by name; the other two are factors.
struct Part {
  const char* name;
  const ConvolutionTensor* tensor;
  std::uint64_t address;
};

template <class Sum>
std::vector<double> sums(const ConvolutionOperation& o, std::mt19937_64* random,
                         const std::array<std::vector<double>, 3>& factors, std::size_t written,
                         std::size_t size) {
  std::vector<Sum> totals(size);
  for_each_product(o, random, [&](std::size_t x, std::size_t filter, std::size_t y) {
    const std::array at = {x, filter, y};
    double product = 1;
    for (std::size_t i = 0; i < 3; ++i) {
      if (i != written) product *= factors[i][at[i]];
    }
    totals[at[written]] = static_cast<Sum>(static_cast<double>(totals[at[written]]) + product);
  });
  return {totals.begin(), totals.end()};
}

void spoil(const ConvolutionMemory& at, DeviceMemory& memory) {
  if (at.workspace_bytes == 0) return;
  Region* const region = memory.find(at.workspace);
  if (region == nullptr || !region->contains(at.workspace, at.workspace_bytes)) {
    throw LaunchFault{FaultKind::kIllegalAddress,
                      "cudnnBackendExecute: the workspace of " +
                          std::to_string(at.workspace_bytes) + " bytes is " +
                          memory.describe(at.workspace, at.workspace_bytes)};
  }
  const std::size_t offset = at.workspace - region->base;
  std::memset(region->bytes.data() + offset, 0xFF, at.workspace_bytes);
  std::memset(region->written.data() + offset, 1, at.workspace_bytes);
}

void convolve_or_throw(const ConvolutionOperation& o, const ConvolutionArithmetic& arithmetic,
                       const ConvolutionMemory& at, std::uint64_t seed, DeviceMemory& memory) {
  const std::array<Part, 3> parts = {
      Part{"x", &o.x, at.x}, {"filter", &o.filter, at.filter}, {"y", &o.y, at.y}};
  const std::size_t written = o.result == ConvolutionResult::kX        ? 0
                              : o.result == ConvolutionResult::kFilter ? 1
                                                                       : 2;
  std::array<std::vector<double>, 3> factors;
  for (std::size_t i = 0; i < 3; ++i) {
    if (i == written) continue;
    factors[i] = TensorView(parts[i].name, *parts[i].tensor, parts[i].address, memory).read();
    if (arithmetic.rounds_factors) {
      std::transform(factors[i].begin(), factors[i].end(), factors[i].begin(), tf32);
    }
  }
  spoil(at, memory);
  const Part& out = parts[written];
  const TensorView view(out.name, *out.tensor, out.address, memory);
  const auto& extents = out.tensor->extents;
  const auto size = static_cast<std::size_t>(
      std::accumulate(extents.begin(), extents.end(), std::int64_t{1}, std::multiplies<>()));
  std::mt19937_64 generator(seed);
  std::mt19937_64* const random = arithmetic.any_order ? &generator : nullptr;
  std::vector<double> result = arithmetic.sums_in_float && !o.window.is_double
                                   ? sums<float>(o, random, factors, written, size)
                                   : sums<double>(o, random, factors, written, size);
  for (double& value : result) value *= o.alpha;
  if (o.beta != 0) {
    const std::vector<double> before = view.read();
    for (std::size_t i = 0; i < size; ++i) result[i] += o.beta * before[i];
  }
  view.write(result);
}

/// Pixels of y along an axis.
std::int64_t pixels(const ConvolutionOperation& o, std::size_t axis) {
  const ConvolutionWindow& w = o.window;
  const std::int64_t span = (o.filter.extents[axis + 2] - 1) * w.dilations[axis] + 1;
  const std::int64_t room = o.x.extents[axis + 2] + w.before[axis] + w.after[axis] - span;
  return room < 0 ? 0 : room / w.strides[axis] + 1;
}

}  // namespace

bool is_consistent(const ConvolutionOperation& o) {
  return o.x.is_double == o.window.is_double && o.filter.is_double == o.window.is_double &&
         o.y.is_double == o.window.is_double && o.x.extents[0] == o.y.extents[0] &&
         o.x.extents[1] == o.filter.extents[1] && o.y.extents[1] == o.filter.extents[0] &&
         o.y.extents[2] == pixels(o, 0) && o.y.extents[3] == pixels(o, 1);
}

std::optional<LaunchFault> convolve(const ConvolutionOperation& operation,
                                    const ConvolutionArithmetic& arithmetic,
                                    const ConvolutionMemory& at, std::uint64_t seed,
                                    DeviceMemory& memory) {
  try {
    convolve_or_throw(operation, arithmetic, at, seed, memory);
  } catch (const LaunchFault& fault) {
    return fault;
  }
  return std::nullopt;
}

}  // namespace gpu_emulator
