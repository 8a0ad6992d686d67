#include "models/transformer.h"

#include <cmath>
#include <string>
#include <vector>

namespace groklab {

namespace {

/// Indices of one block's tensors in the parameter layout.
struct BlockParameters {
  std::size_t in_weight, in_bias, out_weight, out_bias;
  std::size_t attention_gamma, attention_beta;
  std::size_t up_weight, up_bias, down_weight, down_bias;
  std::size_t feed_forward_gamma, feed_forward_beta;
};

struct Parameters {
  std::size_t token_table, position_table;
  std::vector<BlockParameters> blocks;
  std::size_t final_gamma, final_beta;
  std::size_t readout_weight, readout_bias;
};

/// Lays the parameters out, with the names and initial distributions of PyTorch's modules.
Parameters lay_out(const TransformerShape& s, ParameterLayout& layout) {
  const std::int64_t d = s.width;
  const Initialization zero = Initialization::constant(0);
  const Initialization one = Initialization::constant(1);
  const auto fan_in = [](std::int64_t n) {
    return Initialization::uniform(1 / std::sqrt(static_cast<double>(n)));
  };
  // nn.MultiheadAttention draws the joint projection by Xavier's rule over its whole [3d, d].
  const Initialization xavier =
      Initialization::uniform(std::sqrt(6.0 / static_cast<double>(d + 3 * d)));

  Parameters p;
  p.token_table = layout.add("token_embedding.weight", s.vocabulary, d, Initialization::normal(1));
  p.position_table =
      layout.add("position_embedding.weight", s.positions, d, Initialization::normal(1));
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const std::string block = "blocks." + std::to_string(i) + ".";
    BlockParameters b{};
    b.in_weight = layout.add(block + "attention.in_proj.weight", 3 * d, d, xavier);
    b.in_bias = layout.add(block + "attention.in_proj.bias", 3 * d, 0, zero);
    b.out_weight = layout.add(block + "attention.out_proj.weight", d, d, fan_in(d));
    b.out_bias = layout.add(block + "attention.out_proj.bias", d, 0, zero);
    b.attention_gamma = layout.add(block + "attention_norm.weight", d, 0, one);
    b.attention_beta = layout.add(block + "attention_norm.bias", d, 0, zero);
    b.up_weight = layout.add(block + "feed_forward.up.weight", s.hidden, d, fan_in(d));
    b.up_bias = layout.add(block + "feed_forward.up.bias", s.hidden, 0, fan_in(d));
    b.down_weight = layout.add(block + "feed_forward.down.weight", d, s.hidden, fan_in(s.hidden));
    b.down_bias = layout.add(block + "feed_forward.down.bias", d, 0, fan_in(s.hidden));
    b.feed_forward_gamma = layout.add(block + "feed_forward_norm.weight", d, 0, one);
    b.feed_forward_beta = layout.add(block + "feed_forward_norm.bias", d, 0, zero);
    p.blocks.push_back(b);
  }
  p.final_gamma = layout.add("final_norm.weight", d, 0, one);
  p.final_beta = layout.add("final_norm.bias", d, 0, zero);
  p.readout_weight = layout.add("readout.weight", s.vocabulary, d, fan_in(d));
  p.readout_bias = layout.add("readout.bias", s.vocabulary, 0, fan_in(d));
  return p;
}

/// A layer norm's saved tensors.
template <class T>
struct NormState {
  Matrices<T> normalized;
  Vectors<T> inverse_deviation;
};

/// A block's saved tensors. "Sources" are the rows that give keys and values: pairs in the first
/// block, nodes in the others. "Queries" are the rows that go on: leaves in the last, else nodes.
template <class T>
struct BlockState {
  Matrices<T> input;        ///< [sources, d]
  Matrices<T> q;            ///< [queries, d]; a slice or a copy of projections
  Matrices<T> projections;  ///< [sources, 3d], or [sources, 2d] without the queries
  Matrices<T> k, v;         ///< slices of projections
  Matrices<T> weights;      ///< attention weights [queries, heads·T]
  Matrices<T> attended;     ///< [queries, d]
  NormState<T> attention_norm;
  Matrices<T> middle;     ///< [queries, d] after the first norm
  Matrices<T> up;         ///< [queries, hidden] before GELU
  Matrices<T> activated;  ///< [queries, hidden]
  NormState<T> feed_forward_norm;
};

template <class T>
class Transformer final : public Model<T> {
 public:
  explicit Transformer(const TransformerShape& shape)
      : shape_(shape), p_(lay_out(shape, layout_)), blocks_(p_.blocks.size()) {}

