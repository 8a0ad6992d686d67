// Ops that compute nothing, but count what they would have to do: a pass over them shows what the pass
// costs, whatever the model.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>

#include "ops/null_ops.h"

namespace groklab {

/// Sums over all ops so far.
struct OpCounts {
  double multiply_adds = 0;     ///< of matrix products
  double parameter_bytes = 0;   ///< of flat buffers, read and written
  double activation_bytes = 0;  ///< of all other reals, read and written
};

/// Only indices are read: attention's paths, on the host. Of reals, views have addresses alone.
template <class T>
class CountingOps final : public NullOps<T> {
 public:
  /// @param flat_begin, @param flat_end what counts as flat buffers: their addresses.
  CountingOps(const void* flat_begin, const void* flat_end)
      : flat_begin_(flat_begin), flat_end_(flat_end) {}

  [[nodiscard]] const OpCounts& counts() const { return counts_; }

  /// Multiply-adds of a linear layer whose output lies there, forward and, if its gradient lies there
  /// too, backward.
  [[nodiscard]] double multiply_adds_of(const T* output) const {
    const auto found = by_output_.find(output);
    return found == by_output_.end() ? 0 : found->second;
  }

  void embedding(Matrices<const T> token_table, Matrices<const T> position_table, Indices tokens,
                 Indices positions, Matrices<T> y) override {
    moved(token_table.slice_rows(0, std::min(token_table.rows, tokens.size)));
    moved(position_table.slice_rows(0, std::min(position_table.rows, positions.size)));
    moved(y);
  }
  void gather_rows(Matrices<const T> x, Indices rows, Matrices<T> y) override {
    moved(x.slice_rows(0, std::min(x.rows, rows.size)));
    moved(y);
  }
  void gather_sum(Matrices<const T> x, Matrices<const std::int32_t>, Vectors<const T> bias,
                  Matrices<T> y) override {
    moved(x);
    moved(bias);
    moved(y);
  }
  void sum_lists(Matrices<const T> x, Lists, std::int64_t, Matrices<T> y) override {
    moved(x);
    moved(y);
  }
  void add(Matrices<const T> x, Matrices<T> y) override {
    moved(x);
    moved(y, 2);
  }
  void copy(Vectors<const T> x, Vectors<T> y) override {
    moved(x);
    moved(y);
  }

  void linear_forward(Matrices<const T> x, Matrices<const T> weight, Vectors<const T> bias,
                      Matrices<T> y) override {
    linear(y.data, y.replicas, y.rows, y.cols, x.cols);
    moved(x);
    moved(weight);
    moved(bias);
    moved(y);
  }
  void linear_backward_input(Matrices<const T> dy, Matrices<const T> weight, Matrices<T> dx,
                             bool accumulate) override {
    linear(dy.data, dx.replicas, dx.rows, dx.cols, dy.cols);
    moved(dy);
    moved(weight);
    moved(dx, accumulate ? 2 : 1);
  }
  void linear_backward_weight(Matrices<const T> dy, Matrices<const T> x, Matrices<T> dweight,
                              Vectors<T> dbias) override {
    linear(dy.data, dweight.replicas, dweight.rows, dweight.cols, dy.rows);
    moved(dy);
    moved(x);
    moved(dweight);
    moved(dbias);
  }

  void layer_norm_forward(const LayerNormForward<T>& args) override {
    moved(args.x);
    moved(args.residual);
    moved(args.gamma);
    moved(args.beta);
    moved(args.normalized);
    moved(args.inverse_deviation);
    moved(args.y);
  }
  void layer_norm_backward(const LayerNormBackward<T>& args) override {
    moved(args.dy);
    moved(args.normalized);
    moved(args.inverse_deviation);
    moved(args.gamma);
    moved(args.dx);
    moved(args.dgamma);
    moved(args.dbeta);
  }

  void gelu_forward(Matrices<const T> x, Matrices<T> y) override { element_wise(x, y); }
  void gelu_backward(Matrices<const T> x, Matrices<const T> dy, Matrices<T> dx) override {
    moved(x);
    element_wise(dy, dx);
  }
  void relu_forward(Matrices<const T> x, Matrices<T> y) override { element_wise(x, y); }
  void relu_backward(Matrices<const T> x, Matrices<const T> dy, Matrices<T> dx) override {
    moved(x);
    element_wise(dy, dx);
  }
  void dropout(Vectors<const DropoutKey>, std::uint32_t, Indices, Matrices<const T> x,
               Matrices<T> y) override {
    element_wise(x, y);
  }

  void lstm_cell_forward(const LstmCellForward<T>& args) override {
    moved(args.input.slice_rows(0, std::min(args.input.rows, args.gates.rows)));
    moved(args.hidden.slice_rows(0, std::min(args.hidden.rows, args.gates.rows)));
    moved(args.previous_cell.slice_rows(0, std::min(args.previous_cell.rows, args.gates.rows)));
    moved(args.bias);
    moved(args.gates);
    moved(args.cell);
    moved(args.squashed_cell);
    moved(args.output);
  }
  void lstm_cell_backward(const LstmCellBackward<T>& args) override {
    moved(args.doutput);
    moved(args.dcell);
    moved(args.gates);
    moved(args.squashed_cell);
    moved(args.previous_cell.slice_rows(0, std::min(args.previous_cell.rows, args.gates.rows)));
    moved(args.dgates);
    moved(args.dprevious_cell);
  }

