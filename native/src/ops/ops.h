// The op set: everything that models and optimizers are made of. A backend is an implementation
// of Ops<float> and Ops<double>; the mathematics of a network is written once, over this.
//
// Rules for every op and backend:
//  - Shapes are in the comments as [R, rows, cols]; R is the replica dimension, equal in all
//    arguments. Extents may be 0 unless said otherwise; such an op does nothing, and sums are 0.
//  - Outputs are overwritten, never read, unless `accumulate` says so. Outputs do not overlap
//    inputs unless the comment allows it.
//  - Every element of an output is computed by one thread in one fixed order: the bits do not
//    depend on the number of threads or on the replicas beside.
//  - All memory is the backend's own (see backend.h). Nothing is checked here: the ABI checks what
//    users pass, the models are tested.
#pragma once

#include <cstdint>

#include "core/views.h"
#include "ops/batch_ops.h"

namespace groklab {

/// y = γ ⊙ x̂ + β with x̂ = (s − mean s)/sqrt(var s + ε), s = x + residual, along the columns.
template <class T>
struct LayerNormForward {
  Matrices<const T> x;
  Matrices<const T> residual;  ///< empty: none
  Vectors<const T> gamma;      ///< [R, D]
  Vectors<const T> beta;       ///< [R, D]
  double epsilon = 1e-5;
  Matrices<T> normalized;        ///< out: x̂ [R, N, D]; may be x itself
  Vectors<T> inverse_deviation;  ///< out: 1/sqrt(var + ε) [R, N]
  Matrices<T> y;                 ///< out: [R, N, D]
};

template <class T>
struct LayerNormBackward {
  Matrices<const T> dy;
  Matrices<const T> normalized;
  Vectors<const T> inverse_deviation;
  Vectors<const T> gamma;
  Matrices<T> dx;     ///< out: gradient of s; may be dy itself
  Vectors<T> dgamma;  ///< out: [R, D]
  Vectors<T> dbeta;   ///< out: [R, D]
};

/// Multi-head attention of queries along paths of the prefix tree: query n attends to the key rows
/// path[n, t] that are not −1. The head h of D columns is columns h·D/heads … (h+1)·D/heads − 1.
template <class T>
struct AttentionForward {
  std::int64_t heads = 1;
  Matrices<const std::int32_t> path;  ///< [R, N, T]
  Matrices<const T> q;                ///< [R, N, D]
  Matrices<const T> k;                ///< [R, M, D]
  Matrices<const T> v;                ///< [R, M, D]
  Matrices<T> weights;                ///< out: softmax [R, N, heads·T]; 0 where the path is −1
  Matrices<T> y;                      ///< out: [R, N, D]
};

template <class T>
struct AttentionBackward {
  std::int64_t heads = 1;
  Matrices<const std::int32_t> path;
  Lists uses;  ///< for each key row, the entries n·T + t of `path` that name it
  Matrices<const T> q;
  Matrices<const T> k;
  Matrices<const T> v;
  Matrices<const T> weights;
  Matrices<const T> dy;
  Matrices<T> dscores;  ///< scratch: [R, N, heads·T]
  Matrices<T> dq;       ///< out: [R, N, D]
  Matrices<T> dk;       ///< out: [R, M, D]
  Matrices<T> dv;       ///< out: [R, M, D]
};

/// Cross-entropy of softmax(logits) against targets, averaged over the counts, and its gradient.
template <class T>
struct CrossEntropy {
  Matrices<const T> logits;  ///< [R, N, C]
  Indices targets;           ///< [R, N]
  Indices counts;            ///< [R, N]: how many equal rows of the batch a row stands for
  Matrices<T> dlogits;       ///< out: [R, N, C]; empty: not wanted; may be logits itself
  Vectors<double> loss;      ///< out: [R, 1] Σ count·CE / Σ count; 0 where Σ count is 0
  Vectors<double> correct;   ///< out: [R, 1] Σ count over rows whose first largest logit is right
  Matrices<double> row_results;  ///< scratch: [R, N, 2]; backends without a device need none
};

/// Which masks a dropout draws; one per replica.
struct DropoutKey {
  std::uint64_t seed = 0;
  std::int64_t step = 0;
  double rate = 0;  ///< probability of dropping, 0 ≤ rate < 1
};

/// Hyperparameters of one AdamW step of one replica.
struct AdamWStep {
  std::int64_t step = 1;  ///< t, counting this step
  double learning_rate = 0;
  double beta1 = 0;
  double beta2 = 0;
  double epsilon = 0;
  double weight_decay = 0;
};

template <class T>
class Ops : public BatchOps {
 public:
  ~Ops() override;

