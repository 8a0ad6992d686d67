// A table of token sequences, one target each: what rows of a batch are taken from.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace groklab {

class Dataset {
 public:
  /// @param tokens [rows, sequence_length], @param targets [rows]; all in 0 … vocabulary − 1.
  Dataset(std::int64_t vocabulary, std::int64_t sequence_length,
          std::span<const std::int32_t> tokens, std::span<const std::int32_t> targets);

  [[nodiscard]] std::int64_t vocabulary() const { return vocabulary_; }
  [[nodiscard]] std::int64_t sequence_length() const { return sequence_length_; }
  [[nodiscard]] std::int64_t rows() const { return static_cast<std::int64_t>(targets_.size()); }

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
  void count_prefixes(std::span<const std::int32_t> by_rank);

  std::int64_t vocabulary_;
  std::int64_t sequence_length_;
  std::vector<std::int32_t> tokens_;
  std::vector<std::int32_t> targets_;
  std::vector<std::int64_t> prefixes_;         // [T]
  std::vector<std::int64_t> distinct_tokens_;  // [T]
  std::vector<std::int32_t> ranks_;  // empty where the table is in lexicographic order already
};

}  // namespace groklab
