#include "train/dataset.h"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <utility>

namespace groklab {

Dataset::Dataset(std::int64_t vocabulary, std::int64_t sequence_length,
                 std::span<const std::int32_t> tokens, std::span<const std::int32_t> targets)
    : vocabulary_(vocabulary),
      sequence_length_(sequence_length),
      classes_(vocabulary),
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

Dataset::Dataset(FeatureRows rows) : classes_(rows.classes), targets_(std::move(rows.targets)) {
  rows.targets.clear();
  features_ = std::move(rows);
  number_rows();
}

Dataset::Dataset(PairRows rows)
    : classes_(rows.target_vocabulary),
      targets_(rows.sequences.size() / static_cast<std::size_t>(rows.target_length + 1)) {
  pairs_ = std::move(rows);
  number_rows();
}

void Dataset::number_rows() {
  vocabulary_ = rows();
  tokens_.resize(targets_.size());
  std::iota(tokens_.begin(), tokens_.end(), 0);
  prefixes_ = distinct_tokens_ = {rows()};
}

std::int64_t Dataset::path_length() const {
  if (!pairs_) return sequence_length_;
  return std::max(pairs_->source_length, pairs_->target_length);
}

std::int64_t Dataset::answers(std::span<const std::int32_t> rows) const {
  if (!pairs_) return static_cast<std::int64_t>(rows.size());
  std::int64_t count = 0;
  for (const std::int32_t row : rows) {
    const auto begin = pairs_->sequences.begin() + row * (pairs_->target_length + 1);
    count += pairs_->target_length - std::count(begin + 1, begin + pairs_->target_length + 1, -1);
  }
  return count;
}

void Dataset::write(std::int64_t first, std::span<const float> values,
                    std::span<const std::int32_t> targets, std::span<const double> weights) {
  const std::unique_lock lock(mutex_);
  std::ranges::copy(values, features_->values.begin() + first * features_->size());
  std::ranges::copy(targets, targets_.begin() + first);
  if (!weights.empty()) std::ranges::copy(weights, features_->weights.begin() + first);
  version_.fetch_add(1, std::memory_order_relaxed);
}

void Dataset::write(std::int64_t first, std::span<const std::int32_t> sources,
                    std::span<const std::int32_t> sequences) {
  const std::unique_lock lock(mutex_);
  std::ranges::copy(sources, pairs_->sources.begin() + first * pairs_->source_length);
  std::ranges::copy(sequences, pairs_->sequences.begin() + first * (pairs_->target_length + 1));
  version_.fetch_add(1, std::memory_order_relaxed);
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
