// Single ops on host buffers.
#include <algorithm>
#include <numeric>
#include <vector>

#include "abi/objects.h"
#include "abi/op_buffers.h"
#include "abi/optimizer.h"
#include "core/lists.h"

using namespace groklab;
using namespace groklab::abi;

namespace {

constexpr std::int64_t kMostExtent = INT32_MAX;

void check_extent(std::int64_t value, std::int64_t least, const char* name) {
  check_range(value, least, kMostExtent, name);
}

void check_indices(const std::int32_t* values, std::int64_t count, std::int64_t least,
                   std::int64_t bound, const char* name) {
  check_not_null(values, name);
  for (std::int64_t i = 0; i < count; ++i) {
    if (values[i] < least || values[i] >= bound) {
      invalid(std::string(name) + "[" + text(i) + "] is " + text(std::int64_t{values[i]}) +
              "; allowed are " + text(least) + " to " + text(bound - 1));
    }
  }
}

/// Calls f with a value of the op's real type.
template <class F>
void with_precision(std::uint32_t precision, F&& f) {
  check_range(precision, GROKLAB_FP32, GROKLAB_FP64, "op.precision");
  if (precision == GROKLAB_FP64) {
    f(double{});
  } else {
    f(float{});
  }
}

/// Looks the engine up, copies the op, and calls f(op, buffers, a real) inside the border.
template <class Op, class F>
groklab_status run_op(groklab_engine* engine, const Op* op, F&& f) noexcept {
  return guarded([&] {
    const auto object = engines().get(engine);
    const Op o = read_struct(op, "op");
    check_extent(o.replicas, 1, "op.replicas");
    OpBuffers buffers(object->chosen.backend);
    with_precision(o.precision, [&](auto real) { f(o, buffers, real); });
  });
}

/// Lists of the places in `keys` [replicas, count] that hold each of the values 0 … lists − 1.
Lists make_lists(OpBuffers& buffers, const std::int32_t* keys, std::int64_t replicas,
                 std::int64_t count, std::int64_t lists) {
  std::vector<std::int32_t> offsets(static_cast<std::size_t>(replicas * (lists + 1)));
  std::vector<std::int32_t> items(static_cast<std::size_t>(replicas * count));
  for (std::int64_t r = 0; r < replicas; ++r) {
    fill_lists({keys + r * count, static_cast<std::size_t>(count)}, lists,
               offsets.data() + r * (lists + 1), items.data() + r * count);
  }
  return {buffers.copy(offsets, replicas), buffers.copy(items, replicas)};
}

void check_row_op(std::int64_t rows, std::int64_t width) {
  check_extent(rows, 0, "op.rows");
  check_extent(width, 1, "op.width");
}

/// Runs run(ops, x, y).
template <class Run>
groklab_status run_activation_forward(groklab_engine* engine, const groklab_op_activation* op,
                                      Run run) noexcept {
  return run_op(engine, op, [&](const groklab_op_activation& o, OpBuffers& b, auto real) {
    using T = decltype(real);
    check_row_op(o.rows, o.width);
    const auto x = b.in<T>(o.x, o.replicas, o.rows, o.width, "op.x");
    const auto y = b.out<T>(o.y, o.replicas, o.rows, o.width, "op.y");
    b.run<T>([&](Ops<T>& ops) { run(ops, x, y); });
  });
}

/// Runs run(ops, x, dy, dx).
template <class Run>
groklab_status run_activation_backward(groklab_engine* engine, const groklab_op_activation* op,
                                       Run run) noexcept {
  return run_op(engine, op, [&](const groklab_op_activation& o, OpBuffers& b, auto real) {
    using T = decltype(real);
    check_row_op(o.rows, o.width);
    const auto x = b.in<T>(o.x, o.replicas, o.rows, o.width, "op.x");
    const auto dy = b.in<T>(o.dy, o.replicas, o.rows, o.width, "op.dy");
    const auto dx = b.out<T>(o.dx, o.replicas, o.rows, o.width, "op.dx");
    b.run<T>([&](Ops<T>& ops) { run(ops, x, dy, dx); });
  });
}

void check_linear(const groklab_op_linear& o) {
  check_extent(o.rows, 0, "op.rows");
  check_extent(o.in_features, 1, "op.in_features");
  check_extent(o.out_features, 1, "op.out_features");
}

void check_attention(const groklab_op_attention& o) {
  check_extent(o.queries, 0, "op.queries");
  check_extent(o.keys, 1, "op.keys");
  check_extent(o.path_length, 1, "op.path_length");
  check_extent(o.width, 1, "op.width");
  check_range(o.heads, 1, o.width, "op.heads");
  if (o.width % o.heads != 0) {
    invalid("op.heads is " + text(o.heads) + ", which does not divide the width " + text(o.width));
  }
  check_range(elements({o.queries, o.path_length}), 0, INT32_MAX,
              "op.queries times op.path_length");
  const std::int64_t entries = elements({o.replicas, o.queries, o.path_length});
  check_indices(o.path, entries, -1, o.keys, "op.path");
  for (std::int64_t n = 0; n < o.replicas * o.queries; ++n) {
    const std::int32_t* const path = o.path + n * o.path_length;
    if (std::all_of(path, path + o.path_length, [](std::int32_t key) { return key < 0; })) {
      invalid("op.path of query " + text(n) + " names no key; at least one is needed");
    }
  }
}

void check_embedding(const groklab_op_embedding& o) {
  check_row_op(o.rows, o.width);
  check_extent(o.vocabulary, 1, "op.vocabulary");
  check_extent(o.positions, 1, "op.positions");
  const std::int64_t rows = elements({o.replicas, o.rows});
  check_indices(o.tokens, rows, 0, o.vocabulary, "op.tokens");
  check_indices(o.position_of, rows, 0, o.positions, "op.position_of");
}

void check_image(const ImageShape& image) {
  check_extent(image.channels, 1, "op.channels");
  check_extent(image.height, 1, "op.height");
  check_extent(image.width, 1, "op.width");
  check_range(elements({image.height, image.width}), 1, kMostExtent, "op.height times op.width");
}

/// Extents of the op's x, checked, and everything else of its shape.
ImageShape image_of(const groklab_op_convolution& o) {
  const ImageShape image{o.channels, o.height, o.width};
  check_extent(o.rows, 0, "op.rows");
  check_image(image);
  check_extent(o.out_channels, 1, "op.out_channels");
  check_range(o.kernel, 1, 255, "op.kernel");
  if (o.kernel % 2 == 0) invalid("op.kernel is " + text(o.kernel) + "; it must be odd");
  return image;
}

ImageShape image_of(const groklab_op_max_pool& o) {
  const ImageShape image{o.channels, o.height, o.width};
  check_extent(o.rows, 0, "op.rows");
  check_image(image);
  return image;
}

/// Elements of an image of windows.
std::int64_t windows_of(const ImageShape& image) {
  return elements({image.channels, image.height / 2, image.width / 2});
}

}  // namespace

