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
#include "ops/optimizer.h"

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

/// Cross-entropy of softmax(logits) against targets, averaged over the counts, and its gradient. A
/// row's cross-entropy may have a factor: what a policy gradient (Williams 1992) needs.
template <class T>
struct CrossEntropy {
  Matrices<const T> logits;  ///< [R, N, C]
  Indices targets;           ///< [R, N]
  Indices counts;            ///< [R, N]: how many equal rows of the batch a row stands for
  Vectors<const T> weights;  ///< [R, N] factors, of any sign; empty: all 1
  Matrices<T> dlogits;       ///< out: [R, N, C]; empty: not wanted; may be logits itself
  Vectors<double> loss;      ///< out: [R, 1] Σ count·weight·CE / Σ count; 0 where Σ count is 0
  Vectors<double> correct;   ///< out: [R, 1] Σ count over rows whose first largest logit is right
  Matrices<double> row_results;  ///< scratch: [R, N, 2]; backends without a device need none
};

/// Which masks a dropout draws; one per replica.
struct DropoutKey {
  std::uint64_t seed = 0;
  std::int64_t step = 0;
  double rate = 0;  ///< probability of dropping, 0 ≤ rate < 1
};

/// One step of an LSTM layer (Hochreiter & Schmidhuber 1997; gates as in PyTorch and cuDNN) for the N
/// nodes of a level of the prefix tree. Of a node's four gates of H columns each, in this order,
/// input i, forget f and output o are σ(a), the cell gate g is tanh(a), with
/// a = input[its input row] + hidden[its parent] + bias. Then c = f ⊙ previous_cell[its parent] + i ⊙ g
/// and the output is h = o ⊙ tanh(c). On the first level nothing has a parent: `hidden`,
/// `previous_cell` and, backward, `dprevious_cell` are empty and count as zero. `cell` may be other
/// rows of the matrix that `previous_cell` is.
template <class T>
struct LstmCellForward {
  Matrices<const T> input;          ///< [R, M, 4H] input weights times inputs, and their bias
  Indices input_rows;               ///< [R, N] row of `input`; empty: node n has row n
  Matrices<const T> hidden;         ///< [R, K, 4H] hidden weights times outputs; may be empty
  Matrices<const T> previous_cell;  ///< [R, K, H]; empty where `hidden` is
  Indices parents;                  ///< [R, N] row of both; empty: node n has row n
  Vectors<const T> bias;            ///< [R, 4H] of the hidden weights
  Matrices<T> gates;                ///< out: i, f, g, o [R, N, 4H]
  Matrices<T> cell;                 ///< out: c [R, N, H]
  Matrices<T> squashed_cell;        ///< out: tanh(c) [R, N, H]
  Matrices<T> output;               ///< out: h [R, N, H]
};

template <class T>
struct LstmCellBackward {
  Matrices<const T> doutput;        ///< [R, N, H]
  Matrices<const T> dcell;          ///< [R, N, H] by way of the next level; empty: zero
  Matrices<const T> gates;          ///< [R, N, 4H]
  Matrices<const T> squashed_cell;  ///< [R, N, H]
  Matrices<const T> previous_cell;  ///< [R, K, H]; empty: zero
  Indices parents;                  ///< [R, N]; empty: node n has row n
  Matrices<T> dgates;               ///< out: gradient of a [R, N, 4H]; may be `gates` itself
  Matrices<T> dprevious_cell;  ///< out: each node's share of its parent's [R, N, H]; may be empty
};

/// Extents of an image. Images are rows of matrices: channel after channel, each row by row.
struct ImageShape {
  std::int64_t channels = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;

  [[nodiscard]] constexpr std::int64_t pixels() const { return height * width; }
  [[nodiscard]] constexpr std::int64_t size() const { return channels * pixels(); }
};

/// Cross-correlation as torch.nn.Conv2d has it (LeCun et al. 1989), with stride 1 and zeros around, so
/// that the image keeps its height and width: y[n, o, i, j] = bias[o] +
/// Σ weight[o, c, u, v] · x[n, c, i + u − K/2, j + v − K/2] over c, u and v.
template <class T>
struct ConvolutionForward {
  ImageShape image;          ///< of x: I channels, H, W
  std::int64_t kernel = 3;   ///< K, odd
  Matrices<const T> x;       ///< [R, N, I·H·W]
  Matrices<const T> weight;  ///< [R, O, I·K·K]
  Vectors<const T> bias;     ///< [R, O]; empty: none
  Vectors<T> scratch;        ///< scratch: [1, Ops::scratch]
  Matrices<T> y;             ///< out: [R, N, O·H·W]
};

template <class T>
struct ConvolutionBackwardInput {
  ImageShape image;          ///< of dx
  std::int64_t kernel = 3;   ///< K, odd
  Matrices<const T> dy;      ///< [R, N, O·H·W]
  Matrices<const T> weight;  ///< [R, O, I·K·K]
  Vectors<T> scratch;        ///< scratch: [1, Ops::scratch]
  Matrices<T> dx;            ///< out: [R, N, I·H·W]
};

template <class T>
struct ConvolutionBackwardWeight {
  ImageShape image;         ///< of x
  std::int64_t kernel = 3;  ///< K, odd
  Matrices<const T> dy;     ///< [R, N, O·H·W]
  Matrices<const T> x;      ///< [R, N, I·H·W]
  Vectors<T> scratch;       ///< scratch: [1, Ops::scratch]
  Matrices<T> dweight;      ///< out: [R, O, I·K·K]
  Vectors<T> dbias;         ///< out: [R, O]; empty: not wanted
};

