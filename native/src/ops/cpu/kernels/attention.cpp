// Multi-head attention along the paths of a prefix tree (Vaswani et al., "Attention is all you
// need", 2017). Paths are short (a dozen tokens), so this is dot products, not products of matrices.
//
// Backward in two passes without shared sums: queries first (scores and dq), then keys, each of
// which gathers from the queries that used it, in order.
#include <cmath>
#include <limits>

#include "ops/cpu/kernels/cpu_ops.h"
#include "ops/cpu/kernels/math.h"

namespace groklab::cpu::GROKLAB_ISA {

namespace {

/// The columns of one head: `kVectors` whole vectors, or any number where that is 0.
template <class T, int kVectors>
struct HeadColumns {
  std::int64_t width;

  T dot(const T* a, const T* b) const {
    Vec<T> sums = {};
    each([&](std::int64_t j, std::int64_t lanes) {
      sums += load_lanes(a + j, lanes) * load_lanes(b + j, lanes);
    });
    return sum_lanes<T>(sums);
  }

  /// y += factor · x.
  void add_scaled(T factor, const T* x, T* y) const {
    each([&](std::int64_t j, std::int64_t lanes) {
      store_lanes(y + j, load_lanes(y + j, lanes) + factor * load_lanes(x + j, lanes), lanes);
    });
  }

  void zero(T* x) const {
    each([&](std::int64_t j, std::int64_t lanes) { store_lanes(x + j, Vec<T>{}, lanes); });
  }

 private:
  template <class F>
  [[gnu::always_inline]] void each(F&& f) const {
    if constexpr (kVectors == 0) {
      for_vectors<T>(width, f);
    } else {
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) f(v * kLanes<T>, kLanes<T>);
    }
  }
};

/// Calls f(HeadColumns) with the widths that models have known to the compiler.
template <class T, class F>
void with_head(std::int64_t width, F&& f) {
  switch (width % kLanes<T> == 0 ? width / kLanes<T> : 0) {
    case 1:
      return f(HeadColumns<T, 1>{width});
    case 2:
      return f(HeadColumns<T, 2>{width});
    case 4:
      return f(HeadColumns<T, 4>{width});
    case 8:
      return f(HeadColumns<T, 8>{width});
    default:
      return f(HeadColumns<T, 0>{width});
  }
}

/// One query: for each head, softmax over the steps of its path, and the mean of the values by it.
template <class T, class Head>
void attend(const AttentionForward<T>& args, Head head, std::int64_t r, std::int64_t n, T scale) {
  const std::int64_t length = args.path.cols;
  const std::int32_t* path = args.path.row(r, n);
  const T* q = args.q.row(r, n);
  T* weights = args.weights.row(r, n);
  T* y = args.y.row(r, n);
  constexpr T kNever = -std::numeric_limits<T>::infinity();
  for (std::int64_t h = 0; h < args.heads; ++h) {
    const std::int64_t col = h * head.width;
    T* scores = weights + h * length;
    T largest = kNever;
    for (std::int64_t t = 0; t < length; ++t) {
      if (path[t] < 0) continue;
      scores[t] = scale * head.dot(q + col, args.k.row(r, path[t]) + col);
      if (scores[t] > largest) largest = scores[t];
    }
    for (std::int64_t t = 0; t < length; ++t)
      scores[t] = path[t] < 0 ? kNever : scores[t] - largest;
  }
  for_vectors<T>(args.heads * length, [&](std::int64_t j, std::int64_t lanes) {
    store_lanes(weights + j, exp<T>(load_lanes(weights + j, lanes)), lanes);
  });
  for (std::int64_t h = 0; h < args.heads; ++h) {
    const std::int64_t col = h * head.width;
    T* share = weights + h * length;
    T total = 0;
    for (std::int64_t t = 0; t < length; ++t) total += share[t];
    head.zero(y + col);
    for (std::int64_t t = 0; t < length; ++t) {
      if (path[t] < 0) continue;
      share[t] /= total;
      head.add_scaled(share[t], args.v.row(r, path[t]) + col, y + col);
    }
  }
}

/// Gradients of one query and of its scores.
template <class T, class Head>
void query_gradients(const AttentionBackward<T>& args, Head head, std::int64_t r, std::int64_t n,
                     T scale) {
  const std::int64_t length = args.path.cols;
  const std::int32_t* path = args.path.row(r, n);
  for (std::int64_t h = 0; h < args.heads; ++h) {
    const std::int64_t col = h * head.width;
    const T* weights = args.weights.row(r, n) + h * length;
    const T* dy = args.dy.row(r, n) + col;
    T* dscores = args.dscores.row(r, n) + h * length;
    T* dq = args.dq.row(r, n) + col;
    T mean = 0;
    for (std::int64_t t = 0; t < length; ++t) {
      dscores[t] = path[t] < 0 ? T{0} : head.dot(dy, args.v.row(r, path[t]) + col);
      mean += weights[t] * dscores[t];
    }
    head.zero(dq);
    for (std::int64_t t = 0; t < length; ++t) {
      if (path[t] < 0) continue;
      dscores[t] = scale * weights[t] * (dscores[t] - mean);
      head.add_scaled(dscores[t], args.k.row(r, path[t]) + col, dq);
    }
  }
}

/// Gradients of one key and its value, from the queries that used them, in order.
template <class T, class Head>
void key_gradients(const AttentionBackward<T>& args, Head head, std::int64_t r, std::int64_t m) {
  const std::int64_t length = args.path.cols;
  const std::int32_t* offsets = args.uses.offsets.replica(r);
  const std::int32_t* items = args.uses.items.replica(r);
  T* dk = args.dk.row(r, m);
  T* dv = args.dv.row(r, m);
  for (std::int64_t h = 0; h < args.heads; ++h) {
    head.zero(dk + h * head.width);
    head.zero(dv + h * head.width);
  }
  for (std::int32_t u = offsets[m]; u < offsets[m + 1]; ++u) {
    const std::int64_t n = items[u] / length;
    const std::int64_t t = items[u] % length;
    const T* dscores = args.dscores.row(r, n);
    const T* weights = args.weights.row(r, n);
    const T* q = args.q.row(r, n);
    const T* dy = args.dy.row(r, n);
    for (std::int64_t h = 0; h < args.heads; ++h) {
      const std::int64_t col = h * head.width;
      head.add_scaled(dscores[h * length + t], q + col, dk + col);
      head.add_scaled(weights[h * length + t], dy + col, dv + col);
    }
  }
}

}  // namespace