  [[nodiscard]] const ParameterLayout& parameters() const override { return layout_; }

  [[nodiscard]] BatchNeeds needs() const override {
    const bool one_layer = blocks_.size() == 1;
    BatchNeeds needs;
    (one_layer ? needs.pairs_from_leaves : needs.pairs_from_nodes) = true;
    (one_layer ? needs.leaves_of_pair : needs.nodes_of_pair) = true;
    needs.nodes_from_leaves = blocks_.size() > 1;
    needs.nodes_from_nodes = blocks_.size() > 2;
    return needs;
  }

  Matrices<T> forward(const PassContext<T>& context, const Batch& batch,
                      FlatBuffer<const T> weights) override {
    Matrices<T> h = rows(context, batch, batch.pairs, shape_.width);
    context.ops.embedding(layout_.matrix(weights, p_.token_table),
                          layout_.matrix(weights, p_.position_table), batch.pair_tokens,
                          batch.pair_positions, h);
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      h = block_forward(context, batch, weights, i, h);
    }
    readout_input_ = rows(context, batch, batch.leaves, shape_.width);
    norm_forward(context, batch, h, {}, layout_.vector(weights, p_.final_gamma),
                 layout_.vector(weights, p_.final_beta), final_norm_, readout_input_);
    const Matrices<T> logits = rows(context, batch, batch.leaves, shape_.vocabulary);
    context.ops.linear_forward(readout_input_, layout_.matrix(weights, p_.readout_weight),
                               layout_.vector(weights, p_.readout_bias), logits);
    return logits;
  }

  void backward(const PassContext<T>& context, const Batch& batch, FlatBuffer<const T> weights,
                Matrices<T> dlogits, FlatBuffer<T> gradients) override {
    Matrices<T> dh = rows(context, batch, batch.leaves, shape_.width);
    linear_backward(context, dlogits, readout_input_, layout_.matrix(weights, p_.readout_weight),
                    dh, layout_.matrix(gradients, p_.readout_weight),
                    layout_.vector(gradients, p_.readout_bias));
    norm_backward(context, dh, final_norm_, layout_.vector(weights, p_.final_gamma), dh,
                  layout_.vector(gradients, p_.final_gamma),
                  layout_.vector(gradients, p_.final_beta));
    for (std::size_t i = blocks_.size(); i-- > 0;) {
      dh = block_backward(context, batch, weights, i, dh, gradients);
    }
    context.ops.sum_lists(dh, batch.pairs_of_token, layout_.matrix(gradients, p_.token_table));
    context.ops.sum_lists(dh, batch.pairs_of_position,
                          layout_.matrix(gradients, p_.position_table));
  }

 private:
  [[nodiscard]] bool is_first(std::size_t i) const { return i == 0; }
  [[nodiscard]] bool is_last(std::size_t i) const { return i + 1 == blocks_.size(); }

  static Matrices<T> rows(const PassContext<T>& context, const Batch& batch, std::int64_t count,
                          std::int64_t cols) {
    return context.workspace.template matrices<T>(batch.replicas, count, cols);
  }

  /// Rows that go on from block i.
  [[nodiscard]] std::int64_t queries(const Batch& batch, std::size_t i) const {
    return is_last(i) ? batch.leaves : batch.nodes;
  }

  [[nodiscard]] const AttentionPaths& paths(const Batch& batch, std::size_t i) const {
    if (is_first(i)) return is_last(i) ? batch.pairs_from_leaves : batch.pairs_from_nodes;
    return is_last(i) ? batch.nodes_from_leaves : batch.nodes_from_nodes;
  }

  /// Pair of each query's own token and position, for the first block.
  [[nodiscard]] Indices query_pairs(const Batch& batch, std::size_t i) const {
    return is_last(i) ? batch.node_pairs.slice(batch.nodes - batch.leaves, batch.leaves)
                      : batch.node_pairs;
  }

  [[nodiscard]] const Lists& queries_of_pair(const Batch& batch, std::size_t i) const {
    return is_last(i) ? batch.leaves_of_pair : batch.nodes_of_pair;
  }

