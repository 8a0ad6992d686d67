#include "train/dataset_tree.h"

#include <algorithm>
#include <cstddef>
#include <span>

namespace groklab {

DatasetTree::DatasetTree(const Dataset& dataset, std::pmr::memory_resource* memory)
    : dataset_(&dataset), prefixes_(memory), first_rows_(memory), tokens_at_(memory) {
  const auto length = static_cast<std::size_t>(dataset.sequence_length());
  const auto rows = static_cast<std::size_t>(dataset.rows());
  std::vector<std::int32_t> by_rank(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    by_rank[static_cast<std::size_t>(dataset.rank(static_cast<std::int32_t>(row)))] =
        static_cast<std::int32_t>(row);
  }
  prefixes_.resize(rows * length);
  first_rows_.resize(length);
  std::span<const std::int32_t> before;
  for (const std::int32_t row : by_rank) {
    const std::span<const std::int32_t> tokens = dataset.tokens(row);
    const auto common = static_cast<std::size_t>(
        before.empty() ? 0 : std::ranges::mismatch(before, tokens).in1 - before.begin());
    for (std::size_t t = 0; t < length; ++t) {
      if (t >= common) first_rows_[t].push_back(row);
      prefixes_[static_cast<std::size_t>(row) * length + t] =
          static_cast<std::int32_t>(first_rows_[t].size()) - 1;
    }
    before = tokens;
  }
  tokens_at_.resize(length);
  std::vector<bool> seen(static_cast<std::size_t>(dataset.vocabulary()));
  for (std::size_t t = 0; t < length; ++t) {
    // A token at t ends at least one prefix up to t.
    seen.assign(seen.size(), false);
    for (const std::int32_t row : first_rows_[t]) {
      seen[static_cast<std::size_t>(dataset.tokens(row)[t])] = true;
    }
    for (std::size_t token = 0; token < seen.size(); ++token) {
      if (seen[token]) tokens_at_[t].push_back(static_cast<std::int32_t>(token));
    }
  }
}

}  // namespace groklab
