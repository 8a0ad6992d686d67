#include "models/lstm.h"

#include <string>
#include <vector>

#include "models/layers.h"

namespace groklab {

namespace {

constexpr std::int64_t kGates = 4;

struct LayerParameters {
  std::size_t input_weight, hidden_weight, input_bias, hidden_bias;
};

struct Parameters {
  Embedding embedding;
  std::vector<LayerParameters> layers;
  Linear readout;
};

/// Lays the parameters out, with PyTorch's initial distributions.
Parameters lay_out(const ModelShape& s, ParameterLayout& layout) {
  const std::int64_t gates = kGates * s.hidden;
  const Initialization uniform = fan_in(s.hidden);
  Parameters p;
  p.embedding = Embedding::add(layout, s);
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const std::string layer = "lstm." + std::to_string(i) + ".";
    LayerParameters l{};
    l.input_weight =
        layout.add(layer + "input.weight", gates, i == 0 ? s.width : s.hidden, uniform);
    l.hidden_weight = layout.add(layer + "hidden.weight", gates, s.hidden, uniform);
    l.input_bias = layout.add(layer + "input.bias", gates, 0, uniform);
    l.hidden_bias = layout.add(layer + "hidden.bias", gates, 0, uniform);
    p.layers.push_back(l);
  }
  p.readout = Linear::add(layout, "readout", s.vocabulary, s.hidden, uniform, uniform);
  return p;
}

/// A layer's saved tensors.
template <class T>
struct LayerState {
  Matrices<T> input;          ///< [pairs, d] of the first layer, else [nodes, hidden]
  Matrices<T> gates;          ///< [nodes, 4·hidden]
  Matrices<T> cell;           ///< [nodes, hidden]
  Matrices<T> squashed_cell;  ///< [nodes, hidden]
  Matrices<T> output;         ///< [nodes, hidden]
};

/// A node of the prefix tree is a state: what the layer has read is the node's prefix. A layer goes
/// from level to level; the product of hidden weights and output is taken once for each node that
/// others go on from, that of input weights and input once for each pair (first layer) or node.
template <class T>
class Lstm final : public Model<T> {
 public:
  explicit Lstm(const ModelShape& shape)
      : shape_(shape), p_(lay_out(shape, layout_)), layers_(p_.layers.size()) {}

  [[nodiscard]] const ParameterLayout& parameters() const override { return layout_; }

  [[nodiscard]] BatchNeeds needs() const override {
    BatchNeeds needs;
    needs.nodes_of_pair = true;
    needs.nodes_of_parent = true;
    return needs;
  }

  [[nodiscard]] bool has_states_at_nodes() const override { return true; }

  Answers<T> forward(const PassContext<T>& context, const Batch& batch,
                     FlatBuffer<const T> weights) override {
    layers_.front().input = p_.embedding.forward(context, layout_, weights, batch);
    context.show({"embedding"}, layers_.front().input);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      layer_forward(context, batch, weights, i);
      if (i + 1 < layers_.size()) layers_[i + 1].input = between_layers(context, batch, i);
    }
    const Matrices<T> logits = rows(context, batch, batch.leaves, shape_.vocabulary);
    p_.readout.forward<T>(context, layout_, weights, of_leaves(batch, layers_.back().output),
                          logits);
    context.show({"logits"}, logits);
    return {logits, batch.leaf_targets, batch.leaf_counts};
  }

  void backward(const PassContext<T>& context, const Batch& batch, FlatBuffer<const T> weights,
                Matrices<T> dlogits, FlatBuffer<T> gradients) override {
    context.show_gradient({"logits"}, dlogits);
    // Only the leaves are read out; what other nodes of the last layer get comes by way of them.
    Matrices<T> doutput = rows(context, batch, batch.nodes, shape_.hidden);
    p_.readout.backward<T>(context, layout_, weights, dlogits,
                           of_leaves(batch, layers_.back().output), of_leaves(batch, doutput),
                           gradients);
    for (std::size_t i = layers_.size(); i-- > 0;) {
      const bool is_last = i + 1 == layers_.size();
      const Matrices<T> dgates = layer_backward(context, batch, weights, i, doutput,
                                                is_last ? Into::kEmpty : Into::kSum, gradients);
      context.show_gradient({"lstm", i, "output"}, doutput);
      doutput = input_backward(context, batch, weights, i, dgates, gradients);
      if (i > 0 && !context.dropout.empty()) drop(context, batch, i - 1, doutput, doutput);
    }
    context.show_gradient({"embedding"}, doutput);
    p_.embedding.backward<T>(context, layout_, doutput, batch, gradients);
  }