  /// Every weight at every pixel, those of the zeros around the image too.
  void convolution_forward(const ConvolutionForward<T>& args) override {
    linear(args.y.data, args.y.replicas, args.y.rows * args.image.pixels(), args.weight.rows,
           args.weight.cols);
    moved(args.x);
    moved(args.weight);
    moved(args.bias);
    moved(args.y);
  }
  void convolution_backward_input(const ConvolutionBackwardInput<T>& args) override {
    linear(args.dy.data, args.dy.replicas, args.dy.rows * args.image.pixels(), args.weight.rows,
           args.weight.cols);
    moved(args.dy);
    moved(args.weight);
    moved(args.dx);
  }
  void convolution_backward_weight(const ConvolutionBackwardWeight<T>& args) override {
    linear(args.dy.data, args.dy.replicas, args.dy.rows * args.image.pixels(), args.dweight.rows,
           args.dweight.cols);
    moved(args.dy);
    moved(args.x);
    moved(args.dweight);
    moved(args.dbias);
  }

  void max_pool_forward(const MaxPoolForward<T>& args) override { element_wise(args.x, args.y); }
  void max_pool_backward(const MaxPoolBackward<T>& args) override {
    element_wise(args.dy, args.dx);
  }

  /// What it would write, nobody can read: the paths count as if no place were padding or masked.
  void fill_sequences(const SequenceRows& args) override {
    for (const auto& path : {args.source_paths, args.target_paths, args.cross_paths}) {
      unwritten_.insert(path.data);
    }
  }

  /// Scores and weighted values: a product each of the query, or the weights, with the keys it sees.
  void attention_forward(const AttentionForward<T>& args) override {
    counts_.multiply_adds += 2 * seen(args.path) * static_cast<double>(args.q.cols);
    moved(args.q);
    moved(args.k);
    moved(args.v);
    moved(args.weights);
    moved(args.y);
  }
  /// Gradients of the weights, the values, the queries and the keys.
  void attention_backward(const AttentionBackward<T>& args) override {
    counts_.multiply_adds += 4 * seen(args.path) * static_cast<double>(args.q.cols);
    moved(args.q);
    moved(args.k);
    moved(args.v);
    moved(args.weights);
    moved(args.dy);
    moved(args.dscores, 2);
    moved(args.dq);
    moved(args.dk);
    moved(args.dv);
  }

  void cross_entropy(const CrossEntropy<T>& args) override {
    moved(args.logits);
    moved(args.weights);
    moved(args.dlogits);
  }

  void optimizer_step(Vectors<const OptimizerStep>, Vectors<const T> gradients,
                      Vectors<const double>, Vectors<T> values,
                      const OptimizerState<T>& state) override {
    moved(gradients);
    moved(values, 2);
    moved(state.first_moments, 2);
    moved(state.second_moments, 2);
    moved(state.momentum, 2);
  }
  void sum_of_squares(Vectors<const T> x, Vectors<double>) override { moved(x); }

 private:
  void linear(const T* output, std::int64_t replicas, std::int64_t rows, std::int64_t cols,
              std::int64_t inner) {
    const double multiply_adds = static_cast<double>(replicas) * static_cast<double>(rows) *
                                 static_cast<double>(cols) * static_cast<double>(inner);
    counts_.multiply_adds += multiply_adds;
    by_output_[output] += multiply_adds;
  }

  void element_wise(Matrices<const T> x, Matrices<T> y) {
    moved(x);
    moved(y);
  }

  void moved(Matrices<const T> x, int times = 1) {
    moved(x.data, x.replicas * x.rows * x.cols, times);
  }
  void moved(Vectors<const T> x, int times = 1) { moved(x.data, x.replicas * x.size, times); }

  void moved(const T* data, std::int64_t elements, int times) {
    if (data == nullptr) return;
    const bool flat = data >= flat_begin_ && data < flat_end_;
    (flat ? counts_.parameter_bytes : counts_.activation_bytes) +=
        times * static_cast<double>(elements) * static_cast<double>(sizeof(T));
  }

  /// Entries of the paths that are keys.
  [[nodiscard]] double seen(const Matrices<const std::int32_t>& path) const {
    if (unwritten_.contains(path.data)) {
      return static_cast<double>(path.replicas * path.rows * path.cols);
    }
    std::int64_t count = 0;
    for (std::int64_t r = 0; r < path.replicas; ++r) {
      for (std::int64_t i = 0; i < path.rows; ++i) {
        const std::int32_t* const row = path.row(r, i);
        count += path.cols - std::count(row, row + path.cols, -1);
      }
    }
    return static_cast<double>(count);
  }

  const void* flat_begin_;
  const void* flat_end_;
  OpCounts counts_;
  std::map<const T*, double> by_output_;
  std::set<const std::int32_t*> unwritten_;
};

}  // namespace groklab