template <class T>
void CpuOps<T>::attention_forward(const AttentionForward<T>& args) {
  const std::int64_t head_width = args.y.cols / args.heads;
  const T scale = T{1} / std::sqrt(static_cast<T>(head_width));
  with_head<T>(head_width, [&](auto head) {
    for (std::int64_t r = 0; r < args.y.replicas; ++r) {
      team_.for_ranges(args.y.rows, args.y.cols * args.path.cols * 4, 1,
                       [&](std::int64_t begin, std::int64_t end, int) {
                         for (std::int64_t n = begin; n < end; ++n) attend(args, head, r, n, scale);
                       });
    }
  });
}

template <class T>
void CpuOps<T>::attention_backward(const AttentionBackward<T>& args) {
  const std::int64_t head_width = args.dq.cols / args.heads;
  const std::int64_t cost = args.dq.cols * args.path.cols * 8;
  const T scale = T{1} / std::sqrt(static_cast<T>(head_width));
  with_head<T>(head_width, [&](auto head) {
    for (std::int64_t r = 0; r < args.dq.replicas; ++r) {
      team_.for_ranges(args.dq.rows, cost, 1, [&](std::int64_t begin, std::int64_t end, int) {
        for (std::int64_t n = begin; n < end; ++n) query_gradients(args, head, r, n, scale);
      });
      team_.for_ranges(args.dk.rows, cost, 1, [&](std::int64_t begin, std::int64_t end, int) {
        for (std::int64_t m = begin; m < end; ++m) key_gradients(args, head, r, m);
      });
    }
  });
}

template void CpuOps<float>::attention_forward(const AttentionForward<float>&);
template void CpuOps<double>::attention_forward(const AttentionForward<double>&);
template void CpuOps<float>::attention_backward(const AttentionBackward<float>&);
template void CpuOps<double>::attention_backward(const AttentionBackward<double>&);

}  // namespace groklab::cpu::GROKLAB_ISA