  /// Where block i applies dropout: 2i after attention, 2i + 1 after the feed-forward layer. The
  /// leaves, being the last nodes, draw the masks that they would have among all of them.
  void drop(const PassContext<T>& context, const Batch& batch, std::size_t i, std::uint32_t place,
            Matrices<const T> x, Matrices<T> y) const {
    context.ops.dropout(context.dropout, 2 * static_cast<std::uint32_t>(i) + place,
                        batch.node_numbers.slice(batch.nodes - x.rows, x.rows), x, y);
  }

  static void linear_backward(const PassContext<T>& context, Matrices<const T> dy,
                              Matrices<const T> x, Matrices<const T> weight, Matrices<T> dx,
                              Matrices<T> dweight, Vectors<T> dbias) {
    context.ops.linear_backward_weight(dy, x, dweight, dbias);
    context.ops.linear_backward_input(dy, weight, dx, /*accumulate=*/false);
  }

  /// y = LN(x + residual). Keeps x̂ in the memory of x.
  static void norm_forward(const PassContext<T>& context, const Batch& batch, Matrices<T> x,
                           Matrices<const T> residual, Vectors<const T> gamma,
                           Vectors<const T> beta, NormState<T>& state, Matrices<T> y) {
    state.normalized = x;
    state.inverse_deviation = context.workspace.template vectors<T>(batch.replicas, x.rows);
    LayerNormForward<T> args;
    args.x = x;
    args.residual = residual;
    args.gamma = gamma;
    args.beta = beta;
    args.normalized = state.normalized;
    args.inverse_deviation = state.inverse_deviation;
    args.y = y;
    context.ops.layer_norm_forward(args);
  }

  static void norm_backward(const PassContext<T>& context, Matrices<const T> dy,
                            const NormState<T>& state, Vectors<const T> gamma, Matrices<T> dx,
                            Vectors<T> dgamma, Vectors<T> dbeta) {
    LayerNormBackward<T> args;
    args.dy = dy;
    args.normalized = state.normalized;
    args.inverse_deviation = state.inverse_deviation;
    args.gamma = gamma;
    args.dx = dx;
    args.dgamma = dgamma;
    args.dbeta = dbeta;
    context.ops.layer_norm_backward(args);
  }

  /// Queries, keys and values of block i, and the rows that its residual connection carries on.
  Matrices<const T> project(const PassContext<T>& context, const Batch& batch,
                            FlatBuffer<const T> weights, std::size_t i, Matrices<T> h) {
    const BlockParameters& p = p_.blocks[i];
    BlockState<T>& s = blocks_[i];
    const std::int64_t d = shape_.width;
    const std::int64_t n = queries(batch, i);
    const Matrices<const T> in_weight = layout_.matrix(weights, p.in_weight);
    const Vectors<const T> in_bias = layout_.vector(weights, p.in_bias);
    s.input = h;
    if (is_last(i) && !is_first(i)) {
      // Only the leaves ask, but all nodes answer.
      s.projections = rows(context, batch, h.rows, 2 * d);
      s.k = s.projections.slice_cols(0, d);
      s.v = s.projections.slice_cols(d, d);
      context.ops.linear_forward(h, in_weight.slice_rows(d, 2 * d), in_bias.slice(d, 2 * d),
                                 s.projections);
      const Matrices<T> leaves = h.slice_rows(batch.nodes - batch.leaves, batch.leaves);
      s.q = rows(context, batch, n, d);
      context.ops.linear_forward(leaves, in_weight.slice_rows(0, d), in_bias.slice(0, d), s.q);
      return leaves;
    }
    s.projections = rows(context, batch, h.rows, 3 * d);
    s.k = s.projections.slice_cols(d, d);
    s.v = s.projections.slice_cols(2 * d, d);
    context.ops.linear_forward(h, in_weight, in_bias, s.projections);
    if (!is_first(i)) {
      s.q = s.projections.slice_cols(0, d);
      return h;
    }
    // From here on every node goes its own way: spread the pairs' queries and inputs over them.
    s.q = rows(context, batch, n, d);
    context.ops.gather_rows(s.projections.slice_cols(0, d), query_pairs(batch, i), s.q);
    const Matrices<T> carried = rows(context, batch, n, d);
    context.ops.gather_rows(h, query_pairs(batch, i), carried);
    return carried;
  }

