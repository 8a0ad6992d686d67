// Table look-ups and their gradients: rows gathered, and rows summed over lists.
#include "ops/cpu/kernels/cpu_ops.h"
#include "ops/cpu/kernels/simd.h"

namespace groklab::cpu::GROKLAB_ISA {

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
void CpuOps<T>::sum_lists(Matrices<const T> x, Lists lists, Matrices<T> y) {
  for (std::int64_t r = 0; r < y.replicas; ++r) {
    const std::int32_t* offsets = lists.offsets.replica(r);
    const std::int32_t* items = lists.items.replica(r);
    const std::int64_t mean_length = y.rows == 0 ? 0 : offsets[y.rows] / y.rows + 1;
    team_.for_ranges(y.rows, y.cols * mean_length, 1,
                     [&](std::int64_t begin, std::int64_t end, int) {
                       for (std::int64_t i = begin; i < end; ++i) {
                         T* to = y.row(r, i);
                         for (std::int64_t j = 0; j < y.cols; ++j) to[j] = 0;
                         for (std::int32_t item = offsets[i]; item < offsets[i + 1]; ++item) {
                           const T* from = x.row(r, items[item]);
                           for (std::int64_t j = 0; j < y.cols; ++j) to[j] += from[j];
                         }
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

template void CpuOps<float>::embedding(Matrices<const float>, Matrices<const float>, Indices,
                                       Indices, Matrices<float>);
template void CpuOps<double>::embedding(Matrices<const double>, Matrices<const double>, Indices,
                                        Indices, Matrices<double>);
template void CpuOps<float>::gather_rows(Matrices<const float>, Indices, Matrices<float>);
template void CpuOps<double>::gather_rows(Matrices<const double>, Indices, Matrices<double>);
template void CpuOps<float>::sum_lists(Matrices<const float>, Lists, Matrices<float>);
template void CpuOps<double>::sum_lists(Matrices<const double>, Lists, Matrices<double>);
template void CpuOps<float>::add(Matrices<const float>, Matrices<float>);
template void CpuOps<double>::add(Matrices<const double>, Matrices<double>);

}  // namespace groklab::cpu::GROKLAB_ISA
