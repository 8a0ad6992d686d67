// Multi-head attention along the paths of a prefix tree (Vaswani et al., "Attention is all you
// need", 2017). Paths are short (a dozen tokens), so this is dot products, not products of matrices.
//
// Backward in two passes without shared sums: queries first (scores and dq), then keys, each of
// which gathers from the queries that used it, in order.
#include <cmath>
#include <limits>

#include "ops/cpu/kernels/cpu_ops.h"
#include "ops/cpu/kernels/simd.h"

namespace groklab::cpu::GROKLAB_ISA {

namespace {

template <class T>
T dot(const T* a, const T* b, std::int64_t n) {
  Vec<T> sums = {};
  for_vectors<T>(n, [&](std::int64_t j, std::int64_t lanes) {
    sums += load_lanes(a + j, lanes) * load_lanes(b + j, lanes);
  });
  return sum_lanes<T>(sums);
}

/// y += factor · x.
template <class T>
void add_scaled(T factor, const T* x, std::int64_t n, T* y) {
  for_vectors<T>(n, [&](std::int64_t j, std::int64_t lanes) {
    store_lanes(y + j, load_lanes(y + j, lanes) + factor * load_lanes(x + j, lanes), lanes);
  });
}

template <class T>
void zero(T* x, std::int64_t n) {
  for (std::int64_t j = 0; j < n; ++j) x[j] = 0;
}

/// Softmax over the steps of one query's path, for one head, and the mean of the values by it.
template <class T>
void attend(const std::int32_t* path, std::int64_t length, const T* q, Matrices<const T> k,
            Matrices<const T> v, std::int64_t r, std::int64_t first_col, std::int64_t head_width,
            T scale, T* weights, T* y) {
  T largest = -std::numeric_limits<T>::infinity();
  for (std::int64_t t = 0; t < length; ++t) {
    if (path[t] < 0) continue;
    weights[t] = scale * dot(q, k.row(r, path[t]) + first_col, head_width);
    if (weights[t] > largest) largest = weights[t];
  }
  T total = 0;
  for (std::int64_t t = 0; t < length; ++t) {
    weights[t] = path[t] < 0 ? T{0} : std::exp(weights[t] - largest);
    total += weights[t];
  }
  zero(y, head_width);
  for (std::int64_t t = 0; t < length; ++t) {
    if (path[t] < 0) continue;
    weights[t] /= total;
    add_scaled(weights[t], v.row(r, path[t]) + first_col, head_width, y);
  }
}

}  // namespace

template <class T>
void CpuOps<T>::attention_forward(const AttentionForward<T>& args) {
  const std::int64_t length = args.path.cols;
  const std::int64_t head_width = args.y.cols / args.heads;
  const T scale = T{1} / std::sqrt(static_cast<T>(head_width));
  for (std::int64_t r = 0; r < args.y.replicas; ++r) {
    team_.for_ranges(args.y.rows, args.y.cols * length * 4, 1,
                     [&](std::int64_t begin, std::int64_t end, int) {
                       for (std::int64_t n = begin; n < end; ++n) {
                         for (std::int64_t h = 0; h < args.heads; ++h) {
                           const std::int64_t col = h * head_width;
                           attend<T>(args.path.row(r, n), length, args.q.row(r, n) + col, args.k,
                                     args.v, r, col, head_width, scale,
                                     args.weights.row(r, n) + h * length, args.y.row(r, n) + col);
                         }
                       }
                     });
  }
}

template <class T>
void CpuOps<T>::attention_backward(const AttentionBackward<T>& args) {
  const std::int64_t length = args.path.cols;
  const std::int64_t width = args.dq.cols;
  const std::int64_t head_width = width / args.heads;
  const T scale = T{1} / std::sqrt(static_cast<T>(head_width));
  for (std::int64_t r = 0; r < args.dq.replicas; ++r) {
    team_.for_ranges(
        args.dq.rows, width * length * 8, 1, [&](std::int64_t begin, std::int64_t end, int) {
          for (std::int64_t n = begin; n < end; ++n) {
            const std::int32_t* path = args.path.row(r, n);
            for (std::int64_t h = 0; h < args.heads; ++h) {
              const std::int64_t col = h * head_width;
              const T* weights = args.weights.row(r, n) + h * length;
              const T* dy = args.dy.row(r, n) + col;
              T* dscores = args.dscores.row(r, n) + h * length;
              T* dq = args.dq.row(r, n) + col;
              T mean = 0;
              for (std::int64_t t = 0; t < length; ++t) {
                dscores[t] = path[t] < 0 ? T{0} : dot(dy, args.v.row(r, path[t]) + col, head_width);
                mean += weights[t] * dscores[t];
              }
              zero(dq, head_width);
              for (std::int64_t t = 0; t < length; ++t) {
                if (path[t] < 0) continue;
                dscores[t] = scale * weights[t] * (dscores[t] - mean);
                add_scaled(dscores[t], args.k.row(r, path[t]) + col, head_width, dq);
              }
            }
          }
        });

    const std::int32_t* offsets = args.uses.offsets.replica(r);
    const std::int32_t* items = args.uses.items.replica(r);
    team_.for_ranges(args.dk.rows, width * length * 8, 1,
                     [&](std::int64_t begin, std::int64_t end, int) {
                       for (std::int64_t m = begin; m < end; ++m) {
                         T* dk = args.dk.row(r, m);
                         T* dv = args.dv.row(r, m);
                         zero(dk, width);
                         zero(dv, width);
                         for (std::int32_t u = offsets[m]; u < offsets[m + 1]; ++u) {
                           const std::int64_t n = items[u] / length;
                           const std::int64_t t = items[u] % length;
                           for (std::int64_t h = 0; h < args.heads; ++h) {
                             const std::int64_t col = h * head_width;
                             const std::int64_t entry = h * length + t;
                             add_scaled(args.dscores.row(r, n)[entry], args.q.row(r, n) + col,
                                        head_width, dk + col);
                             add_scaled(args.weights.row(r, n)[entry], args.dy.row(r, n) + col,
                                        head_width, dv + col);
                           }
                         }
                       }
                     });
  }
}

template void CpuOps<float>::attention_forward(const AttentionForward<float>&);
template void CpuOps<double>::attention_forward(const AttentionForward<double>&);
template void CpuOps<float>::attention_backward(const AttentionBackward<float>&);
template void CpuOps<double>::attention_backward(const AttentionBackward<double>&);

}  // namespace groklab::cpu::GROKLAB_ISA
