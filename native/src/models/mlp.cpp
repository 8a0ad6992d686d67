#include "models/mlp.h"

#include <string>
#include <vector>

#include "models/layers.h"

namespace groklab {

namespace {

struct BlockParameters {
  Linear up, down;
  Norm norm;
};

struct Parameters {
  Embedding embedding;
  std::vector<BlockParameters> blocks;
  Linear readout;
};

/// Lays the parameters out, with PyTorch's initial distributions.
Parameters lay_out(const ModelShape& s, ParameterLayout& layout) {
  const std::int64_t width = s.sequence_length * s.width;
  Parameters p;
  p.embedding = Embedding::add(layout, s);
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const std::string block = "blocks." + std::to_string(i) + ".";
    BlockParameters b;
    b.up = Linear::add(layout, block + "feed_forward.up", s.hidden, width, fan_in(width),
                       fan_in(width));
    b.down = Linear::add(layout, block + "feed_forward.down", width, s.hidden, fan_in(s.hidden),
                         fan_in(s.hidden));
    b.norm = Norm::add(layout, block + "norm", width);
    p.blocks.push_back(b);
  }
  p.readout = Linear::add(layout, "readout", s.vocabulary, width, fan_in(width), fan_in(width));
  return p;
}

/// A block's saved tensors; w = T·d.
template <class T>
struct BlockState {
  Matrices<T> dropped;    ///< [leaves, w] what the first layer reads; without dropout the input
  Matrices<T> activated;  ///< [leaves, hidden] after ReLU
  Norm::State<T> norm;
};

/// h is one row for each leaf: the T embedded tokens side by side. They are few pairs of token and
/// position in many combinations, so the first layer's product is taken once for each pair, with
/// the columns of its weight that belong to the pair's position; a leaf adds up T of the results.
template <class T>
class Mlp final : public Model<T> {
 public:
  explicit Mlp(const ModelShape& shape)
      : shape_(shape), p_(lay_out(shape, layout_)), blocks_(p_.blocks.size()) {}

  [[nodiscard]] const ParameterLayout& parameters() const override { return layout_; }

  [[nodiscard]] BatchNeeds needs() const override {
    BatchNeeds needs;
    needs.pairs_from_leaves = true;
    return needs;
  }

  [[nodiscard]] bool has_states_at_nodes() const override { return false; }

  Answers<T> forward(const PassContext<T>& context, const Batch& batch,
                     FlatBuffer<const T> weights) override {
    pairs_ = p_.embedding.forward(context, layout_, weights, batch);
    context.show({"embedding"}, pairs_);
    Matrices<T> h = rows(context, batch, batch.leaves, width());
    context.ops.gather_rows(pairs_, flatten(paths(batch)), reshape(h, shape_.width));
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      h = block_forward(context, batch, weights, i, h);
    }
    readout_input_ = h;
    const Matrices<T> logits = rows(context, batch, batch.leaves, shape_.vocabulary);
    p_.readout.forward<T>(context, layout_, weights, h, logits);
    context.show({"logits"}, logits);
    return {logits, batch.leaf_targets, batch.leaf_counts};
  }

  void backward(const PassContext<T>& context, const Batch& batch, FlatBuffer<const T> weights,
                Matrices<T> dlogits, FlatBuffer<T> gradients) override {
    context.show_gradient({"logits"}, dlogits);
    const Matrices<T> dh = rows(context, batch, batch.leaves, width());
    p_.readout.backward<T>(context, layout_, weights, dlogits, readout_input_, dh, gradients);
    Matrices<T> dup;
    for (std::size_t i = blocks_.size(); i-- > 0;) {
      dup = block_backward(context, batch, weights, i, dh, gradients);
    }
    const Matrices<T> dpairs = rows(context, batch, batch.pairs, shape_.width);
    context.ops.sum_lists(reshape(dh, shape_.width), batch.pairs_from_leaves.uses, 1, dpairs);
    if (by_pairs(context, 0)) {
      pair_products_backward(context, batch, weights, dup, dpairs, gradients);
    }
    context.show_gradient({"embedding"}, dpairs);
    p_.embedding.backward<T>(context, layout_, dpairs, batch, gradients);
  }

 private:
  static ActivationName of_block(std::size_t i, const char* part) { return {"blocks", i, part}; }

  [[nodiscard]] std::int64_t width() const { return shape_.sequence_length * shape_.width; }

  [[nodiscard]] static const Matrices<const std::int32_t>& paths(const Batch& batch) {
    return batch.pairs_from_leaves.path;
  }

  /// Whether block i's first product is taken pair by pair. Dropout makes every row another.
  [[nodiscard]] static bool by_pairs(const PassContext<T>& context, std::size_t i) {
    return i == 0 && context.dropout.empty();
  }

  void drop(const PassContext<T>& context, const Batch& batch, std::size_t i, Matrices<const T> x,
            Matrices<T> y) const {
    context.ops.dropout(context.dropout, static_cast<std::uint32_t>(i), leaf_numbers(batch), x, y);
  }

  /// Calls body(t, first pair, number of pairs) for each position.
  template <class Body>
  static void for_each_position(const Batch& batch, const Body& body) {
    for (std::int64_t t = 0; t < batch.sequence_length; ++t) {
      const auto at = static_cast<std::size_t>(t);
      body(t, batch.first_pairs[at], batch.first_pairs[at + 1] - batch.first_pairs[at]);
    }
  }