groklab_status groklab_op_linear_forward(groklab_engine* engine, const groklab_op_linear* op) {
  return run_op(engine, op, [](const groklab_op_linear& o, OpBuffers& b, auto real) {
    using T = decltype(real);
    check_linear(o);
    const std::int64_t r = o.replicas;
    const auto x = b.in<T>(o.x, r, o.rows, o.in_features, "op.x");
    const auto weight = b.in<T>(o.weight, r, o.out_features, o.in_features, "op.weight");
    Vectors<const T> bias;
    if (o.bias != nullptr) bias = b.in<T>(o.bias, r, o.out_features, "op.bias");
    const auto y = b.out<T>(o.y, r, o.rows, o.out_features, "op.y");
    b.run<T>([&](Ops<T>& ops) { ops.linear_forward(x, weight, bias, y); });
  });
}

groklab_status groklab_op_linear_backward(groklab_engine* engine, const groklab_op_linear* op) {
  return run_op(engine, op, [](const groklab_op_linear& o, OpBuffers& b, auto real) {
    using T = decltype(real);
    check_linear(o);
    const std::int64_t r = o.replicas;
    if (o.dbias != nullptr && o.dweight == nullptr) {
      invalid("op.dbias is wanted without op.dweight; they are computed together");
    }
    const auto dy = b.in<T>(o.dy, r, o.rows, o.out_features, "op.dy");
    Matrices<const T> x;
    Matrices<const T> weight;
    Matrices<T> dx;
    Matrices<T> dweight;
    Vectors<T> dbias;
    if (o.dx != nullptr) {
      weight = b.in<T>(o.weight, r, o.out_features, o.in_features, "op.weight");
      dx = b.out<T>(o.dx, r, o.rows, o.in_features, "op.dx");
    }
    if (o.dweight != nullptr) {
      x = b.in<T>(o.x, r, o.rows, o.in_features, "op.x");
      dweight = b.out<T>(o.dweight, r, o.out_features, o.in_features, "op.dweight");
    }
    if (o.dbias != nullptr) dbias = b.out<T>(o.dbias, r, o.out_features, "op.dbias");
    b.run<T>([&](Ops<T>& ops) {
      if (!dx.empty()) ops.linear_backward_input(dy, weight, dx, /*accumulate=*/false);
      if (!dweight.empty()) ops.linear_backward_weight(dy, x, dweight, dbias);
    });
  });
}

