// The case of sum_lists, which gradients of other ops are made of too.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "op_test/lists.h"
#include "op_test/op_case.h"

namespace groklab::test {

/// Which lists to sum, and what their items are.
struct Sums {
  std::int64_t replicas;
  std::int64_t rows;  ///< that are summed
  std::int64_t targets;
  std::int64_t width;
  std::int64_t items_per_row = 1;
  std::int64_t first = 0;   ///< of the targets whose lists are summed
  std::int64_t count = -1;  ///< how many; negative: all
};

class SumLists final : public OpCaseOf<SumLists> {
 public:
  /// @param keys of all items of the rows `x`, the target whose list has each, or −1.
  SumLists(const Sums& s, const std::vector<double>& keys, std::vector<double> x)
      : items_per_row_(s.items_per_row),
        first_(s.first),
        count_(s.count < 0 ? s.targets : s.count) {
    shape = describe({{"R", s.replicas},
                      {"N", s.rows},
                      {"V", s.targets},
                      {"D", s.width},
                      {"items", s.items_per_row}});
    if (s.count >= 0) shape += ' ' + describe({{"first", s.first}, {"lists", s.count}});
    // Rounding adds up with the length of a sum.
    const double length = static_cast<double>(s.rows * s.items_per_row / s.targets);
    fp32.nmse = std::max(fp32.nmse, 5e-15 * length);
    const InvertedLists lists(keys, s.replicas, s.targets);
    tensors = {input("x", s.replicas, s.rows, s.width, std::move(x)), lists.offsets("offsets"),
               lists.items("items"), output("y", s.replicas, count_, s.width)};
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ops.sum_lists(a.matrices(0), a.lists(1, 2).slice(first_, count_), items_per_row_,
                  a.matrices(3));
  }

 private:
  std::int64_t items_per_row_;
  std::int64_t first_;
  std::int64_t count_;
};

/// Sums of all lists of a case, computed by the op itself.
inline std::vector<double> sum_lists(const Run& run, const Sums& s, const std::vector<double>& keys,
                                     const std::vector<double>& x) {
  return run(SumLists(s, keys, x))[3];
}

}  // namespace groklab::test
