// Lists of the places that name a number: what sum_lists and the attention's gradient take.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "op_test/tensor.h"

namespace groklab::test {

/// For `replicas` index arrays that lie one after the other in `indices`: for each target
/// 0 … targets − 1 the places that hold it, ascending; −1 is nobody's.
struct InvertedLists {
  InvertedLists(const std::vector<double>& indices, std::int64_t replicas, std::int64_t targets)
      : replicas_(replicas), targets_(targets) {
    const std::int64_t places = static_cast<std::int64_t>(indices.size()) / replicas;
    for (std::int64_t r = 0; r < replicas; ++r) {
      const std::size_t begin = items_.size();
      for (std::int64_t target = 0; target < targets; ++target) {
        offsets_.push_back(static_cast<double>(items_.size() - begin));
        for (std::int64_t place = 0; place < places; ++place) {
          const double index = indices[static_cast<std::size_t>(r * places + place)];
          if (index == static_cast<double>(target)) items_.push_back(static_cast<double>(place));
        }
      }
      offsets_.push_back(static_cast<double>(items_.size() - begin));
      items_.resize(begin + static_cast<std::size_t>(places));  // where some are −1
    }
  }

  [[nodiscard]] Tensor offsets(std::string name) const {
    return input(std::move(name), replicas_, 1, targets_ + 1, offsets_, Element::kIndex);
  }

  [[nodiscard]] Tensor items(std::string name) const {
    const std::int64_t capacity = static_cast<std::int64_t>(items_.size()) / replicas_;
    return input(std::move(name), replicas_, 1, capacity, items_, Element::kIndex);
  }

 private:
  std::int64_t replicas_;
  std::int64_t targets_;
  std::vector<double> offsets_;
  std::vector<double> items_;
};

}  // namespace groklab::test
