// Softmax cross-entropy: loss, correct answers and gradient in one pass over the logits.
#include <algorithm>
#include <cmath>

#include "ops/cpu/kernels/cpu_ops.h"
#include "ops/cpu/kernels/math.h"

namespace groklab::cpu::GROKLAB_ISA {

namespace {

/// What one row says of its target.
struct RowResult {
  double loss = 0;
  bool correct = false;
};

/// −log softmax(logits)[target]; `gradient` (if wanted) = factor · (softmax − one-hot).
template <class T>
RowResult cross_entropy_row(const T* logits, std::int64_t classes, std::int32_t target, T factor,
                            T* gradient, T* exponentials) {
  std::int64_t best = 0;
  for (std::int64_t j = 1; j < classes; ++j) {
    if (logits[j] > logits[best]) best = j;
  }
  const T largest = logits[best];
  const T at_target = logits[target];
  for_vectors<T>(classes, [&](std::int64_t j, std::int64_t lanes) {
    store_lanes(exponentials + j, exp<T>(load_lanes(logits + j, lanes) - largest), lanes);
  });
  // The largest is exactly 1 (or NaN, where it is infinite). Left out of the sum, it does not
  // swallow the others, and log1p keeps the loss of a confident, right answer.
  const T not_finite = exponentials[best] - 1;
  exponentials[best] = 0;
  Vec<T> sums = {};
  for_vectors<T>(classes, [&](std::int64_t j, std::int64_t lanes) {
    sums += load_lanes(exponentials + j, lanes);
  });
  const T others = sum_lanes<T>(sums) + not_finite;
  exponentials[best] = 1;
  if (gradient != nullptr) {
    // In working precision, as frameworks have it: an answer beyond doubt gives no gradient.
    const T scale = factor / (T{1} + others);
    for_vectors<T>(classes, [&](std::int64_t j, std::int64_t lanes) {
      store_lanes(gradient + j, load_lanes(exponentials + j, lanes) * scale, lanes);
    });
    gradient[target] -= factor;
  }
  return {static_cast<double>(largest) - static_cast<double>(at_target) +
              std::log1p(static_cast<double>(others)),
          best == target && at_target == largest};
}

}  // namespace

template <class T>
void CpuOps<T>::cross_entropy(const CrossEntropy<T>& args) {
  const std::int64_t rows = args.logits.rows;
  const std::int64_t classes = args.logits.cols;
  // Results of the rows, then one row of exponentials per thread behind them.
  const auto results_bytes = static_cast<std::size_t>(rows) * sizeof(RowResult);
  for (std::int64_t r = 0; r < args.logits.replicas; ++r) {
    const std::int32_t* counts = args.counts.replica(r);
    double total = 0;
    for (std::int64_t i = 0; i < rows; ++i) total += counts[i];
    const double share = total > 0 ? 1.0 / total : 0.0;
    const auto weight = [&](std::int64_t i) {
      return args.weights.empty() ? 1.0 : static_cast<double>(args.weights.replica(r)[i]);
    };
    const std::size_t row_bytes = (static_cast<std::size_t>(classes) * sizeof(T) + 63) / 64 * 64;
    const std::size_t padded = (results_bytes + 63) / 64 * 64;
    auto* const memory = static_cast<std::byte*>(
        team_.scratch(0, padded + row_bytes * static_cast<std::size_t>(team_.size())));
    auto* const results = reinterpret_cast<RowResult*>(memory);
    team_.for_ranges(rows, classes * 40, 1, [&](std::int64_t begin, std::int64_t end, int part) {
      T* const exponentials =
          reinterpret_cast<T*>(memory + padded + row_bytes * static_cast<std::size_t>(part));
      for (std::int64_t i = begin; i < end; ++i) {
        results[i] = cross_entropy_row<T>(
            args.logits.row(r, i), classes, args.targets.replica(r)[i],
            static_cast<T>(counts[i] * share * weight(i)),
            args.dlogits.empty() ? nullptr : args.dlogits.row(r, i), exponentials);
      }
    });
    double loss = 0;
    double correct = 0;
    for (std::int64_t i = 0; i < rows; ++i) {
      // A row that stands for none must not turn the sum into NaN.
      if (counts[i] == 0) continue;
      loss += results[i].loss * counts[i] * weight(i);
      if (results[i].correct) correct += counts[i];
    }
    *args.loss.replica(r) = loss * share;
    *args.correct.replica(r) = correct;
  }
}

template void CpuOps<float>::cross_entropy(const CrossEntropy<float>&);
template void CpuOps<double>::cross_entropy(const CrossEntropy<double>&);

}  // namespace groklab::cpu::GROKLAB_ISA