groklab_status groklab_op_layer_norm_forward(groklab_engine* engine,
                                             const groklab_op_layer_norm* op) {
  return run_op(engine, op, [](const groklab_op_layer_norm& o, OpBuffers& b, auto real) {
    using T = decltype(real);
    check_row_op(o.rows, o.width);
    check_not_negative(o.epsilon, "op.epsilon");
    const std::int64_t r = o.replicas;
    LayerNormForward<T> args;
    args.x = b.in<T>(o.x, r, o.rows, o.width, "op.x");
    if (o.residual != nullptr)
      args.residual = b.in<T>(o.residual, r, o.rows, o.width, "op.residual");
    args.gamma = b.in<T>(o.gamma, r, o.width, "op.gamma");
    args.beta = b.in<T>(o.beta, r, o.width, "op.beta");
    args.epsilon = o.epsilon;
    args.normalized = b.out<T>(o.normalized, r, o.rows, o.width, "op.normalized");
    args.inverse_deviation = b.out<T>(o.inverse_deviation, r, o.rows, "op.inverse_deviation");
    args.y = b.out<T>(o.y, r, o.rows, o.width, "op.y");
    b.run<T>([&](Ops<T>& ops) { ops.layer_norm_forward(args); });
  });
}

groklab_status groklab_op_layer_norm_backward(groklab_engine* engine,
                                              const groklab_op_layer_norm* op) {
  return run_op(engine, op, [](const groklab_op_layer_norm& o, OpBuffers& b, auto real) {
    using T = decltype(real);
    check_row_op(o.rows, o.width);
    const std::int64_t r = o.replicas;
    LayerNormBackward<T> args;
    args.dy = b.in<T>(o.dy, r, o.rows, o.width, "op.dy");
    args.normalized = b.in<T>(o.normalized, r, o.rows, o.width, "op.normalized");
    args.inverse_deviation = b.in<T>(o.inverse_deviation, r, o.rows, "op.inverse_deviation");
    args.gamma = b.in<T>(o.gamma, r, o.width, "op.gamma");
    args.dx = b.out<T>(o.dx, r, o.rows, o.width, "op.dx");
    args.dgamma = b.out<T>(o.dgamma, r, o.width, "op.dgamma");
    args.dbeta = b.out<T>(o.dbeta, r, o.width, "op.dbeta");
    b.run<T>([&](Ops<T>& ops) { ops.layer_norm_backward(args); });
  });
}

groklab_status groklab_op_gelu_forward(groklab_engine* engine, const groklab_op_activation* op) {
  return run_activation_forward(engine, op,
                                [](auto& ops, auto x, auto y) { ops.gelu_forward(x, y); });
}

groklab_status groklab_op_gelu_backward(groklab_engine* engine, const groklab_op_activation* op) {
  return run_activation_backward(
      engine, op, [](auto& ops, auto x, auto dy, auto dx) { ops.gelu_backward(x, dy, dx); });
}

groklab_status groklab_op_relu_forward(groklab_engine* engine, const groklab_op_activation* op) {
  return run_activation_forward(engine, op,
                                [](auto& ops, auto x, auto y) { ops.relu_forward(x, y); });
}

groklab_status groklab_op_relu_backward(groklab_engine* engine, const groklab_op_activation* op) {
  return run_activation_backward(
      engine, op, [](auto& ops, auto x, auto dy, auto dx) { ops.relu_backward(x, dy, dx); });
}

