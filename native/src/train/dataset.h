// What rows of a batch are taken from: a table of rows with a target each. Rows are token sequences,
// vectors of real numbers, or pairs of token sequences of any lengths.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <shared_mutex>
#include <span>
#include <vector>

namespace groklab {

/// Rows of real numbers; the vector of a row is an image [channels, height, width], or just F
/// channels of one pixel.
struct FeatureRows {
  std::int64_t classes = 0;
  std::int64_t channels = 0;
  std::int64_t height = 1;
  std::int64_t width = 1;
  std::vector<float> values;          ///< [rows, F]
  std::vector<std::int32_t> targets;  ///< [rows] 0 … classes − 1
  std::vector<double> weights;        ///< [rows] of the rows' losses; empty: all 1

  [[nodiscard]] std::int64_t size() const { return channels * height * width; }  ///< F
};

/// Rows of two sequences each, the second to be told from the first. −1 fills a row up.
struct PairRows {
  std::int64_t source_vocabulary = 0;
  std::int64_t source_length = 0;  ///< S
  std::int64_t target_vocabulary = 0;
  std::int64_t target_length = 0;       ///< U
  std::vector<std::int32_t> sources;    ///< [rows, S]
  std::vector<std::int32_t> sequences;  ///< [rows, U + 1]; token u + 1 is the answer at u
};

class Dataset {
 public:
  /// @param tokens [rows, sequence_length], @param targets [rows]; all in 0 … vocabulary − 1.
  Dataset(std::int64_t vocabulary, std::int64_t sequence_length,
          std::span<const std::int32_t> tokens, std::span<const std::int32_t> targets);

  /// To all that handles batches, rows without tokens are sequences of one token, the row's number.
  explicit Dataset(FeatureRows rows);
  explicit Dataset(PairRows rows);

  [[nodiscard]] std::int64_t vocabulary() const { return vocabulary_; }
  [[nodiscard]] std::int64_t sequence_length() const { return sequence_length_; }
  [[nodiscard]] std::int64_t rows() const { return static_cast<std::int64_t>(targets_.size()); }

  /// Number of logits of an answer.
  [[nodiscard]] std::int64_t classes() const { return classes_; }

  /// Null: the rows are no such.
  [[nodiscard]] const FeatureRows* features() const { return features_ ? &*features_ : nullptr; }
  [[nodiscard]] const PairRows* pairs() const { return pairs_ ? &*pairs_ : nullptr; }
  [[nodiscard]] bool has_tokens() const { return !features_ && !pairs_; }

  /// Longest list of keys that a query of a model can have, for index arrays.
  [[nodiscard]] std::int64_t path_length() const;

  /// What a model has to answer for these rows: one class each, or every token of a sequence.
  [[nodiscard]] std::int64_t answers(std::span<const std::int32_t> rows) const;

  /// Replaces rows of features; waits until nobody reads the data set. `weights` may be empty.
  void write(std::int64_t first, std::span<const float> values,
             std::span<const std::int32_t> targets, std::span<const double> weights);

  /// Replaces rows of pairs likewise.
  void write(std::int64_t first, std::span<const std::int32_t> sources,
             std::span<const std::int32_t> sequences);

  /// To be held by whoever reads what `write` changes.
  [[nodiscard]] std::shared_lock<std::shared_mutex> reading() const {
    return std::shared_lock(mutex_);
  }

  /// Number of writes so far.
  [[nodiscard]] std::uint64_t version() const { return version_.load(std::memory_order_relaxed); }

  /// The tokens of a row.
  [[nodiscard]] std::span<const std::int32_t> tokens(std::int32_t row) const {
    return std::span(tokens_).subspan(
        static_cast<std::size_t>(row) * static_cast<std::size_t>(sequence_length_),
        static_cast<std::size_t>(sequence_length_));
  }

  [[nodiscard]] std::int32_t target(std::int32_t row) const {
    return targets_[static_cast<std::size_t>(row)];
  }

  [[nodiscard]] std::span<const std::int32_t> all_tokens() const { return tokens_; }
  [[nodiscard]] std::span<const std::int32_t> all_targets() const { return targets_; }

  /// Distinct prefixes of the rows up to and with position t, and distinct tokens at position t.
  [[nodiscard]] std::int64_t prefixes(std::int64_t t) const {
    return prefixes_[static_cast<std::size_t>(t)];
  }
  [[nodiscard]] std::int64_t distinct_tokens(std::int64_t t) const {
    return distinct_tokens_[static_cast<std::size_t>(t)];
  }

  /// Place of a row in the lexicographic order of all rows' tokens, ties in row order. Rows that
  /// are neighbours by rank share the longest prefixes.
  [[nodiscard]] std::int32_t rank(std::int32_t row) const {
    return ranks_.empty() ? row : ranks_[static_cast<std::size_t>(row)];
  }

 private:
  void number_rows();
  void count_prefixes(std::span<const std::int32_t> by_rank);

  std::int64_t vocabulary_ = 0;
  std::int64_t sequence_length_ = 1;
  std::int64_t classes_ = 0;
  std::vector<std::int32_t> tokens_;
  std::vector<std::int32_t> targets_;
  std::vector<std::int64_t> prefixes_;         // [T]
  std::vector<std::int64_t> distinct_tokens_;  // [T]
  std::vector<std::int32_t> ranks_;      // empty where the table is in lexicographic order already
  std::optional<FeatureRows> features_;  // without its targets
  std::optional<PairRows> pairs_;
  mutable std::shared_mutex mutex_;
  std::atomic<std::uint64_t> version_{0};
};

}  // namespace groklab
