#include "models/transformer.h"

#include <cmath>
#include <string>
#include <vector>

#include "models/layers.h"

namespace groklab {

namespace {

/// Indices of one block's tensors in the parameter layout.
struct BlockParameters {
  Linear in, out;
  Norm attention_norm;
  Linear up, down;
  Norm feed_forward_norm;
};

struct Parameters {
  Embedding embedding;
  std::vector<BlockParameters> blocks;
  Norm final_norm;
  Linear readout;
};

/// Lays the parameters out, with the names and initial distributions of PyTorch's modules.
Parameters lay_out(const ModelShape& s, ParameterLayout& layout) {
  const std::int64_t d = s.width;
  const Initialization zero = Initialization::constant(0);
  // nn.MultiheadAttention draws the joint projection by Xavier's rule over its whole [3d, d].
  const Initialization xavier =
      Initialization::uniform(std::sqrt(6.0 / static_cast<double>(d + 3 * d)));

  Parameters p;
  p.embedding = Embedding::add(layout, s);
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const std::string block = "blocks." + std::to_string(i) + ".";
    BlockParameters b;
    b.in = Linear::add(layout, block + "attention.in_proj", 3 * d, d, xavier, zero);
    b.out = Linear::add(layout, block + "attention.out_proj", d, d, fan_in(d), zero);
    b.attention_norm = Norm::add(layout, block + "attention_norm", d);
    b.up = Linear::add(layout, block + "feed_forward.up", s.hidden, d, fan_in(d), fan_in(d));
    b.down = Linear::add(layout, block + "feed_forward.down", d, s.hidden, fan_in(s.hidden),
                         fan_in(s.hidden));
    b.feed_forward_norm = Norm::add(layout, block + "feed_forward_norm", d);
    p.blocks.push_back(b);
  }
  p.final_norm = Norm::add(layout, "final_norm", d);
  p.readout = Linear::add(layout, "readout", s.vocabulary, d, fan_in(d), fan_in(d));
  return p;
}

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
  Norm::State<T> attention_norm;
  Matrices<T> middle;     ///< [queries, d] after the first norm
  Matrices<T> up;         ///< [queries, hidden] before GELU
  Matrices<T> activated;  ///< [queries, hidden]
  Norm::State<T> feed_forward_norm;
};

template <class T>
class Transformer final : public Model<T> {
 public:
  explicit Transformer(const ModelShape& shape)
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

  [[nodiscard]] bool has_states_at_nodes() const override { return true; }

