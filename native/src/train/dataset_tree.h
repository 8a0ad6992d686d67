// The prefix tree of a whole data set: what a batch's tree of fixed shape is made from.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <span>
#include <vector>

#include "train/dataset.h"

namespace groklab {

class DatasetTree {
 public:
  /// @param memory where its arrays are taken from.
  DatasetTree(const Dataset& dataset, std::pmr::memory_resource* memory);

  [[nodiscard]] const Dataset& dataset() const { return *dataset_; }

  /// Where its arrays are taken from, and those of plans for it.
  [[nodiscard]] std::pmr::memory_resource* memory() const {
    return prefixes_.get_allocator().resource();
  }

  /// Distinct prefixes of the rows up to and with position t.
  [[nodiscard]] std::int64_t prefixes(std::int64_t t) const {
    return static_cast<std::int64_t>(first_rows_[static_cast<std::size_t>(t)].size());
  }

  /// Number of a row's prefix at position t, 0 … prefixes(t) − 1, in lexicographic order.
  [[nodiscard]] std::int32_t prefix(std::int32_t row, std::int64_t t) const {
    return prefixes_[static_cast<std::size_t>(row) *
                         static_cast<std::size_t>(dataset_->sequence_length()) +
                     static_cast<std::size_t>(t)];
  }

  /// A row that has prefix `number` at position t.
  [[nodiscard]] std::int32_t row_with(std::int64_t t, std::int64_t number) const {
    return first_rows_[static_cast<std::size_t>(t)][static_cast<std::size_t>(number)];
  }

  /// Distinct tokens at position t, ascending.
  [[nodiscard]] std::span<const std::int32_t> tokens_at(std::int64_t t) const {
    return tokens_at_[static_cast<std::size_t>(t)];
  }

 private:
  const Dataset* dataset_;
  std::pmr::vector<std::int32_t> prefixes_;                      // [rows, T]
  std::pmr::vector<std::pmr::vector<std::int32_t>> first_rows_;  // [T][prefixes]
  std::pmr::vector<std::pmr::vector<std::int32_t>> tokens_at_;   // [T][tokens]
};

}  // namespace groklab