groklab_status groklab_op_lstm_cell_forward(groklab_engine* engine,
                                            const groklab_op_lstm_cell* op) {
  return run_op(engine, op, [](const groklab_op_lstm_cell& o, OpBuffers& b, auto real) {
    using T = decltype(real);
    check_row_op(o.rows, o.width);
    const std::int64_t r = o.replicas;
    const std::int64_t gates = elements({4, o.width});
    LstmCellForward<T> args;
    args.input = b.in<T>(o.input, r, o.rows, gates, "op.input");
    if (o.hidden != nullptr) args.hidden = b.in<T>(o.hidden, r, o.rows, gates, "op.hidden");
    if (o.previous_cell != nullptr) {
      args.previous_cell = b.in<T>(o.previous_cell, r, o.rows, o.width, "op.previous_cell");
    }
    args.bias = b.in<T>(o.bias, r, gates, "op.bias");
    args.gates = b.out<T>(o.gates, r, o.rows, gates, "op.gates");
    args.cell = b.out<T>(o.cell, r, o.rows, o.width, "op.cell");
    args.squashed_cell = b.out<T>(o.squashed_cell, r, o.rows, o.width, "op.squashed_cell");
    args.output = b.out<T>(o.output, r, o.rows, o.width, "op.output");
    b.run<T>([&](Ops<T>& ops) { ops.lstm_cell_forward(args); });
  });
}

groklab_status groklab_op_lstm_cell_backward(groklab_engine* engine,
                                             const groklab_op_lstm_cell* op) {
  return run_op(engine, op, [](const groklab_op_lstm_cell& o, OpBuffers& b, auto real) {
    using T = decltype(real);
    check_row_op(o.rows, o.width);
    const std::int64_t r = o.replicas;
    const std::int64_t gates = elements({4, o.width});
    LstmCellBackward<T> args;
    args.doutput = b.in<T>(o.doutput, r, o.rows, o.width, "op.doutput");
    if (o.dcell != nullptr) args.dcell = b.in<T>(o.dcell, r, o.rows, o.width, "op.dcell");
    args.gates = b.in<T>(o.gates, r, o.rows, gates, "op.gates");
    args.squashed_cell = b.in<T>(o.squashed_cell, r, o.rows, o.width, "op.squashed_cell");
    if (o.previous_cell != nullptr) {
      args.previous_cell = b.in<T>(o.previous_cell, r, o.rows, o.width, "op.previous_cell");
    }
    args.dgates = b.out<T>(o.dgates, r, o.rows, gates, "op.dgates");
    if (o.dprevious_cell != nullptr) {
      args.dprevious_cell = b.out<T>(o.dprevious_cell, r, o.rows, o.width, "op.dprevious_cell");
    }
    b.run<T>([&](Ops<T>& ops) { ops.lstm_cell_backward(args); });
  });
}

groklab_status groklab_op_attention_forward(groklab_engine* engine,
                                            const groklab_op_attention* op) {
  return run_op(engine, op, [](const groklab_op_attention& o, OpBuffers& b, auto real) {
    using T = decltype(real);
    check_attention(o);
    const std::int64_t r = o.replicas;
    AttentionForward<T> args;
    args.heads = o.heads;
    args.path = b.in<std::int32_t>(o.path, r, o.queries, o.path_length, "op.path");
    args.q = b.in<T>(o.q, r, o.queries, o.width, "op.q");
    args.k = b.in<T>(o.k, r, o.keys, o.width, "op.k");
    args.v = b.in<T>(o.v, r, o.keys, o.width, "op.v");
    args.weights = b.out<T>(o.weights, r, o.queries, o.heads * o.path_length, "op.weights");
    args.y = b.out<T>(o.y, r, o.queries, o.width, "op.y");
    b.run<T>([&](Ops<T>& ops) { ops.attention_forward(args); });
  });
}