  /// y[n] = token_table[tokens[n]] + position_table[positions[n]]; tables [R, V, D] and [R, Q, D].
  virtual void embedding(Matrices<const T> token_table, Matrices<const T> position_table,
                         Indices tokens, Indices positions, Matrices<T> y) = 0;

  /// y[n] = x[rows[n]].
  virtual void gather_rows(Matrices<const T> x, Indices rows, Matrices<T> y) = 0;

  /// y[i] = Σ x[j] over j in list i; the gradient of gather_rows and of embedding.
  virtual void sum_lists(Matrices<const T> x, Lists lists, Matrices<T> y) = 0;

  /// y += x.
  virtual void add(Matrices<const T> x, Matrices<T> y) = 0;

  /// y = x weightᵀ + bias; x [R, N, I], weight [R, O, I], bias [R, O] or empty, y [R, N, O].
  virtual void linear_forward(Matrices<const T> x, Matrices<const T> weight, Vectors<const T> bias,
                              Matrices<T> y) = 0;

  /// dx = dy weight, or dx += dy weight.
  virtual void linear_backward_input(Matrices<const T> dy, Matrices<const T> weight, Matrices<T> dx,
                                     bool accumulate) = 0;

  /// dweight = dyᵀ x, dbias = Σ over rows of dy (if not empty).
  virtual void linear_backward_weight(Matrices<const T> dy, Matrices<const T> x,
                                      Matrices<T> dweight, Vectors<T> dbias) = 0;

  virtual void layer_norm_forward(const LayerNormForward<T>& args) = 0;
  virtual void layer_norm_backward(const LayerNormBackward<T>& args) = 0;

  /// Exact GELU: y = x Φ(x), Φ the normal distribution function.
  virtual void gelu_forward(Matrices<const T> x, Matrices<T> y) = 0;

  /// dx = dy (Φ(x) + x φ(x)); dx may be dy itself.
  virtual void gelu_backward(Matrices<const T> x, Matrices<const T> dy, Matrices<T> dx) = 0;

  virtual void attention_forward(const AttentionForward<T>& args) = 0;
  virtual void attention_backward(const AttentionBackward<T>& args) = 0;

  virtual void cross_entropy(const CrossEntropy<T>& args) = 0;

  /// Inverted dropout y = x ⊙ mask/(1 − rate), also its own gradient; y may be x itself. Element
  /// (i, j) is number numbers[i]·cols + j of `site`: its bits come from core/philox.h. Rows have
  /// numbers of their own, because padding and slices move rows but must not change their masks.
  virtual void dropout(Vectors<const DropoutKey> keys, std::uint32_t site, Indices numbers,
                       Matrices<const T> x, Matrices<T> y) = 0;

  /// One fused AdamW step over flat buffers [R, P] (Loshchilov & Hutter, "Decoupled weight decay
  /// regularization", ICLR 2019), in the order of PyTorch's torch.optim.AdamW.
  virtual void adamw(Vectors<const AdamWStep> steps, Vectors<const T> gradients, Vectors<T> values,
                     Vectors<T> first_moments, Vectors<T> second_moments) = 0;

  /// out[r] = Σ x[r, i]², accumulated in double.
  virtual void sum_of_squares(Vectors<const T> x, Vectors<double> out) = 0;
};

extern template class Ops<float>;
extern template class Ops<double>;

}  // namespace groklab