  Matrices<T> block_forward(const PassContext<T>& context, const Batch& batch,
                            FlatBuffer<const T> weights, std::size_t i, Matrices<T> h) {
    const BlockParameters& p = p_.blocks[i];
    BlockState<T>& s = blocks_[i];
    s.activated = rows(context, batch, batch.leaves, shape_.hidden);
    s.dropped = h;
    if (by_pairs(context, i)) {
      pair_products_forward(context, batch, weights, s.activated);
    } else {
      if (!context.dropout.empty()) {
        s.dropped = rows(context, batch, batch.leaves, width());
        drop(context, batch, i, h, s.dropped);
      }
      p.up.forward<T>(context, layout_, weights, s.dropped, s.activated);
    }
    context.show(of_block(i, "feed_forward.up"), s.activated);
    context.ops.relu_forward(s.activated, s.activated);
    context.show(of_block(i, "feed_forward.neurons"), s.activated);
    const Matrices<T> down = rows(context, batch, batch.leaves, width());
    p.down.forward<T>(context, layout_, weights, s.activated, down);
    context.show(of_block(i, "feed_forward.output"), down);
    const Matrices<T> out = rows(context, batch, batch.leaves, width());
    p.norm.forward<T>(context, layout_, weights, down, h, s.norm, out);
    context.show(of_block(i, "norm"), out);
    return out;
  }

  /// y = W₁ h + b₁ of the first block.
  void pair_products_forward(const PassContext<T>& context, const Batch& batch,
                             FlatBuffer<const T> weights, Matrices<T> y) {
    const Linear& up = p_.blocks.front().up;
    const Matrices<const T> weight = layout_.matrix(weights, up.weight);
    const Matrices<T> products = rows(context, batch, batch.pairs, shape_.hidden);
    for_each_position(batch, [&](std::int64_t t, std::int64_t first, std::int64_t count) {
      context.ops.linear_forward(pairs_.slice_rows(first, count),
                                 weight.slice_cols(t * shape_.width, shape_.width), {},
                                 products.slice_rows(first, count));
    });
    context.ops.gather_sum(products, paths(batch), layout_.vector(weights, up.bias), y);
  }

  /// Adds to dpairs what the first block's W₁ h + b₁, of gradient dy, gives for the pairs.
  void pair_products_backward(const PassContext<T>& context, const Batch& batch,
                              FlatBuffer<const T> weights, Matrices<const T> dy, Matrices<T> dpairs,
                              FlatBuffer<T> gradients) {
    const Linear& up = p_.blocks.front().up;
    const Matrices<const T> weight = layout_.matrix(weights, up.weight);
    const Matrices<T> dweight = layout_.matrix(gradients, up.weight);
    const Matrices<T> dproducts = rows(context, batch, batch.pairs, shape_.hidden);
    context.ops.sum_lists(dy, batch.pairs_from_leaves.uses, batch.sequence_length, dproducts);
    for_each_position(batch, [&](std::int64_t t, std::int64_t first, std::int64_t count) {
      const Matrices<T> dproduct = dproducts.slice_rows(first, count);
      // Each leaf has one pair at a position: the sum over those of the first is that over leaves.
      Vectors<T> dbias;
      if (t == 0) dbias = layout_.vector(gradients, up.bias);
      context.ops.linear_backward_weight(dproduct, pairs_.slice_rows(first, count),
                                         dweight.slice_cols(t * shape_.width, shape_.width), dbias);
      context.ops.linear_backward_input(dproduct, weight.slice_cols(t * shape_.width, shape_.width),
                                        dpairs.slice_rows(first, count), /*accumulate=*/true);
    });
  }

  /// Turns dh from the gradient of block i's output into that of its input. Of a product by pairs
  /// only the residual's part; the rest is its result's gradient, which is returned.
  Matrices<T> block_backward(const PassContext<T>& context, const Batch& batch,
                             FlatBuffer<const T> weights, std::size_t i, Matrices<T> dh,
                             FlatBuffer<T> gradients) {
    const BlockParameters& p = p_.blocks[i];
    const BlockState<T>& s = blocks_[i];
    context.show_gradient(of_block(i, "norm"), dh);
    p.norm.backward<T>(context, layout_, weights, dh, s.norm, dh, gradients);
    context.show_gradient(of_block(i, "feed_forward.output"), dh);
    const Matrices<T> dup = rows(context, batch, batch.leaves, shape_.hidden);
    p.down.backward<T>(context, layout_, weights, dh, s.activated, dup, gradients);
    context.show_gradient(of_block(i, "feed_forward.neurons"), dup);
    context.ops.relu_backward(s.activated, dup, dup);
    context.show_gradient(of_block(i, "feed_forward.up"), dup);
    if (by_pairs(context, i)) return dup;
    if (context.dropout.empty()) {
      p.up.backward<T>(context, layout_, weights, dup, s.dropped, dh, gradients, Into::kSum);
      return dup;
    }
    const Matrices<T> ddropped = rows(context, batch, batch.leaves, width());
    p.up.backward<T>(context, layout_, weights, dup, s.dropped, ddropped, gradients);
    drop(context, batch, i, ddropped, ddropped);
    context.ops.add(ddropped, dh);
    return dup;
  }

  ModelShape shape_;
  ParameterLayout layout_;
  Parameters p_;
  std::vector<BlockState<T>> blocks_;
  Matrices<T> pairs_;          // [pairs, d]
  Matrices<T> readout_input_;  // [leaves, w]
};

}  // namespace

template <class T>
std::unique_ptr<Model<T>> make_mlp(const ModelShape& shape) {
  return std::make_unique<Mlp<T>>(shape);
}

template std::unique_ptr<Model<float>> make_mlp(const ModelShape&);
template std::unique_ptr<Model<double>> make_mlp(const ModelShape&);

}  // namespace groklab
