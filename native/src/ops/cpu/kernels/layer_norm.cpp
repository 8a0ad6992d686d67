// Layer normalization with its residual addition (Ba, Kiros & Hinton, "Layer normalization", 2016).
#include <cmath>

#include "ops/cpu/kernels/cpu_ops.h"
#include "ops/cpu/kernels/simd.h"

namespace groklab::cpu::GROKLAB_ISA {

namespace {

/// One row: s = x + residual, x̂, y. Mean and variance are two passes, as the textbook has them.
template <class T>
T normalize_row(const T* x, const T* residual, const T* gamma, const T* beta, T epsilon,
                std::int64_t cols, T* normalized, T* y) {
  Vec<T> sums = {};
  for_vectors<T>(cols, [&](std::int64_t j, std::int64_t lanes) {
    Vec<T> s = load_lanes(x + j, lanes);
    if (residual != nullptr) s += load_lanes(residual + j, lanes);
    store_lanes(normalized + j, s, lanes);
    sums += s;
  });
  const T mean = sum_lanes<T>(sums) / static_cast<T>(cols);
  Vec<T> squares = {};
  const Vec<T> means = broadcast(mean);
  for_vectors<T>(cols, [&](std::int64_t j, std::int64_t lanes) {
    // Lanes beyond the row must not add mean² to the sum.
    Vec<T> centred = load_lanes(normalized + j, lanes);
    if (lanes == kLanes<T>) {
      centred -= means;
    } else {
      for (std::int64_t l = 0; l < lanes; ++l) centred[l] -= mean;
    }
    squares += centred * centred;
    store_lanes(normalized + j, centred, lanes);
  });
  const T variance = sum_lanes<T>(squares) / static_cast<T>(cols);
  const T inverse_deviation = T{1} / std::sqrt(variance + epsilon);
  for_vectors<T>(cols, [&](std::int64_t j, std::int64_t lanes) {
    const Vec<T> n = load_lanes(normalized + j, lanes) * inverse_deviation;
    store_lanes(normalized + j, n, lanes);
    store_lanes(y + j, load_lanes(gamma + j, lanes) * n + load_lanes(beta + j, lanes), lanes);
  });
  return inverse_deviation;
}

/// dx = (γ⊙dy − mean(γ⊙dy) − x̂ · mean(γ⊙dy⊙x̂)) / deviation.
template <class T>
void backward_row(const T* dy, const T* normalized, T inverse_deviation, const T* gamma,
                  std::int64_t cols, T* dx) {
  Vec<T> sums = {};
  Vec<T> products = {};
  for_vectors<T>(cols, [&](std::int64_t j, std::int64_t lanes) {
    const Vec<T> g = load_lanes(gamma + j, lanes) * load_lanes(dy + j, lanes);
    sums += g;
    products += g * load_lanes(normalized + j, lanes);
  });
  const T mean = sum_lanes<T>(sums) / static_cast<T>(cols);
  const T projection = sum_lanes<T>(products) / static_cast<T>(cols);
  for_vectors<T>(cols, [&](std::int64_t j, std::int64_t lanes) {
    const Vec<T> g = load_lanes(gamma + j, lanes) * load_lanes(dy + j, lanes);
    const Vec<T> d = g - mean - load_lanes(normalized + j, lanes) * projection;
    store_lanes(dx + j, d * inverse_deviation, lanes);
  });
}

}  // namespace

template <class T>
void CpuOps<T>::layer_norm_forward(const LayerNormForward<T>& args) {
  for (std::int64_t r = 0; r < args.y.replicas; ++r) {
    team_.for_ranges(
        args.y.rows, args.y.cols * 10, 1, [&](std::int64_t begin, std::int64_t end, int) {
          for (std::int64_t i = begin; i < end; ++i) {
            const T* residual = args.residual.empty() ? nullptr : args.residual.row(r, i);
            args.inverse_deviation.replica(r)[i] =
                normalize_row<T>(args.x.row(r, i), residual, args.gamma.replica(r),
                                 args.beta.replica(r), static_cast<T>(args.epsilon), args.y.cols,
                                 args.normalized.row(r, i), args.y.row(r, i));
          }
        });
  }
}

template <class T>
void CpuOps<T>::layer_norm_backward(const LayerNormBackward<T>& args) {
  const std::int64_t rows = args.dx.rows;
  const std::int64_t cols = args.dx.cols;
  for (std::int64_t r = 0; r < args.dx.replicas; ++r) {
    // The parameters first: dx may overwrite dy. Threads share the columns, each in row order.
    T* const dgamma = args.dgamma.replica(r);
    T* const dbeta = args.dbeta.replica(r);
    team_.for_ranges(cols, rows * 4, kLanes<T>, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t j = begin; j < end; ++j) dgamma[j] = dbeta[j] = 0;
      for (std::int64_t i = 0; i < rows; ++i) {
        const T* dy = args.dy.row(r, i);
        const T* normalized = args.normalized.row(r, i);
        for (std::int64_t j = begin; j < end; ++j) {
          dgamma[j] += dy[j] * normalized[j];
          dbeta[j] += dy[j];
        }
      }
    });
    team_.for_ranges(rows, cols * 10, 1, [&](std::int64_t begin, std::int64_t end, int) {
      for (std::int64_t i = begin; i < end; ++i) {
        backward_row<T>(args.dy.row(r, i), args.normalized.row(r, i),
                        args.inverse_deviation.replica(r)[i], args.gamma.replica(r), cols,
                        args.dx.row(r, i));
      }
    });
  }
}

template void CpuOps<float>::layer_norm_forward(const LayerNormForward<float>&);
template void CpuOps<double>::layer_norm_forward(const LayerNormForward<double>&);
template void CpuOps<float>::layer_norm_backward(const LayerNormBackward<float>&);
template void CpuOps<double>::layer_norm_backward(const LayerNormBackward<double>&);

}  // namespace groklab::cpu::GROKLAB_ISA