 private:
  /// The leaves' rows of a matrix of all nodes.
  template <class U>
  static Matrices<U> of_leaves(const Batch& batch, Matrices<U> nodes) {
    return nodes.slice_rows(batch.nodes - batch.leaves, batch.leaves);
  }

  [[nodiscard]] static std::int64_t first_node(const Batch& batch, std::int64_t level) {
    return batch.first_nodes[static_cast<std::size_t>(level)];
  }

  /// Nodes that others go on from: all but the leaves.
  [[nodiscard]] static std::int64_t parents(const Batch& batch) {
    return first_node(batch, batch.sequence_length - 1);
  }

  void drop(const PassContext<T>& context, const Batch& batch, std::size_t layer,
            Matrices<const T> x, Matrices<T> y) const {
    context.ops.dropout(context.dropout, static_cast<std::uint32_t>(layer), batch.node_numbers, x,
                        y);
  }

  /// What layer i + 1 reads.
  Matrices<T> between_layers(const PassContext<T>& context, const Batch& batch, std::size_t i) {
    if (context.dropout.empty()) return layers_[i].output;
    const Matrices<T> dropped = rows(context, batch, batch.nodes, shape_.hidden);
    drop(context, batch, i, layers_[i].output, dropped);
    return dropped;
  }

  void layer_forward(const PassContext<T>& context, const Batch& batch, FlatBuffer<const T> weights,
                     std::size_t i) {
    const LayerParameters& p = p_.layers[i];
    LayerState<T>& s = layers_[i];
    const std::int64_t gates = kGates * shape_.hidden;
    const Matrices<T> from_input = rows(context, batch, s.input.rows, gates);
    context.ops.linear_forward(s.input, layout_.matrix(weights, p.input_weight),
                               layout_.vector(weights, p.input_bias), from_input);
    const Matrices<T> from_hidden = rows(context, batch, parents(batch), gates);
    s.gates = rows(context, batch, batch.nodes, gates);
    s.cell = rows(context, batch, batch.nodes, shape_.hidden);
    s.squashed_cell = rows(context, batch, batch.nodes, shape_.hidden);
    s.output = rows(context, batch, batch.nodes, shape_.hidden);
    for (std::int64_t level = 0; level < batch.sequence_length; ++level) {
      const std::int64_t first = first_node(batch, level);
      const std::int64_t count = first_node(batch, level + 1) - first;
      LstmCellForward<T> cell;
      cell.input = i == 0 ? from_input : from_input.slice_rows(first, count);
      if (i == 0) cell.input_rows = batch.node_pairs.slice(first, count);
      if (level > 0) {
        cell.hidden = from_hidden;
        cell.previous_cell = s.cell;
        cell.parents = batch.node_parents.slice(first, count);
      }
      cell.bias = layout_.vector(weights, p.hidden_bias);
      cell.gates = s.gates.slice_rows(first, count);
      cell.cell = s.cell.slice_rows(first, count);
      cell.squashed_cell = s.squashed_cell.slice_rows(first, count);
      cell.output = s.output.slice_rows(first, count);
      context.ops.lstm_cell_forward(cell);
      if (level + 1 < batch.sequence_length) {
        context.ops.linear_forward(cell.output, layout_.matrix(weights, p.hidden_weight), {},
                                   from_hidden.slice_rows(first, count));
      }
    }
    context.show({"lstm", i, "gates"}, s.gates);
    context.show({"lstm", i, "cell"}, s.cell);
    context.show({"lstm", i, "output"}, s.output);
  }

