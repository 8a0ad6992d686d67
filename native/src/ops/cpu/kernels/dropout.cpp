// Inverted dropout (Srivastava et al., JMLR 2014) with counter-based masks: element e of a site
// takes number e mod 4 of the Philox block e div 4.
#include <cstring>

#include "core/philox.h"
#include "ops/cpu/kernels/cpu_ops.h"

namespace groklab::cpu::GROKLAB_ISA {

template <class T>
void CpuOps<T>::dropout(Vectors<const DropoutKey> keys, std::uint32_t site, Indices numbers,
                        Matrices<const T> x, Matrices<T> y) {
  for (std::int64_t r = 0; r < y.replicas; ++r) {
    const DropoutKey key = *keys.replica(r);
    const std::uint64_t threshold = dropout_threshold(key.rate);
    const T scale = static_cast<T>(1.0 / (1.0 - key.rate));
    team_.for_ranges(y.rows, y.cols * 20, 1, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t i = begin; i < end; ++i) {
        const T* from = x.row(r, i);
        T* to = y.row(r, i);
        std::int64_t element = numbers.replica(r)[i] * y.cols;
        PhiloxCounter bits{};
        for (std::int64_t j = 0; j < y.cols; ++j, ++element) {
          if (j == 0 || element % 4 == 0) {
            bits = dropout_bits(key.seed, key.step, site, static_cast<std::uint32_t>(element / 4));
          }
          const bool keep = bits[static_cast<std::size_t>(element % 4)] >= threshold;
          to[j] = keep ? from[j] * scale : T{0};
        }
      }
    });
  }
}

template void CpuOps<float>::dropout(Vectors<const DropoutKey>, std::uint32_t, Indices,
                                     Matrices<const float>, Matrices<float>);
template void CpuOps<double>::dropout(Vectors<const DropoutKey>, std::uint32_t, Indices,
                                      Matrices<const double>, Matrices<double>);

}  // namespace groklab::cpu::GROKLAB_ISA
