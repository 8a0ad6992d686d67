// Table look-ups and their gradients: rows gathered, and rows summed over lists.
#include "ops/cpu/kernels/cpu_ops.h"
#include "ops/cpu/kernels/simd.h"

namespace groklab::cpu::GROKLAB_ISA {

namespace {

/// Columns that are summed in registers.
template <class T>
constexpr std::int64_t kStripe = 4 * kLanes<T>;

/// to[j] = start[j] + Σ row(i)[j] over i in 0 … count − 1, in this order; null rows are left out.
/// @param start null: zero.
template <class T, class Row>
void sum_rows(const T* start, std::int64_t count, const Row& row, std::int64_t cols, T* to) {
  std::int64_t j = 0;
  for (; j + kStripe<T> <= cols; j += kStripe<T>) {
    Vec<T> sums[4] = {};
    if (start != nullptr) {
#pragma GCC unroll 4
      for (int v = 0; v < 4; ++v) sums[v] = load(start + j + v * kLanes<T>);
    }
    for (std::int64_t i = 0; i < count; ++i) {
      const T* const from = row(i);
      if (from == nullptr) continue;
#pragma GCC unroll 4
      for (int v = 0; v < 4; ++v) sums[v] += load(from + j + v * kLanes<T>);
    }
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) store(to + j + v * kLanes<T>, sums[v]);
  }
  for (; j < cols; ++j) {
    T sum = start != nullptr ? start[j] : T{0};
    for (std::int64_t i = 0; i < count; ++i) {
      const T* const from = row(i);
      if (from != nullptr) sum += from[j];
    }
    to[j] = sum;
  }
}

}  // namespace

template <class T>
void CpuOps<T>::embedding(Matrices<const T> token_table, Matrices<const T> position_table,
                          Indices tokens, Indices positions, Matrices<T> y) {
  for (std::int64_t r = 0; r < y.replicas; ++r) {
    team_.for_ranges(y.rows, y.cols, 1, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t i = begin; i < end; ++i) {
        const T* token = token_table.row(r, tokens.replica(r)[i]);
        const T* position = position_table.row(r, positions.replica(r)[i]);
        T* to = y.row(r, i);
        for (std::int64_t j = 0; j < y.cols; ++j) to[j] = token[j] + position[j];
      }
    });
  }
}

template <class T>
void CpuOps<T>::gather_rows(Matrices<const T> x, Indices rows, Matrices<T> y) {
  for (std::int64_t r = 0; r < y.replicas; ++r) {
    team_.for_ranges(y.rows, y.cols, 1, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t i = begin; i < end; ++i) {
        std::memcpy(y.row(r, i), x.row(r, rows.replica(r)[i]),
                    static_cast<std::size_t>(y.cols) * sizeof(T));
      }
    });
  }
}

template <class T>
void CpuOps<T>::gather_sum(Matrices<const T> x, Matrices<const std::int32_t> path,
                           Vectors<const T> bias, Matrices<T> y) {
  for (std::int64_t r = 0; r < y.replicas; ++r) {
    const T* const start = bias.empty() ? nullptr : bias.replica(r);
    team_.for_ranges(y.rows, y.cols * path.cols, 1, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int32_t* const entries = path.row(r, i);
        const auto row = [&](std::int64_t t) {
          return entries[t] < 0 ? nullptr : x.row(r, entries[t]);
        };
        sum_rows<T>(start, path.cols, row, y.cols, y.row(r, i));
      }
    });
  }
}

template <class T>
void CpuOps<T>::sum_lists(Matrices<const T> x, Lists lists, std::int64_t items_per_row,
                          Matrices<T> y) {
  for (std::int64_t r = 0; r < y.replicas; ++r) {
    const std::int32_t* offsets = lists.offsets.replica(r);
    const std::int32_t* items = lists.items.replica(r);
    const std::int64_t mean_length = y.rows == 0 ? 0 : (offsets[y.rows] - offsets[0]) / y.rows + 1;
    team_.for_ranges(
        y.rows, y.cols * mean_length, 1, [&](std::int64_t begin, std::int64_t end, int) {
          for (std::int64_t i = begin; i < end; ++i) {
            const std::int32_t* const list = items + offsets[i];
            const auto row = [&](std::int64_t item) {
              return x.row(r, items_per_row == 1 ? list[item] : list[item] / items_per_row);
            };
            sum_rows<T>(nullptr, offsets[i + 1] - offsets[i], row, y.cols, y.row(r, i));
          }
        });
  }
}

template <class T>
void CpuOps<T>::add(Matrices<const T> x, Matrices<T> y) {
  for (std::int64_t r = 0; r < y.replicas; ++r) {
    team_.for_ranges(y.rows, y.cols, 1, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t i = begin; i < end; ++i) {
        const T* from = x.row(r, i);
        T* to = y.row(r, i);
        for (std::int64_t j = 0; j < y.cols; ++j) to[j] += from[j];
      }
    });
  }
}

template <class T>
void CpuOps<T>::copy(Vectors<const T> x, Vectors<T> y) {
  if (y.size == 0) return;
  for (std::int64_t r = 0; r < y.replicas; ++r) {
    std::memcpy(y.replica(r), x.replica(r), static_cast<std::size_t>(y.size) * sizeof(T));
  }
}

template void CpuOps<float>::embedding(Matrices<const float>, Matrices<const float>, Indices,
                                       Indices, Matrices<float>);
template void CpuOps<double>::embedding(Matrices<const double>, Matrices<const double>, Indices,
                                        Indices, Matrices<double>);
template void CpuOps<float>::gather_rows(Matrices<const float>, Indices, Matrices<float>);
template void CpuOps<double>::gather_rows(Matrices<const double>, Indices, Matrices<double>);
template void CpuOps<float>::gather_sum(Matrices<const float>, Matrices<const std::int32_t>,
                                        Vectors<const float>, Matrices<float>);
template void CpuOps<double>::gather_sum(Matrices<const double>, Matrices<const std::int32_t>,
                                         Vectors<const double>, Matrices<double>);
template void CpuOps<float>::sum_lists(Matrices<const float>, Lists, std::int64_t, Matrices<float>);
template void CpuOps<double>::sum_lists(Matrices<const double>, Lists, std::int64_t,
                                        Matrices<double>);
template void CpuOps<float>::add(Matrices<const float>, Matrices<float>);
template void CpuOps<double>::add(Matrices<const double>, Matrices<double>);
template void CpuOps<float>::copy(Vectors<const float>, Vectors<float>);
template void CpuOps<double>::copy(Vectors<const double>, Vectors<double>);

}  // namespace groklab::cpu::GROKLAB_ISA