groklab_status groklab_op_attention_backward(groklab_engine* engine,
                                             const groklab_op_attention* op) {
  return run_op(engine, op, [](const groklab_op_attention& o, OpBuffers& b, auto real) {
    using T = decltype(real);
    check_attention(o);
    const std::int64_t r = o.replicas;
    const std::int64_t weights = o.heads * o.path_length;
    AttentionBackward<T> args;
    args.heads = o.heads;
    args.path = b.in<std::int32_t>(o.path, r, o.queries, o.path_length, "op.path");
    args.uses = make_lists(b, o.path, r, o.queries * o.path_length, o.keys);
    args.q = b.in<T>(o.q, r, o.queries, o.width, "op.q");
    args.k = b.in<T>(o.k, r, o.keys, o.width, "op.k");
    args.v = b.in<T>(o.v, r, o.keys, o.width, "op.v");
    args.weights = b.in<T>(o.weights, r, o.queries, weights, "op.weights");
    args.dy = b.in<T>(o.dy, r, o.queries, o.width, "op.dy");
    args.dscores = b.scratch<T>(r, o.queries, weights);
    args.dq = b.out<T>(o.dq, r, o.queries, o.width, "op.dq");
    args.dk = b.out<T>(o.dk, r, o.keys, o.width, "op.dk");
    args.dv = b.out<T>(o.dv, r, o.keys, o.width, "op.dv");
    b.run<T>([&](Ops<T>& ops) { ops.attention_backward(args); });
  });
}

groklab_status groklab_op_cross_entropy_run(groklab_engine* engine,
                                            const groklab_op_cross_entropy* op) {
  return run_op(engine, op, [](const groklab_op_cross_entropy& o, OpBuffers& b, auto real) {
    using T = decltype(real);
    check_extent(o.rows, 0, "op.rows");
    check_extent(o.classes, 1, "op.classes");
    const std::int64_t r = o.replicas;
    const std::int64_t rows = elements({r, o.rows});
    check_indices(o.targets, rows, 0, o.classes, "op.targets");
    if (o.counts != nullptr) check_indices(o.counts, rows, 0, kMostExtent, "op.counts");
    CrossEntropy<T> args;
    args.logits = b.in<T>(o.logits, r, o.rows, o.classes, "op.logits");
    args.targets = b.in<std::int32_t>(o.targets, r, o.rows, "op.targets");
    args.counts = o.counts == nullptr
                      ? b.copy(std::vector<std::int32_t>(static_cast<std::size_t>(rows), 1), r)
                      : b.in<std::int32_t>(o.counts, r, o.rows, "op.counts");
    if (o.dlogits != nullptr) {
      args.dlogits = b.out<T>(o.dlogits, r, o.rows, o.classes, "op.dlogits");
    }
    args.loss = b.out<double>(o.losses, r, 1, "op.losses");
    args.correct = b.out<double>(o.correct, r, 1, "op.correct");
    args.row_results = b.scratch<double>(r, o.rows, 2);
    b.run<T>([&](Ops<T>& ops) { ops.cross_entropy(args); });
  });
}

groklab_status groklab_op_embedding_forward(groklab_engine* engine,
                                            const groklab_op_embedding* op) {
  return run_op(engine, op, [](const groklab_op_embedding& o, OpBuffers& b, auto real) {
    using T = decltype(real);
    check_embedding(o);
    const std::int64_t r = o.replicas;
    const auto tokens = b.in<std::int32_t>(o.tokens, r, o.rows, "op.tokens");
    const auto positions = b.in<std::int32_t>(o.position_of, r, o.rows, "op.position_of");
    const auto token_table = b.in<T>(o.token_table, r, o.vocabulary, o.width, "op.token_table");
    const auto position_table =
        b.in<T>(o.position_table, r, o.positions, o.width, "op.position_table");
    const auto y = b.out<T>(o.y, r, o.rows, o.width, "op.y");
    b.run<T>(
        [&](Ops<T>& ops) { ops.embedding(token_table, position_table, tokens, positions, y); });
  });
}

groklab_status groklab_op_embedding_backward(groklab_engine* engine,
                                             const groklab_op_embedding* op) {
  return run_op(engine, op, [](const groklab_op_embedding& o, OpBuffers& b, auto real) {
    using T = decltype(real);
    check_embedding(o);
    const std::int64_t r = o.replicas;
    const auto dy = b.in<T>(o.dy, r, o.rows, o.width, "op.dy");
    const Lists by_token = make_lists(b, o.tokens, r, o.rows, o.vocabulary);
    const Lists by_position = make_lists(b, o.position_of, r, o.rows, o.positions);
    const auto dtokens = b.out<T>(o.dtoken_table, r, o.vocabulary, o.width, "op.dtoken_table");
    const auto dpositions =
        b.out<T>(o.dposition_table, r, o.positions, o.width, "op.dposition_table");
    b.run<T>([&](Ops<T>& ops) {
      ops.sum_lists(dy, by_token, 1, dtokens);
      ops.sum_lists(dy, by_position, 1, dpositions);
    });
  });
}