  /// Gradients of the gates, from those of the outputs, and of what belongs to the recurrence.
  /// @param into whether all nodes' doutput holds something already, or the leaves' alone.
  Matrices<T> layer_backward(const PassContext<T>& context, const Batch& batch,
                             FlatBuffer<const T> weights, std::size_t i, Matrices<T> doutput,
                             Into into, FlatBuffer<T> gradients) {
    const LayerParameters& p = p_.layers[i];
    const LayerState<T>& s = layers_[i];
    const Matrices<T> dgates = s.gates;  // each is read once, just before
    const Matrices<T> from_hidden = rows(context, batch, parents(batch), dgates.cols);
    const Matrices<T> dcell = rows(context, batch, parents(batch), shape_.hidden);
    // The share of each node in its parent's, before it is summed.
    const Matrices<T> dprevious = rows(context, batch, batch.nodes, shape_.hidden);
    for (std::int64_t level = batch.sequence_length; level-- > 0;) {
      const std::int64_t first = first_node(batch, level);
      const std::int64_t count = first_node(batch, level + 1) - first;
      LstmCellBackward<T> cell;
      cell.doutput = doutput.slice_rows(first, count);
      if (level + 1 < batch.sequence_length) {
        const Lists children = batch.nodes_of_parent.slice(first, count);
        const Matrices<T> hidden = from_hidden.slice_rows(first, count);
        context.ops.sum_lists(dgates, children, 1, hidden);
        context.ops.sum_lists(dprevious, children, 1, dcell.slice_rows(first, count));
        context.ops.linear_backward_input(hidden, layout_.matrix(weights, p.hidden_weight),
                                          doutput.slice_rows(first, count), into == Into::kSum);
        cell.dcell = dcell.slice_rows(first, count);
      }
      cell.gates = s.gates.slice_rows(first, count);
      cell.squashed_cell = s.squashed_cell.slice_rows(first, count);
      if (level > 0) {
        cell.previous_cell = s.cell;
        cell.parents = batch.node_parents.slice(first, count);
        cell.dprevious_cell = dprevious.slice_rows(first, count);
      }
      cell.dgates = dgates.slice_rows(first, count);
      context.ops.lstm_cell_backward(cell);
    }
    context.ops.linear_backward_weight(from_hidden, s.output.slice_rows(0, parents(batch)),
                                       layout_.matrix(gradients, p.hidden_weight), {});
    return dgates;
  }

  /// Gradients of a layer's input and of what belongs to it.
  Matrices<T> input_backward(const PassContext<T>& context, const Batch& batch,
                             FlatBuffer<const T> weights, std::size_t i, Matrices<T> dgates,
                             FlatBuffer<T> gradients) {
    const LayerParameters& p = p_.layers[i];
    const LayerState<T>& s = layers_[i];
    Matrices<T> from_input = dgates;
    if (i == 0) {
      from_input = rows(context, batch, batch.pairs, dgates.cols);
      context.ops.sum_lists(dgates, batch.nodes_of_pair, 1, from_input);
    }
    const Vectors<T> dbias = layout_.vector(gradients, p.input_bias);
    context.ops.linear_backward_weight(from_input, s.input,
                                       layout_.matrix(gradients, p.input_weight), dbias);
    // Both biases are added to the same sums.
    context.ops.copy(dbias, layout_.vector(gradients, p.hidden_bias));
    const Matrices<T> dinput = rows(context, batch, s.input.rows, s.input.cols);
    context.ops.linear_backward_input(from_input, layout_.matrix(weights, p.input_weight), dinput,
                                      /*accumulate=*/false);
    return dinput;
  }

  ModelShape shape_;
  ParameterLayout layout_;
  Parameters p_;
  std::vector<LayerState<T>> layers_;
};

}  // namespace

template <class T>
std::unique_ptr<Model<T>> make_lstm(const ModelShape& shape) {
  return std::make_unique<Lstm<T>>(shape);
}

template std::unique_ptr<Model<float>> make_lstm(const ModelShape&);
template std::unique_ptr<Model<double>> make_lstm(const ModelShape&);

}  // namespace groklab
