#include "models/dense.h"

#include <string>
#include <vector>

#include "models/layers.h"

namespace groklab {

namespace {

template <class T>
struct LayerState {
  Matrices<T> activated;  ///< [leaves, hidden] after ReLU
  Matrices<T> output;     ///< the same after dropout; without dropout the same memory
};

/// h is one row for each leaf, beginning with its features; per layer h = dropout(relu(W h + b)).
template <class T>
class Dense final : public Model<T> {
 public:
  explicit Dense(const ModelShape& shape) : shape_(shape) {
    std::int64_t in = shape.features;
    for (std::int64_t i = 0; i < shape.layers; ++i) {
      layers_.push_back(Linear::add(layout_, "layers." + std::to_string(i), shape.hidden, in,
                                    fan_in(in), fan_in(in)));
      in = shape.hidden;
    }
    readout_ = Linear::add(layout_, "readout", shape.classes, in, fan_in(in), fan_in(in));
    states_.resize(layers_.size());
  }

  [[nodiscard]] const ParameterLayout& parameters() const override { return layout_; }

  [[nodiscard]] BatchNeeds needs() const override {
    BatchNeeds needs;
    needs.embeds = false;
    return needs;
  }

  [[nodiscard]] bool has_states_at_nodes() const override { return false; }

  Answers<T> forward(const PassContext<T>& context, const Batch& batch,
                     FlatBuffer<const T> weights) override {
    input_ = rows(context, batch, batch.leaves, shape_.features);
    context.ops.gather_rows(context.data.features, row_numbers(batch), input_);
    Matrices<const T> h = input_;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      LayerState<T>& s = states_[i];
      s.activated = rows(context, batch, batch.leaves, shape_.hidden);
      layers_[i].template forward<T>(context, layout_, weights, h, s.activated);
      context.show({"layers", i, "up"}, s.activated);
      context.ops.relu_forward(s.activated, s.activated);
      context.show({"layers", i, "neurons"}, s.activated);
      s.output = s.activated;
      if (!context.dropout.empty()) {
        s.output = rows(context, batch, batch.leaves, shape_.hidden);
        drop(context, batch, i, s.activated, s.output);
      }
      h = s.output;
    }
    const Matrices<T> logits = rows(context, batch, batch.leaves, shape_.classes);
    readout_.forward<T>(context, layout_, weights, h, logits);
    context.show({"logits"}, logits);
    return {logits, batch.leaf_targets, batch.leaf_counts};
  }

  void backward(const PassContext<T>& context, const Batch& batch, FlatBuffer<const T> weights,
                Matrices<T> dlogits, FlatBuffer<T> gradients) override {
    context.show_gradient({"logits"}, dlogits);
    Matrices<T> dh = rows(context, batch, batch.leaves, shape_.hidden);
    readout_.backward<T>(context, layout_, weights, dlogits, states_.back().output, dh, gradients);
    for (std::size_t i = layers_.size(); i-- > 0;) {
      if (!context.dropout.empty()) drop(context, batch, i, dh, dh);
      context.show_gradient({"layers", i, "neurons"}, dh);
      context.ops.relu_backward(states_[i].activated, dh, dh);
      context.show_gradient({"layers", i, "up"}, dh);
      if (i == 0) break;
      const Matrices<T> below = rows(context, batch, batch.leaves, shape_.hidden);
      layers_[i].template backward<T>(context, layout_, weights, dh, states_[i - 1].output, below,
                                      gradients);
      dh = below;
    }
    const Linear& first = layers_.front();  // nobody asks for the gradient of the data
    context.ops.linear_backward_weight(dh, input_, layout_.matrix(gradients, first.weight),
                                       layout_.vector(gradients, first.bias));
  }

 private:
  void drop(const PassContext<T>& context, const Batch& batch, std::size_t i, Matrices<const T> x,
            Matrices<T> y) const {
    context.ops.dropout(context.dropout, static_cast<std::uint32_t>(i), leaf_numbers(batch), x, y);
  }

  ModelShape shape_;
  ParameterLayout layout_;
  std::vector<Linear> layers_;
  Linear readout_;
  std::vector<LayerState<T>> states_;
  Matrices<T> input_;  // [leaves, F]
};

}  // namespace

template <class T>
std::unique_ptr<Model<T>> make_dense(const ModelShape& shape) {
  return std::make_unique<Dense<T>>(shape);
}

template std::unique_ptr<Model<float>> make_dense(const ModelShape&);
template std::unique_ptr<Model<double>> make_dense(const ModelShape&);

}  // namespace groklab