  Matrices<T> block_forward(const PassContext<T>& context, const Batch& batch,
                            FlatBuffer<const T> weights, std::size_t i, Matrices<T> h) {
    const BlockParameters& p = p_.blocks[i];
    BlockState<T>& s = blocks_[i];
    const std::int64_t d = shape_.width;
    const std::int64_t n = queries(batch, i);
    const Matrices<const T> carried = project(context, batch, weights, i, h);

    s.attended = rows(context, batch, n, d);
    s.weights = rows(context, batch, n, shape_.heads * batch.sequence_length);
    AttentionForward<T> attention;
    attention.heads = shape_.heads;
    attention.path = paths(batch, i).path;
    attention.q = s.q;
    attention.k = s.k;
    attention.v = s.v;
    attention.weights = s.weights;
    attention.y = s.attended;
    context.ops.attention_forward(attention);

    const Matrices<T> branch = rows(context, batch, n, d);
    context.ops.linear_forward(s.attended, layout_.matrix(weights, p.out_weight),
                               layout_.vector(weights, p.out_bias), branch);
    if (!context.dropout.empty()) drop(context, batch, i, 0, branch, branch);
    s.middle = rows(context, batch, n, d);
    norm_forward(context, batch, branch, carried, layout_.vector(weights, p.attention_gamma),
                 layout_.vector(weights, p.attention_beta), s.attention_norm, s.middle);

    s.up = rows(context, batch, n, shape_.hidden);
    context.ops.linear_forward(s.middle, layout_.matrix(weights, p.up_weight),
                               layout_.vector(weights, p.up_bias), s.up);
    s.activated = rows(context, batch, n, shape_.hidden);
    context.ops.gelu_forward(s.up, s.activated);
    const Matrices<T> down = rows(context, batch, n, d);
    context.ops.linear_forward(s.activated, layout_.matrix(weights, p.down_weight),
                               layout_.vector(weights, p.down_bias), down);
    if (!context.dropout.empty()) drop(context, batch, i, 1, down, down);
    const Matrices<T> out = rows(context, batch, n, d);
    norm_forward(context, batch, down, s.middle, layout_.vector(weights, p.feed_forward_gamma),
                 layout_.vector(weights, p.feed_forward_beta), s.feed_forward_norm, out);
    return out;
  }

  /// A branch's gradient: that of the sum, through the branch's dropout.
  Matrices<T> branch_gradient(const PassContext<T>& context, const Batch& batch, std::size_t i,
                              std::uint32_t place, Matrices<T> dsum) const {
    if (context.dropout.empty()) return dsum;
    const Matrices<T> dbranch = rows(context, batch, dsum.rows, dsum.cols);
    drop(context, batch, i, place, dsum, dbranch);
    return dbranch;
  }

  /// From the gradient of block i's output [queries, d] to that of its input [sources, d].
  Matrices<T> block_backward(const PassContext<T>& context, const Batch& batch,
                             FlatBuffer<const T> weights, std::size_t i, Matrices<T> dh,
                             FlatBuffer<T> gradients) {
    const BlockParameters& p = p_.blocks[i];
    const BlockState<T>& s = blocks_[i];
    const std::int64_t d = shape_.width;
    const std::int64_t n = queries(batch, i);

    norm_backward(context, dh, s.feed_forward_norm, layout_.vector(weights, p.feed_forward_gamma),
                  dh, layout_.vector(gradients, p.feed_forward_gamma),
                  layout_.vector(gradients, p.feed_forward_beta));
    const Matrices<T> dup = rows(context, batch, n, shape_.hidden);
    linear_backward(context, branch_gradient(context, batch, i, 1, dh), s.activated,
                    layout_.matrix(weights, p.down_weight), dup,
                    layout_.matrix(gradients, p.down_weight),
                    layout_.vector(gradients, p.down_bias));
    context.ops.gelu_backward(s.up, dup, dup);
    context.ops.linear_backward_weight(dup, s.middle, layout_.matrix(gradients, p.up_weight),
                                       layout_.vector(gradients, p.up_bias));
    context.ops.linear_backward_input(dup, layout_.matrix(weights, p.up_weight), dh,
                                      /*accumulate=*/true);

    norm_backward(context, dh, s.attention_norm, layout_.vector(weights, p.attention_gamma), dh,
                  layout_.vector(gradients, p.attention_gamma),
                  layout_.vector(gradients, p.attention_beta));
    const Matrices<T> dattended = rows(context, batch, n, d);
    linear_backward(context, branch_gradient(context, batch, i, 0, dh), s.attended,
                    layout_.matrix(weights, p.out_weight), dattended,
                    layout_.matrix(gradients, p.out_weight), layout_.vector(gradients, p.out_bias));
    return attention_backward(context, batch, weights, i, dattended, dh, gradients);
  }

