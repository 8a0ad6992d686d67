#include "models/cnn.h"

#include <string>
#include <vector>

#include "models/layers.h"

namespace groklab {

namespace {

constexpr std::int64_t kKernel = 3;

/// A convolution, and the windows that are pooled after it.
struct ConvolutionParameters {
  std::size_t weight = 0;
  std::size_t bias = 0;
  ImageShape in;
  ImageShape out;
  ImageShape pooled;
};

struct Parameters {
  std::vector<ConvolutionParameters> convolutions;
  Linear hidden, half;
  Linear readout;
};

Linear add_linear(ParameterLayout& layout, const std::string& name, std::int64_t out,
                  std::int64_t in) {
  return Linear::add(layout, name, out, in, fan_in(in), fan_in(in));
}

/// Lays the parameters out, with PyTorch's initial distributions.
Parameters lay_out(const ModelShape& s, ParameterLayout& layout) {
  Parameters p;
  ImageShape image = s.image;
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const std::string name = "convolutions." + std::to_string(i);
    const Initialization initial = fan_in(image.channels * kKernel * kKernel);
    ConvolutionParameters c;
    c.in = image;
    c.out = {s.width << i, image.height, image.width};
    c.pooled = {c.out.channels, image.height / 2, image.width / 2};
    c.weight =
        layout.add_kernels(name + ".weight", c.out.channels, c.in.channels, kKernel, initial);
    c.bias = layout.add(name + ".bias", c.out.channels, 0, initial);
    image = c.pooled;
    p.convolutions.push_back(c);
  }
  p.hidden = add_linear(layout, "hidden_layers.0", s.hidden, image.size());
  p.half = add_linear(layout, "hidden_layers.1", s.hidden / 2, s.hidden);
  p.readout = add_linear(layout, "readout", s.classes, s.hidden / 2);
  return p;
}

/// A convolution's saved tensors.
template <class T>
struct ConvolutionState {
  Matrices<T> in;                  ///< [rows, I·H·W]
  Matrices<std::int32_t> winners;  ///< [rows, O·(H/2)·(W/2)]
  Matrices<T> activated;           ///< the same, after pooling and ReLU
};

/// Convolutions of 3 × 3 with ReLU and pooling, then two hidden layers and a readout. ReLU comes after
/// pooling, of a quarter of the elements: it keeps their order, so the outcome is the same, and so is
/// the gradient, which is 0 in a window without a positive element whichever of them is taken.
template <class T>
class Cnn final : public Model<T> {
 public:
  explicit Cnn(const ModelShape& shape)
      : shape_(shape), p_(lay_out(shape, layout_)), convolutions_(p_.convolutions.size()) {}

  [[nodiscard]] const ParameterLayout& parameters() const override { return layout_; }

  [[nodiscard]] BatchNeeds needs() const override {
    BatchNeeds needs;
    needs.embeds = false;
    return needs;
  }

  [[nodiscard]] bool has_states_at_nodes() const override { return false; }

  Answers<T> forward(const PassContext<T>& context, const Batch& batch,
                     FlatBuffer<const T> weights) override {
    Matrices<T> h = rows(context, batch, batch.leaves, shape_.image.size());
    context.ops.gather_rows(context.data.features, row_numbers(batch), h);
    for (std::size_t i = 0; i < convolutions_.size(); ++i) {
      h = convolution_forward(context, batch, weights, i, h);
    }
    flat_ = h;
    hidden_ = rows(context, batch, batch.leaves, shape_.hidden);
    p_.hidden.forward<T>(context, layout_, weights, flat_, hidden_);
    context.show({"hidden_layers", 0, "up"}, hidden_);
    context.ops.relu_forward(hidden_, hidden_);
    context.show({"hidden_layers", 0, "neurons"}, hidden_);
    dropped_ = hidden_;
    if (!context.dropout.empty()) {
      dropped_ = rows(context, batch, batch.leaves, shape_.hidden);
      drop(context, batch, hidden_, dropped_);
    }
    half_ = rows(context, batch, batch.leaves, shape_.hidden / 2);
    p_.half.forward<T>(context, layout_, weights, dropped_, half_);
    context.show({"hidden_layers", 1, "up"}, half_);
    context.ops.relu_forward(half_, half_);
    context.show({"hidden_layers", 1, "neurons"}, half_);
    const Matrices<T> logits = rows(context, batch, batch.leaves, shape_.classes);
    p_.readout.forward<T>(context, layout_, weights, half_, logits);
    context.show({"logits"}, logits);
    return {logits, batch.leaf_targets, batch.leaf_counts};
  }

