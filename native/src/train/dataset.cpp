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
  const bool sorted = std::ranges::is_sorted(order, before);
  if (!sorted) std::ranges::stable_sort(order, before);
  count_prefixes(order);
  if (sorted) return;
  ranks_.resize(order.size());
  for (std::size_t place = 0; place < order.size(); ++place) {
    ranks_[static_cast<std::size_t>(order[place])] = static_cast<std::int32_t>(place);
  }
}

void Dataset::count_prefixes(std::span<const std::int32_t> by_rank) {
  const auto length = static_cast<std::size_t>(sequence_length_);
  prefixes_.resize(length);
  distinct_tokens_.resize(length);
  std::span<const std::int32_t> before;
  for (const std::int32_t row : by_rank) {
    const std::span<const std::int32_t> present = tokens(row);
    const auto common = static_cast<std::size_t>(
        before.empty() ? 0 : std::ranges::mismatch(before, present).in1 - before.begin());
    for (std::size_t t = common; t < length; ++t) ++prefixes_[t];
    before = present;
  }
  std::vector<bool> seen;
  for (std::size_t t = 0; t < length; ++t) {
    seen.assign(static_cast<std::size_t>(vocabulary_), false);
    for (std::size_t i = t; i < tokens_.size(); i += length) {
      seen[static_cast<std::size_t>(tokens_[i])] = true;
    }
    distinct_tokens_[t] = std::ranges::count(seen, true);
  }
}

}  // namespace groklab