groklab_status groklab_op_dropout_run(groklab_engine* engine, const groklab_op_dropout* op) {
  return run_op(engine, op, [](const groklab_op_dropout& o, OpBuffers& b, auto real) {
    using T = decltype(real);
    check_row_op(o.rows, o.width);
    check_range(o.reserved, 0, 0, "op.reserved");
    check_not_null(o.seeds, "op.seeds");
    check_not_null(o.steps, "op.steps");
    check_not_null(o.rates, "op.rates");
    // A mask's element number, divided by four, is 32 bits of the random numbers' counter.
    checked_product(o.rows, o.width, std::int64_t{1} << 34, "the number of elements of a mask");
    std::vector<DropoutKey> keys;
    for (std::int64_t r = 0; r < o.replicas; ++r) {
      check_range(o.steps[r], 0, INT64_MAX, "op.steps");
      check_interval(o.rates[r], 0, 1, "op.rates");
      keys.push_back({o.seeds[r], o.steps[r], o.rates[r]});
    }
    const auto x = b.in<T>(o.x, o.replicas, o.rows, o.width, "op.x");
    const auto y = b.out<T>(o.y, o.replicas, o.rows, o.width, "op.y");
    const auto device_keys = b.copy(keys, o.replicas);
    std::vector<std::int32_t> numbers(static_cast<std::size_t>(o.rows));
    std::iota(numbers.begin(), numbers.end(), 0);
    // All replicas number their rows alike: one array, with no step from replica to replica.
    Indices rows = b.copy(numbers, 1);
    rows.replicas = o.replicas;
    rows.replica_stride = 0;
    b.run<T>([&](Ops<T>& ops) { ops.dropout(device_keys, o.site, rows, x, y); });
  });
}

groklab_status groklab_op_optimizer_step(groklab_engine* engine, const groklab_op_optimizer* op) {
  return run_op(engine, op, [](const groklab_op_optimizer& o, OpBuffers& b, auto real) {
    using T = decltype(real);
    check_extent(o.parameters, 1, "op.parameters");
    check_not_null(o.steps, "op.steps");
    check_not_null(o.learning_rates, "op.learning_rates");
    const std::int64_t r = o.replicas;
    std::vector<OptimizerStep> steps;
    for (std::int64_t i = 0; i < r; ++i) {
      const auto options = read_element(o.optimizers, static_cast<std::size_t>(i), "op.optimizers");
      check_range(o.steps[i], 1, INT64_MAX, "op.steps");
      check_not_negative(o.learning_rates[i], "op.learning_rates");
      const std::string name = "op.optimizers[" + text(i) + "]";
      steps.push_back({read_optimizer(&options, name), o.steps[i], o.learning_rates[i]});
    }
    const auto any = [&](bool (Optimizer::*keeps)() const) {
      return std::ranges::any_of(
          steps, [&](const OptimizerStep& step) { return (step.optimizer.*keeps)(); });
    };
    const auto state = [&](void* host, bool kept, const char* name) {
      return kept ? b.in_out<T>(host, r, o.parameters, name) : Vectors<T>{};
    };
    const auto gradients = b.in<T>(o.gradients, r, o.parameters, "op.gradients");
    const auto values = b.in_out<T>(o.values, r, o.parameters, "op.values");
    const OptimizerState<T> kept{
        state(o.first_moments, any(&Optimizer::has_first_moments), "op.first_moments"),
        state(o.second_moments, any(&Optimizer::has_second_moments), "op.second_moments"),
        state(o.momentum, any(&Optimizer::has_momentum), "op.momentum")};
    const auto device_steps = b.copy(steps, r);
    Vectors<double> squares;
    if (any(&Optimizer::clips)) squares = flatten(b.scratch<double>(r, 1, 1));
    b.run<T>([&](Ops<T>& ops) {
      if (!squares.empty()) ops.sum_of_squares(gradients, squares);
      ops.optimizer_step(device_steps, gradients, squares, values, kept);
    });
  });
}