/// The largest element of each window of 2 × 2, as torch.nn.MaxPool2d(2): windows do not overlap, and
/// an odd last row or column is in none. Of equal elements the first is taken, row by row; NaN is
/// larger than any number.
template <class T>
struct MaxPoolForward {
  ImageShape image;                ///< of x: C channels, H, W
  Matrices<const T> x;             ///< [R, N, C·H·W]
  Matrices<std::int32_t> winners;  ///< out: number in its window, 0 … 3 [R, N, C·(H/2)·(W/2)]
  Matrices<T> y;                   ///< out: [R, N, C·(H/2)·(W/2)]
};

template <class T>
struct MaxPoolBackward {
  ImageShape image;                      ///< of dx
  Matrices<const T> dy;                  ///< [R, N, C·(H/2)·(W/2)]
  Matrices<const std::int32_t> winners;  ///< [R, N, C·(H/2)·(W/2)]
  Matrices<T> dx;                        ///< out: [R, N, C·H·W]; 0 where nothing won
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

  /// y[n] = bias + Σ x[path[n, t]] over the t whose entry is not −1, in order; path [R, N, T].
  virtual void gather_sum(Matrices<const T> x, Matrices<const std::int32_t> path,
                          Vectors<const T> bias, Matrices<T> y) = 0;

  /// y[i] = Σ x[j / items_per_row] over j in list i: the gradient of gather_rows and embedding
  /// (1 item a row), and of gather_sum (T, the lists being uses of the path's entries n·T + t).
  virtual void sum_lists(Matrices<const T> x, Lists lists, std::int64_t items_per_row,
                         Matrices<T> y) = 0;

  /// y += x.
  virtual void add(Matrices<const T> x, Matrices<T> y) = 0;

  /// y = x.
  virtual void copy(Vectors<const T> x, Vectors<T> y) = 0;

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

  /// y = max(x, 0); NaN stays NaN. y may be x itself.
  virtual void relu_forward(Matrices<const T> x, Matrices<T> y) = 0;

  /// dx = dy where x > 0, else 0; x may be relu_forward's y as well. dx may be dy itself.
  virtual void relu_backward(Matrices<const T> x, Matrices<const T> dy, Matrices<T> dx) = 0;

  virtual void lstm_cell_forward(const LstmCellForward<T>& args) = 0;
  virtual void lstm_cell_backward(const LstmCellBackward<T>& args) = 0;

  virtual void convolution_forward(const ConvolutionForward<T>& args) = 0;
  virtual void convolution_backward_input(const ConvolutionBackwardInput<T>& args) = 0;
  virtual void convolution_backward_weight(const ConvolutionBackwardWeight<T>& args) = 0;

  /// Elements of scratch memory that a convolution wants for all its replicas together. They depend on
  /// its extents, strides and alignments (of addresses, which are looked at and not followed); what is
  /// at `scratch` does not count yet. Backends without a device want none.
  [[nodiscard]] virtual std::int64_t scratch(const ConvolutionForward<T>&) { return 0; }
  [[nodiscard]] virtual std::int64_t scratch(const ConvolutionBackwardInput<T>&) { return 0; }
  [[nodiscard]] virtual std::int64_t scratch(const ConvolutionBackwardWeight<T>&) { return 0; }

  virtual void max_pool_forward(const MaxPoolForward<T>& args) = 0;
  virtual void max_pool_backward(const MaxPoolBackward<T>& args) = 0;

  virtual void attention_forward(const AttentionForward<T>& args) = 0;
  virtual void attention_backward(const AttentionBackward<T>& args) = 0;

  virtual void cross_entropy(const CrossEntropy<T>& args) = 0;

  /// Inverted dropout y = x ⊙ mask/(1 − rate), also its own gradient; y may be x itself. Element
  /// (i, j) is number numbers[i]·cols + j of `site`: its bits come from core/philox.h. Rows have
  /// numbers of their own, because padding and slices move rows but must not change their masks.
  virtual void dropout(Vectors<const DropoutKey> keys, std::uint32_t site, Indices numbers,
                       Matrices<const T> x, Matrices<T> y) = 0;

  /// One optimizer step of each replica over flat buffers [R, P], in one pass. With g the gradient,
  /// by its formula of torch.optim (t the step, γ the rate, λ the weight decay):
  ///  - AdamW (Loshchilov & Hutter 2019): p ← p (1 − γλ), then Adam's step without its decay;
  ///  - Adam (Kingma & Ba 2015): g ← g + λp; m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²;
  ///    p ← p − γ/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε);
  ///  - SGD (Sutskever et al. 2013): g ← g + λp; with momentum b ← μb + g and g ← b, or g + μb if
  ///    Nesterov; p ← p − γg;
  ///  - RMSprop (Hinton 2012): g ← g + λp; v ← αv + (1−α)g²; if centred (Graves 2013)
  ///    m ← αm + (1−α)g and v − m² for v (where rounding makes that negative, 0); with momentum
  ///    b ← μb + g/(√v + ε) and p ← p − γb, else p ← p − γ g/(√v + ε).
  /// @param squares Σ g² of each replica [R, 1], read of those that clip: their g is scaled by
  /// min(1, clip_norm/(√squares + 1e-6)) first (NaN stays NaN), as torch.nn.utils.clip_grad_norm_
  /// does. Else empty.
  virtual void optimizer_step(Vectors<const OptimizerStep> steps, Vectors<const T> gradients,
                              Vectors<const double> squares, Vectors<T> values,
                              const OptimizerState<T>& state) = 0;

  /// out[r] = Σ x[r, i]², accumulated in double.
  virtual void sum_of_squares(Vectors<const T> x, Vectors<double> out) = 0;
};

extern template class Ops<float>;
extern template class Ops<double>;

}  // namespace groklab