  void backward(const PassContext<T>& context, const Batch& batch, FlatBuffer<const T> weights,
                Matrices<T> dlogits, FlatBuffer<T> gradients) override {
    context.show_gradient({"logits"}, dlogits);
    const Matrices<T> dhalf = rows(context, batch, batch.leaves, shape_.hidden / 2);
    p_.readout.backward<T>(context, layout_, weights, dlogits, half_, dhalf, gradients);
    context.show_gradient({"hidden_layers", 1, "neurons"}, dhalf);
    context.ops.relu_backward(half_, dhalf, dhalf);
    context.show_gradient({"hidden_layers", 1, "up"}, dhalf);
    const Matrices<T> dhidden = rows(context, batch, batch.leaves, shape_.hidden);
    p_.half.backward<T>(context, layout_, weights, dhalf, dropped_, dhidden, gradients);
    if (!context.dropout.empty()) drop(context, batch, dhidden, dhidden);
    context.show_gradient({"hidden_layers", 0, "neurons"}, dhidden);
    context.ops.relu_backward(hidden_, dhidden, dhidden);
    context.show_gradient({"hidden_layers", 0, "up"}, dhidden);
    Matrices<T> dh = rows(context, batch, batch.leaves, flat_.cols);
    p_.hidden.backward<T>(context, layout_, weights, dhidden, flat_, dh, gradients);
    for (std::size_t i = convolutions_.size(); i-- > 0;) {
      dh = convolution_backward(context, batch, weights, i, dh, gradients);
    }
  }

 private:
  static void drop(const PassContext<T>& context, const Batch& batch, Matrices<const T> x,
                   Matrices<T> y) {
    context.ops.dropout(context.dropout, 0, leaf_numbers(batch), x, y);
  }

  template <class Convolution>
  static void add_scratch(const PassContext<T>& context, Convolution& convolution) {
    const std::int64_t size = context.ops.scratch(convolution);
    convolution.scratch = context.workspace.template vectors<T>(1, size);
  }

  Matrices<T> convolution_forward(const PassContext<T>& context, const Batch& batch,
                                  FlatBuffer<const T> weights, std::size_t i, Matrices<T> x) {
    const ConvolutionParameters& p = p_.convolutions[i];
    ConvolutionState<T>& s = convolutions_[i];
    s.in = x;
    ConvolutionForward<T> convolution;
    convolution.image = p.in;
    convolution.kernel = kKernel;
    convolution.x = x;
    convolution.weight = layout_.matrix(weights, p.weight);
    convolution.bias = layout_.vector(weights, p.bias);
    convolution.y = rows(context, batch, batch.leaves, p.out.size());
    add_scratch(context, convolution);
    context.ops.convolution_forward(convolution);

    s.winners = context.workspace.template matrices<std::int32_t>(batch.replicas, batch.leaves,
                                                                  p.pooled.size());
    s.activated = rows(context, batch, batch.leaves, p.pooled.size());
    MaxPoolForward<T> pool;
    pool.image = p.out;
    pool.x = convolution.y;
    pool.winners = s.winners;
    pool.y = s.activated;
    context.ops.max_pool_forward(pool);
    context.ops.relu_forward(s.activated, s.activated);
    context.show({"convolutions", i, "pooled"}, s.activated);
    return s.activated;
  }

  /// Gradient of the convolution's input, or nothing of the images themselves.
  Matrices<T> convolution_backward(const PassContext<T>& context, const Batch& batch,
                                   FlatBuffer<const T> weights, std::size_t i, Matrices<T> dh,
                                   FlatBuffer<T> gradients) {
    const ConvolutionParameters& p = p_.convolutions[i];
    const ConvolutionState<T>& s = convolutions_[i];
    context.show_gradient({"convolutions", i, "pooled"}, dh);
    context.ops.relu_backward(s.activated, dh, dh);
    MaxPoolBackward<T> pool;
    pool.image = p.out;
    pool.dy = dh;
    pool.winners = s.winners;
    pool.dx = rows(context, batch, batch.leaves, p.out.size());
    context.ops.max_pool_backward(pool);

    ConvolutionBackwardWeight<T> sums;
    sums.image = p.in;
    sums.kernel = kKernel;
    sums.dy = pool.dx;
    sums.x = s.in;
    sums.dweight = layout_.matrix(gradients, p.weight);
    sums.dbias = layout_.vector(gradients, p.bias);
    add_scratch(context, sums);
    context.ops.convolution_backward_weight(sums);
    if (i == 0) return {};
    ConvolutionBackwardInput<T> input;
    input.image = p.in;
    input.kernel = kKernel;
    input.dy = pool.dx;
    input.weight = layout_.matrix(weights, p.weight);
    input.dx = rows(context, batch, batch.leaves, p.in.size());
    add_scratch(context, input);
    context.ops.convolution_backward_input(input);
    return input.dx;
  }

  ModelShape shape_;
  ParameterLayout layout_;
  Parameters p_;
  std::vector<ConvolutionState<T>> convolutions_;
  Matrices<T> flat_;     // [rows, what the last pooling left]
  Matrices<T> hidden_;   // [rows, hidden] after ReLU
  Matrices<T> dropped_;  // the same after dropout
  Matrices<T> half_;     // [rows, hidden / 2] after ReLU
};

}  // namespace

template <class T>
std::unique_ptr<Model<T>> make_cnn(const ModelShape& shape) {
  return std::make_unique<Cnn<T>>(shape);
}

template std::unique_ptr<Model<float>> make_cnn(const ModelShape&);
template std::unique_ptr<Model<double>> make_cnn(const ModelShape&);

}  // namespace groklab