groklab_status groklab_op_convolution_forward(groklab_engine* engine,
                                              const groklab_op_convolution* op) {
  return run_op(engine, op, [](const groklab_op_convolution& o, OpBuffers& b, auto real) {
    using T = decltype(real);
    const std::int64_t r = o.replicas;
    ConvolutionForward<T> args;
    args.image = image_of(o);
    args.kernel = o.kernel;
    args.x = b.in<T>(o.x, r, o.rows, elements({o.channels, o.height, o.width}), "op.x");
    args.weight = b.in<T>(o.weight, r, o.out_channels, elements({o.channels, o.kernel, o.kernel}),
                          "op.weight");
    if (o.bias != nullptr) args.bias = b.in<T>(o.bias, r, o.out_channels, "op.bias");
    args.y = b.out<T>(o.y, r, o.rows, elements({o.out_channels, o.height, o.width}), "op.y");
    b.run<T>([&](Ops<T>& ops) {
      args.scratch = b.scratch<T>(ops.scratch(args));
      ops.convolution_forward(args);
    });
  });
}

groklab_status groklab_op_convolution_backward(groklab_engine* engine,
                                               const groklab_op_convolution* op) {
  return run_op(engine, op, [](const groklab_op_convolution& o, OpBuffers& b, auto real) {
    using T = decltype(real);
    const ImageShape image = image_of(o);
    const std::int64_t r = o.replicas;
    const std::int64_t size = elements({o.channels, o.height, o.width});
    const std::int64_t patch = elements({o.channels, o.kernel, o.kernel});
    if (o.dbias != nullptr && o.dweight == nullptr) {
      invalid("op.dbias is wanted without op.dweight; they are computed together");
    }
    const auto dy =
        b.in<T>(o.dy, r, o.rows, elements({o.out_channels, o.height, o.width}), "op.dy");
    ConvolutionBackwardInput<T> input{image, o.kernel, dy, {}, {}, {}};
    ConvolutionBackwardWeight<T> weight{image, o.kernel, dy, {}, {}, {}, {}};
    if (o.dx != nullptr) {
      input.weight = b.in<T>(o.weight, r, o.out_channels, patch, "op.weight");
      input.dx = b.out<T>(o.dx, r, o.rows, size, "op.dx");
    }
    if (o.dweight != nullptr) {
      weight.x = b.in<T>(o.x, r, o.rows, size, "op.x");
      weight.dweight = b.out<T>(o.dweight, r, o.out_channels, patch, "op.dweight");
    }
    if (o.dbias != nullptr) weight.dbias = b.out<T>(o.dbias, r, o.out_channels, "op.dbias");
    b.run<T>([&](Ops<T>& ops) {
      if (!input.dx.empty()) {
        input.scratch = b.scratch<T>(ops.scratch(input));
        ops.convolution_backward_input(input);
      }
      if (!weight.dweight.empty()) {
        weight.scratch = b.scratch<T>(ops.scratch(weight));
        ops.convolution_backward_weight(weight);
      }
    });
  });
}

groklab_status groklab_op_max_pool_forward(groklab_engine* engine, const groklab_op_max_pool* op) {
  return run_op(engine, op, [](const groklab_op_max_pool& o, OpBuffers& b, auto real) {
    using T = decltype(real);
    const std::int64_t r = o.replicas;
    MaxPoolForward<T> args;
    args.image = image_of(o);
    const std::int64_t windows = windows_of(args.image);
    args.x = b.in<T>(o.x, r, o.rows, elements({o.channels, o.height, o.width}), "op.x");
    args.winners = b.out<std::int32_t>(o.winners, r, o.rows, windows, "op.winners");
    args.y = b.out<T>(o.y, r, o.rows, windows, "op.y");
    b.run<T>([&](Ops<T>& ops) { ops.max_pool_forward(args); });
  });
}

groklab_status groklab_op_max_pool_backward(groklab_engine* engine, const groklab_op_max_pool* op) {
  return run_op(engine, op, [](const groklab_op_max_pool& o, OpBuffers& b, auto real) {
    using T = decltype(real);
    const std::int64_t r = o.replicas;
    MaxPoolBackward<T> args;
    args.image = image_of(o);
    const std::int64_t windows = windows_of(args.image);
    check_indices(o.winners, elements({r, o.rows, windows}), 0, 4, "op.winners");
    args.dy = b.in<T>(o.dy, r, o.rows, windows, "op.dy");
    args.winners = b.in<std::int32_t>(o.winners, r, o.rows, windows, "op.winners");
    args.dx = b.out<T>(o.dx, r, o.rows, elements({o.channels, o.height, o.width}), "op.dx");
    b.run<T>([&](Ops<T>& ops) { ops.max_pool_backward(args); });
  });
}
