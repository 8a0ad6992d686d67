#include "train/dataset.h"

#include <algorithm>
#include <numeric>

namespace groklab {

Dataset::Dataset(std::int64_t vocabulary, std::int64_t sequence_length,
                 std::span<const std::int32_t> tokens, std::span<const std::int32_t> targets)
    : vocabulary_(vocabulary),
      sequence_length_(sequence_length),
      tokens_(tokens.begin(), tokens.end()),
      targets_(targets.begin(), targets.end()) {
  std::vector<std::int32_t> order(targets_.size());
  std::iota(order.begin(), order.end(), 0);
  const auto before = [this](std::int32_t a, std::int32_t b) {
    return std::ranges::lexicographical_compare(this->tokens(a), this->tokens(b));
  };
  if (std::ranges::is_sorted(order, before)) return;
  std::ranges::stable_sort(order, before);
  ranks_.resize(order.size());
  for (std::size_t place = 0; place < order.size(); ++place) {
    ranks_[static_cast<std::size_t>(order[place])] = static_cast<std::int32_t>(place);
  }
}

}  // namespace groklab