  Answers<T> forward(const PassContext<T>& context, const Batch& batch,
                     FlatBuffer<const T> weights) override {
    Matrices<T> h = p_.embedding.forward(context, layout_, weights, batch);
    context.show({"embedding"}, h);
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      h = block_forward(context, batch, weights, i, h);
    }
    readout_input_ = rows(context, batch, batch.leaves, shape_.width);
    p_.final_norm.forward(context, layout_, weights, h, {}, final_norm_, readout_input_);
    context.show({"final_norm"}, readout_input_);
    const Matrices<T> logits = rows(context, batch, batch.leaves, shape_.vocabulary);
    p_.readout.forward<T>(context, layout_, weights, readout_input_, logits);
    context.show({"logits"}, logits);
    return {logits, batch.leaf_targets, batch.leaf_counts};
  }

  void backward(const PassContext<T>& context, const Batch& batch, FlatBuffer<const T> weights,
                Matrices<T> dlogits, FlatBuffer<T> gradients) override {
    context.show_gradient({"logits"}, dlogits);
    Matrices<T> dh = rows(context, batch, batch.leaves, shape_.width);
    p_.readout.backward<T>(context, layout_, weights, dlogits, readout_input_, dh, gradients);
    context.show_gradient({"final_norm"}, dh);
    p_.final_norm.backward<T>(context, layout_, weights, dh, final_norm_, dh, gradients);
    for (std::size_t i = blocks_.size(); i-- > 0;) {
      dh = block_backward(context, batch, weights, i, dh, gradients);
    }
    context.show_gradient({"embedding"}, dh);
    p_.embedding.backward<T>(context, layout_, dh, batch, gradients);
  }

 private:
  static ActivationName of_block(std::size_t i, const char* part) { return {"blocks", i, part}; }

  [[nodiscard]] bool is_first(std::size_t i) const { return i == 0; }
  [[nodiscard]] bool is_last(std::size_t i) const { return i + 1 == blocks_.size(); }

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

  /// Queries, keys and values of block i, and the rows that its residual connection carries on.
  Matrices<const T> project(const PassContext<T>& context, const Batch& batch,
                            FlatBuffer<const T> weights, std::size_t i, Matrices<T> h) {
    const BlockParameters& p = p_.blocks[i];
    BlockState<T>& s = blocks_[i];
    const std::int64_t d = shape_.width;
    const std::int64_t n = queries(batch, i);
    const Matrices<const T> in_weight = layout_.matrix(weights, p.in.weight);
    const Vectors<const T> in_bias = layout_.vector(weights, p.in.bias);
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
    context.show(of_block(i, "attention.query"), s.q);
    context.show(of_block(i, "attention.key"), s.k);
    context.show(of_block(i, "attention.value"), s.v);
    context.show(of_block(i, "attention.weights"), s.weights);
    context.show(of_block(i, "attention.mixed_values"), s.attended);

    const Matrices<T> branch = rows(context, batch, n, d);
    p.out.forward<T>(context, layout_, weights, s.attended, branch);
    if (!context.dropout.empty()) drop(context, batch, i, 0, branch, branch);
    context.show(of_block(i, "attention.output"), branch);
    s.middle = rows(context, batch, n, d);
    p.attention_norm.forward(context, layout_, weights, branch, carried, s.attention_norm,
                             s.middle);
    context.show(of_block(i, "attention_norm"), s.middle);

    s.up = rows(context, batch, n, shape_.hidden);
    p.up.forward<T>(context, layout_, weights, s.middle, s.up);
    s.activated = rows(context, batch, n, shape_.hidden);
    context.ops.gelu_forward(s.up, s.activated);
    context.show(of_block(i, "feed_forward.up"), s.up);
    context.show(of_block(i, "feed_forward.neurons"), s.activated);
    const Matrices<T> down = rows(context, batch, n, d);
    p.down.forward<T>(context, layout_, weights, s.activated, down);
    if (!context.dropout.empty()) drop(context, batch, i, 1, down, down);
    context.show(of_block(i, "feed_forward.output"), down);
    const Matrices<T> out = rows(context, batch, n, d);
    p.feed_forward_norm.forward<T>(context, layout_, weights, down, s.middle, s.feed_forward_norm,
                                   out);
    context.show(of_block(i, "feed_forward_norm"), out);
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

    context.show_gradient(of_block(i, "feed_forward_norm"), dh);
    p.feed_forward_norm.backward<T>(context, layout_, weights, dh, s.feed_forward_norm, dh,
                                    gradients);
    context.show_gradient(of_block(i, "feed_forward.output"), dh);
    const Matrices<T> dup = rows(context, batch, n, shape_.hidden);
    p.down.backward<T>(context, layout_, weights, branch_gradient(context, batch, i, 1, dh),
                       s.activated, dup, gradients);
    context.show_gradient(of_block(i, "feed_forward.neurons"), dup);
    context.ops.gelu_backward(s.up, dup, dup);
    context.show_gradient(of_block(i, "feed_forward.up"), dup);
    p.up.backward<T>(context, layout_, weights, dup, s.middle, dh, gradients, Into::kSum);

    context.show_gradient(of_block(i, "attention_norm"), dh);
    p.attention_norm.backward<T>(context, layout_, weights, dh, s.attention_norm, dh, gradients);
    context.show_gradient(of_block(i, "attention.output"), dh);
    const Matrices<T> dattended = rows(context, batch, n, d);
    p.out.backward<T>(context, layout_, weights, branch_gradient(context, batch, i, 0, dh),
                      s.attended, dattended, gradients);
    context.show_gradient(of_block(i, "attention.mixed_values"), dattended);
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
    const Matrices<const T> in_weight = layout_.matrix(weights, p.in.weight);
    const Matrices<T> din_weight = layout_.matrix(gradients, p.in.weight);
    const Vectors<T> din_bias = layout_.vector(gradients, p.in.bias);

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
    context.show_gradient(of_block(i, "attention.query"), attention.dq);
    context.show_gradient(of_block(i, "attention.key"), attention.dk);
    context.show_gradient(of_block(i, "attention.value"), attention.dv);

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
      context.ops.sum_lists(attention.dq, queries_of_pair(batch, i), 1,
                            dprojections.slice_cols(0, d));
      dh = rows(context, batch, s.input.rows, d);
      context.ops.sum_lists(dcarried, queries_of_pair(batch, i), 1, dh);
    }
    context.ops.linear_backward_weight(dprojections, s.input, din_weight, din_bias);
    context.ops.linear_backward_input(dprojections, in_weight, dh, /*accumulate=*/true);
    return dh;
  }

  ModelShape shape_;
  ParameterLayout layout_;
  Parameters p_;
  std::vector<BlockState<T>> blocks_;
  Norm::State<T> final_norm_;
  Matrices<T> readout_input_;
};

}  // namespace

template <class T>
std::unique_ptr<Model<T>> make_transformer(const ModelShape& shape) {
  return std::make_unique<Transformer<T>>(shape);
}

template std::unique_ptr<Model<float>> make_transformer(const ModelShape&);
template std::unique_ptr<Model<double>> make_transformer(const ModelShape&);

}  // namespace groklab
