#include "ops/naive/naive_ops.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "core/philox.h"

namespace groklab::naive {
namespace {

using Index = std::int64_t;

double normal_distribution(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

double normal_density(double x) {
  return std::exp(-0.5 * x * x) / std::sqrt(2.0 * std::numbers::pi);
}

/// Σ a[i] b[i] over `size` elements.
template <class T>
double dot(const T* a, const T* b, Index size) {
  double sum = 0;
  for (Index i = 0; i < size; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

/// Writes the row x + residual into `sum`.
template <class T>
void residual_sum(const LayerNormForward<T>& args, Index r, Index n, std::vector<double>& sum) {
  for (Index j = 0; j < args.x.cols; ++j) {
    double s = static_cast<double>(args.x.row(r, n)[j]);
    if (!args.residual.empty()) s += static_cast<double>(args.residual.row(r, n)[j]);
    sum[static_cast<std::size_t>(j)] = s;
  }
}

/// Softmax of the scores that are not excluded (−∞), in place; 0 for the excluded.
void softmax(std::vector<double>& scores) {
  const double largest = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& s : scores) {
    s = std::exp(s - largest);
    sum += s;
  }
  for (double& s : scores) s /= sum;
}

}  // namespace

template <class T>
void NaiveOps<T>::embedding(Matrices<const T> token_table, Matrices<const T> position_table,
                            Indices tokens, Indices positions, Matrices<T> y) {
  for (Index r = 0; r < y.replicas; ++r) {
    for (Index n = 0; n < y.rows; ++n) {
      const T* token = token_table.row(r, tokens.replica(r)[n]);
      const T* position = position_table.row(r, positions.replica(r)[n]);
      for (Index j = 0; j < y.cols; ++j) {
        y.row(r, n)[j] =
            static_cast<T>(static_cast<double>(token[j]) + static_cast<double>(position[j]));
      }
    }
  }
}

template <class T>
void NaiveOps<T>::gather_rows(Matrices<const T> x, Indices rows, Matrices<T> y) {
  for (Index r = 0; r < y.replicas; ++r) {
    for (Index n = 0; n < y.rows; ++n) {
      const T* from = x.row(r, rows.replica(r)[n]);
      for (Index j = 0; j < y.cols; ++j) y.row(r, n)[j] = from[j];
    }
  }
}

template <class T>
void NaiveOps<T>::gather_sum(Matrices<const T> x, Matrices<const std::int32_t> path,
                             Vectors<const T> bias, Matrices<T> y) {
  for (Index r = 0; r < y.replicas; ++r) {
    for (Index n = 0; n < y.rows; ++n) {
      for (Index j = 0; j < y.cols; ++j) {
        double sum = bias.empty() ? 0.0 : static_cast<double>(bias.replica(r)[j]);
        for (Index t = 0; t < path.cols; ++t) {
          const std::int32_t row = path.row(r, n)[t];
          if (row >= 0) sum += static_cast<double>(x.row(r, row)[j]);
        }
        y.row(r, n)[j] = static_cast<T>(sum);
      }
    }
  }
}

template <class T>
void NaiveOps<T>::sum_lists(Matrices<const T> x, Lists lists, Index items_per_row, Matrices<T> y) {
  for (Index r = 0; r < y.replicas; ++r) {
    const std::int32_t* offsets = lists.offsets.replica(r);
    for (Index i = 0; i < y.rows; ++i) {
      for (Index j = 0; j < y.cols; ++j) {
        double sum = 0;
        for (Index e = offsets[i]; e < offsets[i + 1]; ++e) {
          sum += static_cast<double>(x.row(r, lists.items.replica(r)[e] / items_per_row)[j]);
        }
        y.row(r, i)[j] = static_cast<T>(sum);
      }
    }
  }
}

template <class T>
void NaiveOps<T>::add(Matrices<const T> x, Matrices<T> y) {
  for (Index r = 0; r < y.replicas; ++r) {
    for (Index n = 0; n < y.rows; ++n) {
      for (Index j = 0; j < y.cols; ++j) {
        T& element = y.row(r, n)[j];
        element =
            static_cast<T>(static_cast<double>(element) + static_cast<double>(x.row(r, n)[j]));
      }
    }
  }
}

template <class T>
void NaiveOps<T>::copy(Vectors<const T> x, Vectors<T> y) {
  for (Index r = 0; r < y.replicas; ++r) {
    for (Index i = 0; i < y.size; ++i) y.replica(r)[i] = x.replica(r)[i];
  }
}

template <class T>
void NaiveOps<T>::linear_forward(Matrices<const T> x, Matrices<const T> weight,
                                 Vectors<const T> bias, Matrices<T> y) {
  for (Index r = 0; r < y.replicas; ++r) {
    for (Index n = 0; n < y.rows; ++n) {
      for (Index o = 0; o < y.cols; ++o) {
        double sum = dot(x.row(r, n), weight.row(r, o), x.cols);
        if (!bias.empty()) sum += static_cast<double>(bias.replica(r)[o]);
        y.row(r, n)[o] = static_cast<T>(sum);
      }
    }
  }
}

template <class T>
void NaiveOps<T>::linear_backward_input(Matrices<const T> dy, Matrices<const T> weight,
                                        Matrices<T> dx, bool accumulate) {
  for (Index r = 0; r < dx.replicas; ++r) {
    for (Index n = 0; n < dx.rows; ++n) {
      for (Index i = 0; i < dx.cols; ++i) {
        double sum = accumulate ? static_cast<double>(dx.row(r, n)[i]) : 0.0;
        for (Index o = 0; o < dy.cols; ++o) {
          sum += static_cast<double>(dy.row(r, n)[o]) * static_cast<double>(weight.row(r, o)[i]);
        }
        dx.row(r, n)[i] = static_cast<T>(sum);
      }
    }
  }
}

template <class T>
void NaiveOps<T>::linear_backward_weight(Matrices<const T> dy, Matrices<const T> x,
                                         Matrices<T> dweight, Vectors<T> dbias) {
  for (Index r = 0; r < dweight.replicas; ++r) {
    for (Index o = 0; o < dweight.rows; ++o) {
      for (Index i = 0; i < dweight.cols; ++i) {
        double sum = 0;
        for (Index n = 0; n < dy.rows; ++n) {
          sum += static_cast<double>(dy.row(r, n)[o]) * static_cast<double>(x.row(r, n)[i]);
        }
        dweight.row(r, o)[i] = static_cast<T>(sum);
      }
      if (dbias.empty()) continue;
      double sum = 0;
      for (Index n = 0; n < dy.rows; ++n) sum += static_cast<double>(dy.row(r, n)[o]);
      dbias.replica(r)[o] = static_cast<T>(sum);
    }
  }
}

template <class T>
void NaiveOps<T>::layer_norm_forward(const LayerNormForward<T>& args) {
  const Index width = args.x.cols;
  std::vector<double> s(static_cast<std::size_t>(width));
  for (Index r = 0; r < args.x.replicas; ++r) {
    for (Index n = 0; n < args.x.rows; ++n) {
      residual_sum(args, r, n, s);
      double mean = 0;
      for (const double element : s) mean += element;
      mean /= static_cast<double>(width);
      double variance = 0;
      for (const double element : s) variance += (element - mean) * (element - mean);
      variance /= static_cast<double>(width);
      const double inverse_deviation = 1.0 / std::sqrt(variance + args.epsilon);
      args.inverse_deviation.replica(r)[n] = static_cast<T>(inverse_deviation);
      for (Index j = 0; j < width; ++j) {
        const double normalized = (s[static_cast<std::size_t>(j)] - mean) * inverse_deviation;
        args.normalized.row(r, n)[j] = static_cast<T>(normalized);
        args.y.row(r, n)[j] =
            static_cast<T>(normalized * static_cast<double>(args.gamma.replica(r)[j]) +
                           static_cast<double>(args.beta.replica(r)[j]));
      }
    }
  }
}

template <class T>
void NaiveOps<T>::layer_norm_backward(const LayerNormBackward<T>& args) {
  const Index width = args.dy.cols;
  const auto dy = [&](Index r, Index n, Index j) {
    return static_cast<double>(args.dy.row(r, n)[j]);
  };
  const auto normalized = [&](Index r, Index n, Index j) {
    return static_cast<double>(args.normalized.row(r, n)[j]);
  };
  const auto gamma = [&](Index r, Index j) {
    return static_cast<double>(args.gamma.replica(r)[j]);
  };

  for (Index r = 0; r < args.dy.replicas; ++r) {
    // First the sums over rows: dx may overwrite dy.
    for (Index j = 0; j < width; ++j) {
      double dgamma = 0;
      double dbeta = 0;
      for (Index n = 0; n < args.dy.rows; ++n) {
        dgamma += dy(r, n, j) * normalized(r, n, j);
        dbeta += dy(r, n, j);
      }
      args.dgamma.replica(r)[j] = static_cast<T>(dgamma);
      args.dbeta.replica(r)[j] = static_cast<T>(dbeta);
    }
    // ds = (g − mean g − x̂ mean(g x̂)) / deviation, with g = dy γ the gradient of x̂.
    for (Index n = 0; n < args.dy.rows; ++n) {
      double mean = 0;
      double projection = 0;
      for (Index j = 0; j < width; ++j) {
        mean += dy(r, n, j) * gamma(r, j);
        projection += dy(r, n, j) * gamma(r, j) * normalized(r, n, j);
      }
      mean /= static_cast<double>(width);
      projection /= static_cast<double>(width);
      const auto inverse_deviation = static_cast<double>(args.inverse_deviation.replica(r)[n]);
      for (Index j = 0; j < width; ++j) {
        args.dx.row(r, n)[j] =
            static_cast<T>(inverse_deviation *
                           (dy(r, n, j) * gamma(r, j) - mean - normalized(r, n, j) * projection));
      }
    }
  }
}

template <class T>
void NaiveOps<T>::gelu_forward(Matrices<const T> x, Matrices<T> y) {
  for (Index r = 0; r < y.replicas; ++r) {
    for (Index n = 0; n < y.rows; ++n) {
      for (Index j = 0; j < y.cols; ++j) {
        const auto value = static_cast<double>(x.row(r, n)[j]);
        y.row(r, n)[j] = static_cast<T>(value * normal_distribution(value));
      }
    }
  }
}

template <class T>
void NaiveOps<T>::gelu_backward(Matrices<const T> x, Matrices<const T> dy, Matrices<T> dx) {
  for (Index r = 0; r < dx.replicas; ++r) {
    for (Index n = 0; n < dx.rows; ++n) {
      for (Index j = 0; j < dx.cols; ++j) {
        const auto value = static_cast<double>(x.row(r, n)[j]);
        const double slope = normal_distribution(value) + value * normal_density(value);
        dx.row(r, n)[j] = static_cast<T>(static_cast<double>(dy.row(r, n)[j]) * slope);
      }
    }
  }
}

template <class T>
void NaiveOps<T>::relu_forward(Matrices<const T> x, Matrices<T> y) {
  for (Index r = 0; r < y.replicas; ++r) {
    for (Index n = 0; n < y.rows; ++n) {
      for (Index j = 0; j < y.cols; ++j) {
        const T value = x.row(r, n)[j];
        y.row(r, n)[j] = value < 0 ? T(0) : value;
      }
    }
  }
}

template <class T>
void NaiveOps<T>::relu_backward(Matrices<const T> x, Matrices<const T> dy, Matrices<T> dx) {
  for (Index r = 0; r < dx.replicas; ++r) {
    for (Index n = 0; n < dx.rows; ++n) {
      for (Index j = 0; j < dx.cols; ++j) {
        dx.row(r, n)[j] = x.row(r, n)[j] > 0 ? dy.row(r, n)[j] : T(0);
      }
    }
  }
}

template <class T>
void NaiveOps<T>::attention_forward(const AttentionForward<T>& args) {
  const Index length = args.path.cols;
  const Index width = args.q.cols / args.heads;
  const double scale = 1.0 / std::sqrt(static_cast<double>(width));
  std::vector<double> weights(static_cast<std::size_t>(length));
  for (Index r = 0; r < args.q.replicas; ++r) {
    for (Index n = 0; n < args.q.rows; ++n) {
      const std::int32_t* path = args.path.row(r, n);
      for (Index h = 0; h < args.heads; ++h) {
        const Index head = h * width;
        for (Index t = 0; t < length; ++t) {
          weights[static_cast<std::size_t>(t)] =
              path[t] < 0
                  ? -std::numeric_limits<double>::infinity()
                  : scale * dot(args.q.row(r, n) + head, args.k.row(r, path[t]) + head, width);
        }
        softmax(weights);
        for (Index t = 0; t < length; ++t) {
          args.weights.row(r, n)[h * length + t] =
              static_cast<T>(weights[static_cast<std::size_t>(t)]);
        }
        for (Index j = head; j < head + width; ++j) {
          double sum = 0;
          for (Index t = 0; t < length; ++t) {
            if (path[t] < 0) continue;
            sum += weights[static_cast<std::size_t>(t)] *
                   static_cast<double>(args.v.row(r, path[t])[j]);
          }
          args.y.row(r, n)[j] = static_cast<T>(sum);
        }
      }
    }
  }
}

template <class T>
void NaiveOps<T>::attention_backward(const AttentionBackward<T>& args) {
  const Index length = args.path.cols;
  const Index width = args.q.cols / args.heads;
  const Index keys = args.k.rows;
  const double scale = 1.0 / std::sqrt(static_cast<double>(width));
  std::vector<double> dscores(static_cast<std::size_t>(length));
  std::vector<double> dq(static_cast<std::size_t>(width));
  for (Index r = 0; r < args.q.replicas; ++r) {
    std::vector<double> dk(static_cast<std::size_t>(keys * args.q.cols));
    std::vector<double> dv(static_cast<std::size_t>(keys * args.q.cols));
    for (Index n = 0; n < args.q.rows; ++n) {
      const std::int32_t* path = args.path.row(r, n);
      for (Index h = 0; h < args.heads; ++h) {
        const Index head = h * width;
        const T* weights = args.weights.row(r, n) + h * length;
        const T* dy = args.dy.row(r, n) + head;
        // Softmax: ds_t = w_t (dw_t − Σ w dw), with dw_t = dy · v_t.
        double mean = 0;
        for (Index t = 0; t < length; ++t) {
          auto& dw = dscores[static_cast<std::size_t>(t)];
          dw = path[t] < 0 ? 0.0 : dot(dy, args.v.row(r, path[t]) + head, width);
          mean += static_cast<double>(weights[t]) * dw;
        }
        for (Index t = 0; t < length; ++t) {
          auto& ds = dscores[static_cast<std::size_t>(t)];
          ds = path[t] < 0 ? 0.0 : static_cast<double>(weights[t]) * (ds - mean);
          args.dscores.row(r, n)[h * length + t] = static_cast<T>(ds);
        }
        std::fill(dq.begin(), dq.end(), 0.0);
        for (Index t = 0; t < length; ++t) {
          if (path[t] < 0) continue;
          const double ds = scale * dscores[static_cast<std::size_t>(t)];
          for (Index j = 0; j < width; ++j) {
            const auto at = static_cast<std::size_t>(path[t] * args.q.cols + head + j);
            dq[static_cast<std::size_t>(j)] +=
                ds * static_cast<double>(args.k.row(r, path[t])[head + j]);
            dk[at] += ds * static_cast<double>(args.q.row(r, n)[head + j]);
            dv[at] += static_cast<double>(weights[t]) * static_cast<double>(dy[j]);
          }
        }
        for (Index j = 0; j < width; ++j) {
          args.dq.row(r, n)[head + j] = static_cast<T>(dq[static_cast<std::size_t>(j)]);
        }
      }
    }
    for (Index m = 0; m < keys; ++m) {
      for (Index j = 0; j < args.q.cols; ++j) {
        args.dk.row(r, m)[j] = static_cast<T>(dk[static_cast<std::size_t>(m * args.q.cols + j)]);
        args.dv.row(r, m)[j] = static_cast<T>(dv[static_cast<std::size_t>(m * args.q.cols + j)]);
      }
    }
  }
}

template <class T>
void NaiveOps<T>::cross_entropy(const CrossEntropy<T>& args) {
  const Index classes = args.logits.cols;
  std::vector<double> logits(static_cast<std::size_t>(classes));
  for (Index r = 0; r < args.logits.replicas; ++r) {
    const std::int32_t* counts = args.counts.replica(r);
    double total = 0;
    for (Index n = 0; n < args.logits.rows; ++n) total += counts[n];
    double loss = 0;
    double correct = 0;
    for (Index n = 0; n < args.logits.rows; ++n) {
      const double weight =
          args.weights.empty() ? 1.0 : static_cast<double>(args.weights.replica(r)[n]);
      for (Index c = 0; c < classes; ++c) {
        logits[static_cast<std::size_t>(c)] = static_cast<double>(args.logits.row(r, n)[c]);
      }
      const auto target = static_cast<std::size_t>(args.targets.replica(r)[n]);
      const auto largest = std::max_element(logits.begin(), logits.end());
      if (largest == logits.begin() + static_cast<std::ptrdiff_t>(target)) correct += counts[n];
      double sum = 0;
      for (const double logit : logits) sum += std::exp(logit - *largest);
      const double log_sum = *largest + std::log(sum);
      if (counts[n] > 0) loss += counts[n] * weight * (log_sum - logits[target]);
      if (args.dlogits.empty()) continue;
      for (Index c = 0; c < classes; ++c) {
        const auto at = static_cast<std::size_t>(c);
        const double probability = std::exp(logits[at] - log_sum);
        args.dlogits.row(r, n)[c] =
            counts[n] == 0 ? T(0)
                           : static_cast<T>(counts[n] * weight *
                                            (probability - (at == target ? 1.0 : 0.0)) / total);
      }
    }
    args.loss.replica(r)[0] = total == 0 ? 0.0 : loss / total;
    args.correct.replica(r)[0] = correct;
  }
}

template <class T>
void NaiveOps<T>::dropout(Vectors<const DropoutKey> keys, std::uint32_t site, Indices numbers,
                          Matrices<const T> x, Matrices<T> y) {
  for (Index r = 0; r < y.replicas; ++r) {
    const DropoutKey& key = *keys.replica(r);
    for (Index n = 0; n < y.rows; ++n) {
      for (Index j = 0; j < y.cols; ++j) {
        const Index element = numbers.replica(r)[n] * y.cols + j;
        const PhiloxCounter bits =
            dropout_bits(key.seed, key.step, site, static_cast<std::uint32_t>(element / 4));
        const bool keep =
            bits[static_cast<std::size_t>(element % 4)] >= dropout_threshold(key.rate);
        const auto value = static_cast<double>(x.row(r, n)[j]);
        y.row(r, n)[j] = keep ? static_cast<T>(value / (1.0 - key.rate)) : T(0);
      }
    }
  }
}

template <class T>
void NaiveOps<T>::sum_of_squares(Vectors<const T> x, Vectors<double> out) {
  for (Index r = 0; r < x.replicas; ++r) *out.replica(r) = dot(x.replica(r), x.replica(r), x.size);
}

template class NaiveOps<float>;
template class NaiveOps<double>;

}  // namespace groklab::naive