  /// Gradient of block i's input, from those of the attention's output and of the residual rows.
  Matrices<T> attention_backward(const PassContext<T>& context, const Batch& batch,
                                 FlatBuffer<const T> weights, std::size_t i, Matrices<T> dattended,
                                 Matrices<T> dcarried, FlatBuffer<T> gradients) {
    const BlockParameters& p = p_.blocks[i];
    const BlockState<T>& s = blocks_[i];
    const std::int64_t d = shape_.width;
    const std::int64_t n = queries(batch, i);
    const Matrices<const T> in_weight = layout_.matrix(weights, p.in_weight);
    const Matrices<T> din_weight = layout_.matrix(gradients, p.in_weight);
    const Vectors<T> din_bias = layout_.vector(gradients, p.in_bias);

    const Matrices<T> dprojections = rows(context, batch, s.input.rows, s.projections.cols);
    const bool queries_apart = is_first(i) || is_last(i);
    AttentionBackward<T> attention;
    attention.heads = shape_.heads;
    attention.path = paths(batch, i).path;
    attention.uses = paths(batch, i).uses;
    attention.q = s.q;
    attention.k = s.k;
    attention.v = s.v;
    attention.weights = s.weights;
    attention.dy = dattended;
    attention.dscores = rows(context, batch, n, s.weights.cols);
    attention.dq = queries_apart ? rows(context, batch, n, d) : dprojections.slice_cols(0, d);
    attention.dk = dprojections.slice_cols(s.projections.cols - 2 * d, d);
    attention.dv = dprojections.slice_cols(s.projections.cols - d, d);
    context.ops.attention_backward(attention);

    if (is_last(i) && !is_first(i)) {
      const Matrices<T> dh = rows(context, batch, s.input.rows, d);
      const Matrices<T> leaves = s.input.slice_rows(batch.nodes - batch.leaves, batch.leaves);
      const Matrices<T> dleaves = dh.slice_rows(batch.nodes - batch.leaves, batch.leaves);
      context.ops.linear_backward_weight(dprojections, s.input, din_weight.slice_rows(d, 2 * d),
                                         din_bias.slice(d, 2 * d));
      context.ops.linear_backward_weight(attention.dq, leaves, din_weight.slice_rows(0, d),
                                         din_bias.slice(0, d));
      context.ops.linear_backward_input(dprojections, in_weight.slice_rows(d, 2 * d), dh, false);
      context.ops.linear_backward_input(attention.dq, in_weight.slice_rows(0, d), dleaves, true);
      context.ops.add(dcarried, dleaves);
      return dh;
    }
    Matrices<T> dh = dcarried;
    if (is_first(i)) {
      // Bring the nodes' shares back to the pairs that they were spread from.
      context.ops.sum_lists(attention.dq, queries_of_pair(batch, i), dprojections.slice_cols(0, d));
      dh = rows(context, batch, s.input.rows, d);
      context.ops.sum_lists(dcarried, queries_of_pair(batch, i), dh);
    }
    context.ops.linear_backward_weight(dprojections, s.input, din_weight, din_bias);
    context.ops.linear_backward_input(dprojections, in_weight, dh, /*accumulate=*/true);
    return dh;
  }

  TransformerShape shape_;
  ParameterLayout layout_;
  Parameters p_;
  std::vector<BlockState<T>> blocks_;
  NormState<T> final_norm_;
  Matrices<T> readout_input_;
};

}  // namespace

template <class T>
std::unique_ptr<Model<T>> make_transformer(const TransformerShape& shape) {
  return std::make_unique<Transformer<T>>(shape);
}

template std::unique_ptr<Model<float>> make_transformer(const TransformerShape&);
template std::unique_ptr<Model<double>> make_transformer(const TransformerShape&);

}  // namespace groklab
