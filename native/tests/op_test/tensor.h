// One argument of an op under test: its shape, its part in the call, and its contents.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace groklab::test {

enum class Role { kInput, kOutput, kInOut, kScratch };

enum class Element {
  kReal,           ///< float or double, after the precision under test
  kDouble,         ///< double in either precision
  kIndex,          ///< int32
  kCursor,         ///< int64
  kDropoutKey,     ///< a DropoutKey, three values: seed, step, rate
  kOptimizerStep,  ///< an OptimizerStep, twelve values in the order of its fields
};

/// Number of values that make up an element.
constexpr std::int64_t fields(Element element) {
  return element == Element::kDropoutKey ? 3 : element == Element::kOptimizerStep ? 12 : 1;
}

/// An array [replicas, rows, cols]; a vector has one row. Every kind of content is kept as double,
/// which holds floats, int32 and small integers exactly; outputs have none before the call.
struct Tensor {
  std::string name;
  Role role = Role::kInput;
  Element element = Element::kReal;
  std::int64_t replicas = 1;
  std::int64_t rows = 1;
  std::int64_t cols = 0;
  std::vector<double> values;
  bool shared = false;  ///< one for all replicas
  /// By replica, whether a call must leave an output of this replica as it is; empty: of none.
  std::vector<bool> kept;

  [[nodiscard]] std::int64_t replica_values() const { return rows * cols * fields(element); }
  [[nodiscard]] std::int64_t size() const { return replicas * replica_values(); }

  /// Whether a call may write elements of replica r.
  [[nodiscard]] bool writable(std::int64_t r) const {
    return role != Role::kInput && (kept.empty() || !kept[static_cast<std::size_t>(r)]);
  }

  /// The same argument for replica r alone.
  [[nodiscard]] Tensor only(std::int64_t r) const {
    Tensor one = *this;
    one.replicas = 1;
    if (!values.empty() && !shared) {
      const auto begin = values.begin() + r * replica_values();
      one.values.assign(begin, begin + replica_values());
    }
    if (!kept.empty()) one.kept = {kept[static_cast<std::size_t>(r)]};
    return one;
  }
};

inline Tensor input(std::string name, std::int64_t replicas, std::int64_t rows, std::int64_t cols,
                    std::vector<double> values, Element element = Element::kReal) {
  return {std::move(name),   Role::kInput, element, replicas, rows, cols,
          std::move(values), false,        {}};
}

inline Tensor in_out(std::string name, std::int64_t replicas, std::int64_t rows, std::int64_t cols,
                     std::vector<double> values, Element element = Element::kReal) {
  return {std::move(name),   Role::kInOut, element, replicas, rows, cols,
          std::move(values), false,        {}};
}

inline Tensor output(std::string name, std::int64_t replicas, std::int64_t rows, std::int64_t cols,
                     Element element = Element::kReal) {
  return {std::move(name), Role::kOutput, element, replicas, rows, cols, {}, false, {}};
}

/// Memory that a call may write and whose contents afterwards mean nothing.
inline Tensor scratch(std::string name, std::int64_t replicas, std::int64_t rows, std::int64_t cols,
                      Element element = Element::kReal) {
  return {std::move(name), Role::kScratch, element, replicas, rows, cols, {}, false, {}};
}

/// The same tensor for all replicas; it has one replica itself.
inline Tensor shared(Tensor tensor) {
  tensor.shared = true;
  return tensor;
}

}  // namespace groklab::test
