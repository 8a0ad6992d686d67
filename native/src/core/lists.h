// Making of Lists (views.h) from the key of each item.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

namespace groklab {

/// One replica's lists: item i goes to list keys[i], in order of i; a negative key to none.
/// @param lists number of lists; keys lie below it.
/// @param offsets out: [lists + 1]; @param items out: [keys.size()], of which as many are written
/// as there are keys that are not negative.
inline void fill_lists(std::span<const std::int32_t> keys, std::int64_t lists,
                       std::int32_t* offsets, std::int32_t* items) {
  std::fill_n(offsets, lists + 1, 0);
  for (const std::int32_t key : keys) {
    if (key >= 0) ++offsets[key + 1];
  }
  for (std::int64_t i = 0; i < lists; ++i) offsets[i + 1] += offsets[i];
  // Filling moves the beginning of each list to its end, which is the beginning of the next.
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] >= 0) items[offsets[keys[i]]++] = static_cast<std::int32_t>(i);
  }
  std::copy_backward(offsets, offsets + lists, offsets + lists + 1);
  offsets[0] = 0;
}

}  // namespace groklab
