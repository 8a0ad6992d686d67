// What models are made of: parts with parameters, forward and backward, over the ops.
#pragma once

#include <cmath>
#include <string>

#include "models/model.h"

namespace groklab {

/// What PyTorch's nn.Linear draws from: U(±1/√n) for n inputs.
inline Initialization fan_in(std::int64_t n) {
  return Initialization::uniform(1 / std::sqrt(static_cast<double>(n)));
}

/// Scratch matrices [R, count, cols].
template <class T>
Matrices<T> rows(const PassContext<T>& context, const Batch& batch, std::int64_t count,
                 std::int64_t cols) {
  return context.workspace.template matrices<T>(batch.replicas, count, cols);
}

/// Numbers of the batch's rows in the data set, for models that read its tables: their batches are
/// dense and have sequences of one token, so that leaf i is row i.
inline Indices row_numbers(const Batch& batch) { return batch.pair_tokens; }

/// The leaves' numbers for dropout.
inline Indices leaf_numbers(const Batch& batch) {
  return batch.node_numbers.slice(batch.nodes - batch.leaves, batch.leaves);
}

/// Whether a gradient is what a call computes, or what was there plus that.
enum class Into { kEmpty, kSum };

/// Indices of a linear layer's tensors in the parameter layout.
struct Linear {
  std::size_t weight = 0;
  std::size_t bias = 0;

  /// Adds "NAME.weight" [out, in] and "NAME.bias" [out].
  static Linear add(ParameterLayout& layout, const std::string& name, std::int64_t out,
                    std::int64_t in, Initialization weights, Initialization biases) {
    Linear l;
    l.weight = layout.add(name + ".weight", out, in, weights);
    l.bias = layout.add(name + ".bias", out, 0, biases);
    return l;
  }

  template <class T>
  void forward(const PassContext<T>& context, const ParameterLayout& layout,
               FlatBuffer<const T> weights, Matrices<const T> x, Matrices<T> y) const {
    context.ops.linear_forward(x, layout.matrix(weights, weight), layout.vector(weights, bias), y);
  }

  template <class T>
  void backward(const PassContext<T>& context, const ParameterLayout& layout,
                FlatBuffer<const T> weights, Matrices<const T> dy, Matrices<const T> x,
                Matrices<T> dx, FlatBuffer<T> gradients, Into into = Into::kEmpty) const {
    context.ops.linear_backward_weight(dy, x, layout.matrix(gradients, weight),
                                       layout.vector(gradients, bias));
    context.ops.linear_backward_input(dy, layout.matrix(weights, weight), dx, into == Into::kSum);
  }
};

/// Indices of a layer norm's tensors.
struct Norm {
  std::size_t gamma = 0;
  std::size_t beta = 0;

  /// What a pass keeps for its way back.
  template <class T>
  struct State {
    Matrices<T> normalized;
    Vectors<T> inverse_deviation;
  };

  static Norm add(ParameterLayout& layout, const std::string& name, std::int64_t width) {
    Norm n;
    n.gamma = layout.add(name + ".weight", width, 0, Initialization::constant(1));
    n.beta = layout.add(name + ".bias", width, 0, Initialization::constant(0));
    return n;
  }

  /// y = LN(x + residual); no residual where it is empty. Keeps x̂ in the memory of x.
  template <class T>
  void forward(const PassContext<T>& context, const ParameterLayout& layout,
               FlatBuffer<const T> weights, Matrices<T> x, Matrices<const T> residual,
               State<T>& state, Matrices<T> y) const {
    state.normalized = x;
    state.inverse_deviation = context.workspace.template vectors<T>(x.replicas, x.rows);
    LayerNormForward<T> args;
    args.x = x;
    args.residual = residual;
    args.gamma = layout.vector(weights, gamma);
    args.beta = layout.vector(weights, beta);
    args.normalized = state.normalized;
    args.inverse_deviation = state.inverse_deviation;
    args.y = y;
    context.ops.layer_norm_forward(args);
  }

  /// Gradient of the sum under the norm; dx may be dy itself.
  template <class T>
  void backward(const PassContext<T>& context, const ParameterLayout& layout,
                FlatBuffer<const T> weights, Matrices<const T> dy, const State<T>& state,
                Matrices<T> dx, FlatBuffer<T> gradients) const {
    LayerNormBackward<T> args;
    args.dy = dy;
    args.normalized = state.normalized;
    args.inverse_deviation = state.inverse_deviation;
    args.gamma = layout.vector(weights, gamma);
    args.dx = dx;
    args.dgamma = layout.vector(gradients, gamma);
    args.dbeta = layout.vector(gradients, beta);
    context.ops.layer_norm_backward(args);
  }
};

/// Indices of the tables whose rows are added up at a token's position.
struct Embedding {
  std::size_t tokens = 0;
  std::size_t positions = 0;

  static Embedding add(ParameterLayout& layout, const ModelShape& shape) {
    const Initialization normal = Initialization::normal(1);
    Embedding e;
    e.tokens = layout.add("token_embedding.weight", shape.vocabulary, shape.width, normal);
    e.positions = layout.add("position_embedding.weight", shape.positions, shape.width, normal);
    return e;
  }

  /// One row for each distinct pair of token and position, [R, pairs, d].
  template <class T>
  Matrices<T> forward(const PassContext<T>& context, const ParameterLayout& layout,
                      FlatBuffer<const T> weights, const Batch& batch) const {
    const Matrices<const T> table = layout.matrix(weights, tokens);
    const Matrices<T> pairs = rows(context, batch, batch.pairs, table.cols);
    context.ops.embedding(table, layout.matrix(weights, positions), batch.pair_tokens,
                          batch.pair_positions, pairs);
    return pairs;
  }

  template <class T>
  void backward(const PassContext<T>& context, const ParameterLayout& layout,
                Matrices<const T> dpairs, const Batch& batch, FlatBuffer<T> gradients) const {
    context.ops.sum_lists(dpairs, batch.pairs_of_token, 1, layout.matrix(gradients, tokens));
    context.ops.sum_lists(dpairs, batch.pairs_of_position, 1, layout.matrix(gradients, positions));
  }
};

}  // namespace groklab
