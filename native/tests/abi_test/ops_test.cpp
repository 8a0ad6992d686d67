// Single ops: good calls compute, bad ones name what is wrong and write nothing.
#include <cmath>
#include <limits>
#include <utility>

#include "abi_test/expect.h"

namespace groklab::test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kUntouched = 77;

/// What an output held before the call.
std::vector<double> blank(std::size_t size) { return std::vector<double>(size, kUntouched); }

std::vector<double> ramp(std::size_t size) {
  std::vector<double> values(size);
  for (std::size_t i = 0; i < size; ++i) values[i] = std::sin(static_cast<double>(i + 1));
  return values;
}

template <class Op>
using Function = groklab_status (*)(groklab_engine*, const Op*);

/// A good call of an op, and changes of it that must be refused.
template <class Op>
class OpTest {
 public:
  OpTest(Function<Op> function, Op good, std::vector<const std::vector<double>*> outputs)
      : function_(function), good_(good), outputs_(std::move(outputs)) {
    good_.struct_size = sizeof good_;
    good_.precision = GROKLAB_FP64;
  }

  template <class Change>
  void fails(Change change, const char* words) const {
    Op op = good_;
    change(op);
    CHECK_FAILS(function_(engine_.get(), &op), GROKLAB_INVALID_ARGUMENT, words);
    CHECK(untouched());
  }

  /// What every op refuses; then that the good call is one.
  void fails_as_all_do() const {
    CHECK_FAILS(function_(nullptr, &good_), GROKLAB_INVALID_HANDLE, "null");
    uint64_t foreign[4] = {};
    CHECK_FAILS(function_(reinterpret_cast<groklab_engine*>(foreign), &good_),
                GROKLAB_INVALID_HANDLE, "engine");
    CHECK_FAILS(function_(engine_.get(), nullptr), GROKLAB_INVALID_ARGUMENT, "null");
    fails([](Op& o) { o.struct_size = 0; }, "struct_size is 0");
    fails([](Op& o) { o.struct_size = 100000; }, "struct_size is 100000");
    fails([](Op& o) { o.precision = 2; }, "precision is 2");
    fails([](Op& o) { o.replicas = 0; }, "replicas is 0");
    fails([](Op& o) { o.replicas = -1; }, "replicas is -1");
    fails([](Op& o) { o.replicas = int64_t{1} << 62; }, "4611686018427387904");
  }

  void succeeds() const {
    CHECK_OK(function_(engine_.get(), &good_));
    for (const std::vector<double>* output : outputs_) {
      for (const double value : *output) CHECK(std::isfinite(value) && value != kUntouched);
    }
  }

  [[nodiscard]] bool untouched() const {
    for (const std::vector<double>* output : outputs_) {
      for (const double value : *output) {
        if (value != kUntouched) return false;
      }
    }
    return true;
  }

 private:
  EngineHandle engine_ = open_engine(Compute{}, 1);
  Function<Op> function_;
  Op good_;
  std::vector<const std::vector<double>*> outputs_;
};

/// A call with no rows writes only sums, which are 0.
template <class Op>
void check_empty(Function<Op> function, Op op) {
  const EngineHandle engine = open_engine(Compute{}, 2);
  op.struct_size = sizeof op;
  op.precision = GROKLAB_FP64;
  CHECK_OK(function(engine.get(), &op));
}

}  // namespace

TEST(linear_op) {
  using Op = groklab_op_linear;
  const auto x = ramp(2 * 3 * 4);
  const auto weight = ramp(2 * 5 * 4);
  const auto bias = ramp(2 * 5);
  const auto dy = ramp(2 * 3 * 5);
  auto y = blank(2 * 3 * 5);
  auto dx = blank(2 * 3 * 4);
  auto dweight = blank(2 * 5 * 4);
  auto dbias = blank(2 * 5);
  Op op{};
  op.replicas = 2;
  op.rows = 3;
  op.in_features = 4;
  op.out_features = 5;
  op.x = x.data();
  op.weight = weight.data();
  op.bias = bias.data();
  op.y = y.data();
  op.dy = dy.data();
  op.dx = dx.data();
  op.dweight = dweight.data();
  op.dbias = dbias.data();

  const OpTest<Op> forward(groklab_op_linear_forward, op, {&y, &dx, &dweight, &dbias});
  forward.fails_as_all_do();
  forward.fails([](Op& o) { o.rows = -1; }, "rows is -1");
  forward.fails([](Op& o) { o.in_features = 0; }, "in_features is 0");
  forward.fails([](Op& o) { o.out_features = -2; }, "out_features is -2");
  forward.fails([](Op& o) { o.x = nullptr; }, "x is null");
  forward.fails([](Op& o) { o.weight = nullptr; }, "weight is null");
  forward.fails([](Op& o) { o.y = nullptr; }, "y is null");
  forward.fails([](Op& o) { o.rows = o.in_features = o.out_features = 1 << 30; }, "1073741824");
  const OpTest<Op> backward(groklab_op_linear_backward, op, {&y, &dx, &dweight, &dbias});
  backward.fails_as_all_do();
  backward.fails([](Op& o) { o.dy = nullptr; }, "dy is null");
  backward.fails([](Op& o) { o.x = nullptr; }, "x is null");
  backward.fails([](Op& o) { o.weight = nullptr; }, "weight is null");

  OpTest<Op>(groklab_op_linear_forward, op, {&y}).succeeds();
  double expected = bias[9];  // the last element of the last replica
  for (std::size_t i = 0; i < 4; ++i) expected += x[20 + i] * weight[36 + i];
  CHECK(std::abs(y[29] - expected) <= 1e-15);
  OpTest<Op>(groklab_op_linear_backward, op, {&dx, &dweight, &dbias}).succeeds();
  Op no_rows = op;
  no_rows.rows = 0;
  check_empty(groklab_op_linear_backward, no_rows);
  for (const double g : dweight) CHECK_EQUAL(g, 0.0);
  for (const double g : dbias) CHECK_EQUAL(g, 0.0);
}

TEST(layer_norm_op) {
  using Op = groklab_op_layer_norm;
  const auto x = ramp(2 * 3 * 4);
  const auto gamma = ramp(2 * 4);
  const auto beta = ramp(2 * 4);
  auto normalized = blank(2 * 3 * 4);
  auto deviation = blank(2 * 3);
  auto y = blank(2 * 3 * 4);
  auto dx = blank(2 * 3 * 4);
  auto dgamma = blank(2 * 4);
  auto dbeta = blank(2 * 4);
  Op op{};
  op.replicas = 2;
  op.rows = 3;
  op.width = 4;
  op.epsilon = 1e-5;
  op.x = x.data();
  op.gamma = gamma.data();
  op.beta = beta.data();
  op.normalized = normalized.data();
  op.inverse_deviation = deviation.data();
  op.y = y.data();
  op.dy = x.data();
  op.dx = dx.data();
  op.dgamma = dgamma.data();
  op.dbeta = dbeta.data();

  const OpTest<Op> forward(groklab_op_layer_norm_forward, op, {&normalized, &deviation, &y});
  forward.fails_as_all_do();
  forward.fails([](Op& o) { o.rows = -3; }, "rows is -3");
  forward.fails([](Op& o) { o.width = 0; }, "width is 0");
  forward.fails([](Op& o) { o.epsilon = -1; }, "epsilon is -1");
  forward.fails([](Op& o) { o.epsilon = kNan; }, "epsilon is nan");
  forward.fails([](Op& o) { o.x = nullptr; }, "x is null");
  forward.fails([](Op& o) { o.gamma = nullptr; }, "gamma is null");
  forward.fails([](Op& o) { o.beta = nullptr; }, "beta is null");
  forward.fails([](Op& o) { o.normalized = nullptr; }, "normalized is null");
  forward.fails([](Op& o) { o.inverse_deviation = nullptr; }, "inverse_deviation is null");
  forward.fails([](Op& o) { o.y = nullptr; }, "y is null");
  forward.succeeds();
  const OpTest<Op> backward(groklab_op_layer_norm_backward, op, {&dx, &dgamma, &dbeta});
  backward.fails_as_all_do();
  backward.fails([](Op& o) { o.dy = nullptr; }, "dy is null");
  backward.fails([](Op& o) { o.dx = nullptr; }, "dx is null");
  backward.fails([](Op& o) { o.dgamma = nullptr; }, "dgamma is null");
  backward.fails([](Op& o) { o.dbeta = nullptr; }, "dbeta is null");
  backward.succeeds();
  Op no_rows = op;
  no_rows.rows = 0;
  check_empty(groklab_op_layer_norm_backward, no_rows);
  for (const double g : dgamma) CHECK_EQUAL(g, 0.0);
}

namespace {

using Activation = Function<groklab_op_activation>;

/// An activation whose value and slope at x are those given.
void check_activation(Activation forward_call, Activation backward_call, double (*value)(double),
                      double (*slope)(double)) {
  using Op = groklab_op_activation;
  const auto x = ramp(2 * 3 * 4);
  auto y = blank(2 * 3 * 4);
  auto dx = blank(2 * 3 * 4);
  Op op{};
  op.replicas = 2;
  op.rows = 3;
  op.width = 4;
  op.x = x.data();
  op.y = y.data();
  op.dy = x.data();
  op.dx = dx.data();
  const OpTest<Op> forward(forward_call, op, {&y});
  forward.fails_as_all_do();
  forward.fails([](Op& o) { o.rows = -1; }, "rows is -1");
  forward.fails([](Op& o) { o.width = 0; }, "width is 0");
  forward.fails([](Op& o) { o.x = nullptr; }, "x is null");
  forward.fails([](Op& o) { o.y = nullptr; }, "y is null");
  forward.succeeds();
  const OpTest<Op> backward(backward_call, op, {&dx});
  backward.fails_as_all_do();
  backward.fails([](Op& o) { o.x = nullptr; }, "x is null");
  backward.fails([](Op& o) { o.dy = nullptr; }, "dy is null");
  backward.fails([](Op& o) { o.dx = nullptr; }, "dx is null");
  backward.succeeds();
  for (std::size_t i = 0; i < x.size(); ++i) {
    CHECK(std::abs(y[i] - value(x[i])) <= 1e-15);
    CHECK(std::abs(dx[i] - x[i] * slope(x[i])) <= 1e-15);
  }
  Op no_rows = op;
  no_rows.rows = 0;
  check_empty(forward_call, no_rows);
  check_empty(backward_call, no_rows);
}

double distribution(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }
double density(double x) { return std::exp(-0.5 * x * x) / std::sqrt(2 * std::acos(-1.0)); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

TEST(gelu_op) {
  check_activation(
      groklab_op_gelu_forward, groklab_op_gelu_backward,
      [](double x) { return x * distribution(x); },
      [](double x) { return distribution(x) + x * density(x); });
}

TEST(relu_op) {
  check_activation(
      groklab_op_relu_forward, groklab_op_relu_backward, [](double x) { return x > 0 ? x : 0; },
      [](double x) { return x > 0 ? 1.0 : 0.0; });
}

TEST(lstm_cell_op) {
  using Op = groklab_op_lstm_cell;
  constexpr std::size_t kCells = 2 * 3 * 5;
  const auto ramped = ramp(4 * kCells);
  auto gates = blank(4 * kCells);
  auto cell = blank(kCells);
  auto squashed = blank(kCells);
  auto output = blank(kCells);
  auto dgates = blank(4 * kCells);
  auto dprevious = blank(kCells);
  Op op{};
  op.replicas = 2;
  op.rows = 3;
  op.width = 5;
  op.input = op.hidden = op.bias = op.previous_cell = ramped.data();
  op.gates = gates.data();
  op.cell = cell.data();
  op.squashed_cell = squashed.data();
  op.output = output.data();
  op.doutput = op.dcell = ramped.data();
  op.dgates = dgates.data();
  op.dprevious_cell = dprevious.data();
  const OpTest<Op> forward(groklab_op_lstm_cell_forward, op, {&gates, &cell, &squashed, &output});
  forward.fails_as_all_do();
  forward.fails([](Op& o) { o.rows = -1; }, "rows is -1");
  forward.fails([](Op& o) { o.width = 0; }, "width is 0");
  forward.fails([](Op& o) { o.input = nullptr; }, "input is null");
  forward.fails([](Op& o) { o.bias = nullptr; }, "bias is null");
  forward.fails([](Op& o) { o.gates = nullptr; }, "gates is null");
  forward.fails([](Op& o) { o.cell = nullptr; }, "cell is null");
  forward.fails([](Op& o) { o.squashed_cell = nullptr; }, "squashed_cell is null");
  forward.fails([](Op& o) { o.output = nullptr; }, "output is null");
  forward.succeeds();
  const auto a = [&](std::size_t gate) { return 2 * ramped[gate * 5] + ramped[gate * 5]; };
  const double c = sigmoid(a(1)) * ramped[0] + sigmoid(a(0)) * std::tanh(a(2));
  CHECK(std::abs(cell[0] - c) <= 1e-15);
  CHECK(std::abs(output[0] - sigmoid(a(3)) * std::tanh(c)) <= 1e-15);

  const OpTest<Op> backward(groklab_op_lstm_cell_backward, op, {&dgates, &dprevious});
  backward.fails_as_all_do();
  backward.fails([](Op& o) { o.doutput = nullptr; }, "doutput is null");
  backward.fails([](Op& o) { o.gates = nullptr; }, "gates is null");
  backward.fails([](Op& o) { o.squashed_cell = nullptr; }, "squashed_cell is null");
  backward.fails([](Op& o) { o.dgates = nullptr; }, "dgates is null");
  backward.succeeds();
  const double dc = ramped[0] + ramped[0] * sigmoid(a(3)) * (1 - std::tanh(c) * std::tanh(c));
  CHECK(std::abs(dprevious[0] - dc * sigmoid(a(1))) <= 1e-15);

  // A first step: no hidden state, no cell state, and nobody asks for its gradient.
  Op first = op;
  first.struct_size = sizeof first;
  first.precision = GROKLAB_FP64;
  first.hidden = first.previous_cell = first.dcell = first.dprevious_cell = nullptr;
  const EngineHandle engine = open_engine(Compute{}, 1);
  CHECK_OK(groklab_op_lstm_cell_forward(engine.get(), &first));
  const auto b = [&](std::size_t gate) { return ramped[gate * 5] + ramped[gate * 5]; };
  CHECK(std::abs(cell[0] - sigmoid(b(0)) * std::tanh(b(2))) <= 1e-15);
  CHECK_OK(groklab_op_lstm_cell_backward(engine.get(), &first));
  CHECK_EQUAL(dgates[5], 0.0);  // nothing was there to be forgotten
  Op no_rows = op;
  no_rows.rows = 0;
  check_empty(groklab_op_lstm_cell_forward, no_rows);
  check_empty(groklab_op_lstm_cell_backward, no_rows);
}

TEST(attention_op) {
  using Op = groklab_op_attention;
  // One replica; two queries, three keys, paths of two, two heads of width two.
  const auto q = ramp(2 * 4);
  const auto k = ramp(3 * 4);
  std::vector<int32_t> path = {0, -1, 2, 1};
  auto weights = blank(2 * 2 * 2);
  auto y = blank(2 * 4);
  auto dq = blank(2 * 4);
  auto dk = blank(3 * 4);
  auto dv = blank(3 * 4);
  Op op{};
  op.replicas = 1;
  op.queries = 2;
  op.keys = 3;
  op.path_length = 2;
  op.heads = 2;
  op.width = 4;
  op.path = path.data();
  op.q = q.data();
  op.k = k.data();
  op.v = k.data();
  op.weights = weights.data();
  op.y = y.data();
  op.dy = q.data();
  op.dq = dq.data();
  op.dk = dk.data();
  op.dv = dv.data();
  const OpTest<Op> forward(groklab_op_attention_forward, op, {&weights, &y});
  forward.fails_as_all_do();
  forward.fails([](Op& o) { o.queries = -1; }, "queries is -1");
  forward.fails([](Op& o) { o.keys = 0; }, "keys is 0");
  forward.fails([](Op& o) { o.path_length = 0; }, "path_length is 0");
  forward.fails([](Op& o) { o.heads = 0; }, "heads is 0");
  forward.fails([](Op& o) { o.heads = 3; }, "heads is 3");
  forward.fails([](Op& o) { o.width = 0; }, "width is 0");
  forward.fails([](Op& o) { o.path = nullptr; }, "path is null");
  forward.fails([](Op& o) { o.q = nullptr; }, "q is null");
  forward.fails([](Op& o) { o.k = nullptr; }, "k is null");
  forward.fails([](Op& o) { o.v = nullptr; }, "v is null");
  forward.fails([](Op& o) { o.weights = nullptr; }, "weights is null");
  forward.fails([](Op& o) { o.y = nullptr; }, "y is null");
  path[2] = 3;
  forward.fails([](Op&) {}, "path[2] is 3");
  path[2] = -2;
  forward.fails([](Op&) {}, "path[2] is -2");
  path[2] = path[3] = -1;
  forward.fails([](Op&) {}, "query 1");
  path[2] = 2;
  path[3] = 1;
  forward.succeeds();
  CHECK_EQUAL(weights[0], 1.0);  // the first query has one key
  CHECK_EQUAL(weights[1], 0.0);
  CHECK_EQUAL(y[0], k[0]);
  const OpTest<Op> backward(groklab_op_attention_backward, op, {&dq, &dk, &dv});
  backward.fails_as_all_do();
  backward.fails([](Op& o) { o.dy = nullptr; }, "dy is null");
  backward.fails([](Op& o) { o.dq = nullptr; }, "dq is null");
  backward.fails([](Op& o) { o.dk = nullptr; }, "dk is null");
  backward.fails([](Op& o) { o.dv = nullptr; }, "dv is null");
  backward.succeeds();
  Op no_queries = op;
  no_queries.queries = 0;
  check_empty(groklab_op_attention_backward, no_queries);
  for (const double g : dk) CHECK_EQUAL(g, 0.0);
}

TEST(cross_entropy_op) {
  using Op = groklab_op_cross_entropy;
  const auto logits = ramp(2 * 3 * 4);
  std::vector<int32_t> targets = {0, 1, 2, 3, 2, 1};
  std::vector<int32_t> counts = {1, 2, 3, 0, 0, 1};
  auto dlogits = blank(2 * 3 * 4);
  auto losses = blank(2);
  auto correct = blank(2);
  Op op{};
  op.replicas = 2;
  op.rows = 3;
  op.classes = 4;
  op.logits = logits.data();
  op.targets = targets.data();
  op.counts = counts.data();
  op.dlogits = dlogits.data();
  op.losses = losses.data();
  op.correct = correct.data();
  const OpTest<Op> run(groklab_op_cross_entropy_run, op, {&dlogits, &losses, &correct});
  run.fails_as_all_do();
  run.fails([](Op& o) { o.rows = -1; }, "rows is -1");
  run.fails([](Op& o) { o.classes = 0; }, "classes is 0");
  run.fails([](Op& o) { o.logits = nullptr; }, "logits is null");
  run.fails([](Op& o) { o.targets = nullptr; }, "targets is null");
  run.fails([](Op& o) { o.losses = nullptr; }, "losses is null");
  run.fails([](Op& o) { o.correct = nullptr; }, "correct is null");
  targets[5] = 4;
  run.fails([](Op&) {}, "targets[5] is 4");
  targets[5] = -1;
  run.fails([](Op&) {}, "targets[5] is -1");
  targets[5] = 1;
  counts[4] = -1;
  run.fails([](Op&) {}, "counts[4] is -1");
  counts[4] = 0;
  run.succeeds();
  const EngineHandle engine = open_engine(Compute{}, 1);
  op.struct_size = sizeof op;
  op.precision = GROKLAB_FP64;
  // Without counts every row stands for one; without a gradient the loss is the same.
  std::vector<int32_t> ones(6, 1);
  op.counts = ones.data();
  CHECK_OK(groklab_op_cross_entropy_run(engine.get(), &op));
  const std::vector<double> expected = losses;
  op.counts = nullptr;
  op.dlogits = nullptr;
  CHECK_OK(groklab_op_cross_entropy_run(engine.get(), &op));
  CHECK(losses == expected);
  op.rows = 0;
  CHECK_OK(groklab_op_cross_entropy_run(engine.get(), &op));
  CHECK_EQUAL(losses[0], 0.0);
  CHECK_EQUAL(correct[1], 0.0);
}

TEST(embedding_op) {
  using Op = groklab_op_embedding;
  const auto table = ramp(2 * 4 * 3);
  const auto positions = ramp(2 * 2 * 3);
  const auto dy = ramp(2 * 5 * 3);
  std::vector<int32_t> tokens = {0, 1, 2, 3, 3, 0, 0, 0, 1, 2};
  std::vector<int32_t> position_of = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
  auto y = blank(2 * 5 * 3);
  auto dtable = blank(2 * 4 * 3);
  auto dpositions = blank(2 * 2 * 3);
  Op op{};
  op.replicas = 2;
  op.rows = 5;
  op.vocabulary = 4;
  op.positions = 2;
  op.width = 3;
  op.tokens = tokens.data();
  op.position_of = position_of.data();
  op.token_table = table.data();
  op.position_table = positions.data();
  op.y = y.data();
  op.dy = dy.data();
  op.dtoken_table = dtable.data();
  op.dposition_table = dpositions.data();
  const OpTest<Op> forward(groklab_op_embedding_forward, op, {&y});
  forward.fails_as_all_do();
  forward.fails([](Op& o) { o.rows = -1; }, "rows is -1");
  forward.fails([](Op& o) { o.vocabulary = 0; }, "vocabulary is 0");
  forward.fails([](Op& o) { o.positions = 0; }, "positions is 0");
  forward.fails([](Op& o) { o.width = 0; }, "width is 0");
  forward.fails([](Op& o) { o.tokens = nullptr; }, "tokens is null");
  forward.fails([](Op& o) { o.position_of = nullptr; }, "position_of is null");
  forward.fails([](Op& o) { o.token_table = nullptr; }, "token_table is null");
  forward.fails([](Op& o) { o.position_table = nullptr; }, "position_table is null");
  forward.fails([](Op& o) { o.y = nullptr; }, "y is null");
  tokens[9] = 4;
  forward.fails([](Op&) {}, "tokens[9] is 4");
  tokens[9] = 2;
  position_of[0] = -1;
  forward.fails([](Op&) {}, "position_of[0] is -1");
  position_of[0] = 0;
  forward.succeeds();
  CHECK_EQUAL(y[5], table[5] + positions[5]);
  const OpTest<Op> backward(groklab_op_embedding_backward, op, {&dtable, &dpositions});
  backward.fails_as_all_do();
  backward.fails([](Op& o) { o.dy = nullptr; }, "dy is null");
  backward.fails([](Op& o) { o.dtoken_table = nullptr; }, "dtoken_table is null");
  backward.fails([](Op& o) { o.dposition_table = nullptr; }, "dposition_table is null");
  backward.succeeds();
  CHECK(std::abs(dtable[9] - (dy[9] + dy[12])) <= 1e-15);  // token 3 occurs twice
  Op no_rows = op;
  no_rows.rows = 0;
  check_empty(groklab_op_embedding_backward, no_rows);
  for (const double g : dtable) CHECK_EQUAL(g, 0.0);
}

TEST(dropout_op) {
  using Op = groklab_op_dropout;
  const auto x = ramp(2 * 3 * 4);
  std::vector<uint64_t> seeds = {1, 2};
  std::vector<int64_t> steps = {0, 9};
  std::vector<double> rates = {0.5, 0};
  auto y = blank(2 * 3 * 4);
  Op op{};
  op.replicas = 2;
  op.rows = 3;
  op.width = 4;
  op.site = 1;
  op.seeds = seeds.data();
  op.steps = steps.data();
  op.rates = rates.data();
  op.x = x.data();
  op.y = y.data();
  const OpTest<Op> run(groklab_op_dropout_run, op, {&y});
  run.fails_as_all_do();
  run.fails([](Op& o) { o.rows = -1; }, "rows is -1");
  run.fails([](Op& o) { o.width = 0; }, "width is 0");
  run.fails([](Op& o) { o.reserved = 4; }, "reserved is 4");
  run.fails([](Op& o) { o.seeds = nullptr; }, "seeds is null");
  run.fails([](Op& o) { o.steps = nullptr; }, "steps is null");
  run.fails([](Op& o) { o.rates = nullptr; }, "rates is null");
  run.fails([](Op& o) { o.x = nullptr; }, "x is null");
  run.fails([](Op& o) { o.y = nullptr; }, "y is null");
  steps[1] = -1;
  run.fails([](Op&) {}, "-1");
  steps[1] = 9;
  rates[1] = 1;
  run.fails([](Op&) {}, "is 1");
  rates[1] = kNan;
  run.fails([](Op&) {}, "nan");
  rates[1] = 0;
  run.succeeds();
  for (std::size_t i = 0; i < 12; ++i) {
    CHECK(y[i] == 0 || y[i] == 2 * x[i]);
    CHECK_EQUAL(y[12 + i], x[12 + i]);
  }
}

TEST(optimizer_op) {
  using Op = groklab_op_optimizer;
  const auto gradients = ramp(4 * 3);
  std::vector<groklab_optimizer_options> optimizers = {adamw(), sgd(0.9), rmsprop(0.5, true),
                                                       adam()};
  optimizers[1].clip_norm = 0.01;
  std::vector<int64_t> steps = {1, 2, 3, 4};
  std::vector<double> rates = {0.1, 0.1, 0.1, 0.1};
  auto values = blank(12);
  auto first = blank(12);
  auto second = blank(12);
  auto momentum = blank(12);
  Op op{};
  op.replicas = 4;
  op.parameters = 3;
  op.optimizers = optimizers.data();
  op.steps = steps.data();
  op.learning_rates = rates.data();
  op.gradients = gradients.data();
  op.values = values.data();
  op.first_moments = first.data();
  op.second_moments = second.data();
  op.momentum = momentum.data();
  const OpTest<Op> step(groklab_op_optimizer_step, op, {&values, &first, &second, &momentum});
  step.fails_as_all_do();
  step.fails([](Op& o) { o.parameters = 0; }, "parameters is 0");
  step.fails([](Op& o) { o.optimizers = nullptr; }, "optimizers is null");
  step.fails([](Op& o) { o.steps = nullptr; }, "steps is null");
  step.fails([](Op& o) { o.learning_rates = nullptr; }, "learning_rates is null");
  step.fails([](Op& o) { o.gradients = nullptr; }, "gradients is null");
  step.fails([](Op& o) { o.values = nullptr; }, "values is null");
  step.fails([](Op& o) { o.first_moments = nullptr; }, "first_moments is null");
  step.fails([](Op& o) { o.second_moments = nullptr; }, "second_moments is null");
  step.fails([](Op& o) { o.momentum = nullptr; }, "momentum is null");
  const auto fails_with = [&](auto& value, auto bad, const char* words) {
    const auto good = std::exchange(value, bad);
    step.fails([](Op&) {}, words);
    value = good;
  };
  fails_with(steps[1], 0, "steps is 0");
  fails_with(rates[1], -1.0, "learning_rates is -1");
  fails_with(rates[1], kNan, "learning_rates is nan");
  fails_with(optimizers[3].beta1, 1.0, "optimizers[3].beta1 is 1");
  fails_with(optimizers[1].struct_size, 8u, "optimizers[1].struct_size is 8");
  fails_with(optimizers[2].epsilon, -1.0, "optimizers[2].epsilon is -1");
  const EngineHandle engine = open_engine(Compute{}, 1);
  op.struct_size = sizeof op;
  op.precision = GROKLAB_FP64;
  CHECK_OK(groklab_op_optimizer_step(engine.get(), &op));
  CHECK(std::abs(first[0] - (0.9 * kUntouched + 0.1 * gradients[0])) <= 1e-13);
  // What an optimizer does not keep stays as it was.
  for (std::size_t i = 3; i < 6; ++i) {
    CHECK_EQUAL(first[i], kUntouched);
    CHECK_EQUAL(second[i], kUntouched);
  }
  for (const std::size_t i : {0, 1, 2, 9, 10, 11}) CHECK_EQUAL(momentum[i], kUntouched);
  double norm = 0;
  for (std::size_t i = 3; i < 6; ++i) norm += gradients[i] * gradients[i];
  const double clipped = gradients[3] * 0.01 / (std::sqrt(norm) + 1e-6);
  CHECK(std::abs(momentum[3] - (0.9 * kUntouched + clipped + 1e-3 * kUntouched)) <= 1e-13);

  // Buffers that nobody keeps may be missing.
  const groklab_optimizer_options plain = sgd();
  Op alone = op;
  alone.replicas = 1;
  alone.optimizers = &plain;
  alone.first_moments = alone.second_moments = alone.momentum = nullptr;
  const double before = values[0];
  CHECK_OK(groklab_op_optimizer_step(engine.get(), &alone));
  CHECK(std::abs(values[0] - (before - 0.1 * (gradients[0] + 1e-3 * before))) <= 1e-13);
}

TEST(convolution_op) {
  using Op = groklab_op_convolution;
  // Two replicas, three images of 2 × 4 with two channels, five kernels of 3 × 3.
  const auto x = ramp(2 * 3 * 2 * 8);
  const auto weight = ramp(2 * 5 * 2 * 9);
  const auto bias = ramp(2 * 5);
  const auto dy = ramp(2 * 3 * 5 * 8);
  auto y = blank(2 * 3 * 5 * 8);
  auto dx = blank(2 * 3 * 2 * 8);
  auto dweight = blank(2 * 5 * 2 * 9);
  auto dbias = blank(2 * 5);
  Op op{};
  op.replicas = 2;
  op.rows = 3;
  op.channels = 2;
  op.height = 2;
  op.width = 4;
  op.out_channels = 5;
  op.kernel = 3;
  op.x = x.data();
  op.weight = weight.data();
  op.bias = bias.data();
  op.y = y.data();
  op.dy = dy.data();
  op.dx = dx.data();
  op.dweight = dweight.data();
  op.dbias = dbias.data();
  const OpTest<Op> forward(groklab_op_convolution_forward, op, {&y, &dx, &dweight, &dbias});
  forward.fails_as_all_do();
  forward.fails([](Op& o) { o.rows = -1; }, "rows is -1");
  forward.fails([](Op& o) { o.channels = 0; }, "channels is 0");
  forward.fails([](Op& o) { o.height = 0; }, "height is 0");
  forward.fails([](Op& o) { o.width = -3; }, "width is -3");
  forward.fails([](Op& o) { o.height = o.width = 1 << 20; }, "op.height times op.width");
  forward.fails([](Op& o) { o.out_channels = 0; }, "out_channels is 0");
  forward.fails([](Op& o) { o.kernel = 0; }, "kernel is 0");
  forward.fails([](Op& o) { o.kernel = 2; }, "kernel is 2; it must be odd");
  forward.fails([](Op& o) { o.kernel = 257; }, "kernel is 257");
  forward.fails([](Op& o) { o.x = nullptr; }, "x is null");
  forward.fails([](Op& o) { o.weight = nullptr; }, "weight is null");
  forward.fails([](Op& o) { o.y = nullptr; }, "y is null");

  const OpTest<Op> backward(groklab_op_convolution_backward, op, {&dx, &dweight, &dbias});
  backward.fails_as_all_do();
  backward.fails([](Op& o) { o.kernel = 4; }, "kernel is 4");
  backward.fails([](Op& o) { o.dy = nullptr; }, "dy is null");
  backward.fails([](Op& o) { o.x = nullptr; }, "x is null");
  backward.fails([](Op& o) { o.weight = nullptr; }, "weight is null");
  backward.fails([](Op& o) { o.dweight = nullptr; }, "dbias is wanted without op.dweight");
  backward.succeeds();
  double sum = 0;
  for (std::size_t n = 0; n < 3; ++n) {
    for (std::size_t pixel = 0; pixel < 8; ++pixel) sum += dy[n * 5 * 8 + 8 + pixel];
  }
  CHECK(std::abs(dbias[1] - sum) <= 1e-14);

  const OpTest<Op> good(groklab_op_convolution_forward, op, {&y});
  good.succeeds();
  // The upper left corner of the second output of the first image: four of nine weights.
  double corner = bias[1];
  for (std::size_t c = 0; c < 2; ++c) {
    for (std::size_t u = 1; u < 3; ++u) {
      for (std::size_t v = 1; v < 3; ++v) {
        corner += weight[(2 + c) * 9 + u * 3 + v] * x[c * 8 + (u - 1) * 4 + v - 1];
      }
    }
  }
  CHECK(std::abs(y[8] - corner) <= 1e-14);
  Op no_rows = op;
  no_rows.rows = 0;
  check_empty(groklab_op_convolution_forward, no_rows);
  check_empty(groklab_op_convolution_backward, no_rows);
  for (const double value : dweight) CHECK_EQUAL(value, 0.0);
}

TEST(max_pool_op) {
  using Op = groklab_op_max_pool;
  // Two replicas, one image of 3 × 5: two windows, and a row and a column in none.
  const std::vector<double> x = {1, 2, 5, 3, 9, 4, 3, 5, 4, 9, 9, 9, 9, 9, 9,
                                 7, 7, 0, 0, 9, 7, 7, 0, 1, 9, 9, 9, 9, 9, 9};
  const auto dy = ramp(2 * 2);
  auto y = blank(2 * 2);
  auto dx = blank(2 * 15);
  std::vector<int32_t> winners(2 * 2, 77);
  Op op{};
  op.replicas = 2;
  op.rows = op.channels = 1;
  op.height = 3;
  op.width = 5;
  op.x = x.data();
  op.winners = winners.data();
  op.y = y.data();
  op.dy = dy.data();
  op.dx = dx.data();
  const OpTest<Op> forward(groklab_op_max_pool_forward, op, {&y});
  forward.fails_as_all_do();
  forward.fails([](Op& o) { o.rows = -1; }, "rows is -1");
  forward.fails([](Op& o) { o.channels = 0; }, "channels is 0");
  forward.fails([](Op& o) { o.height = 0; }, "height is 0");
  forward.fails([](Op& o) { o.width = 0; }, "width is 0");
  forward.fails([](Op& o) { o.x = nullptr; }, "x is null");
  forward.fails([](Op& o) { o.winners = nullptr; }, "winners is null");
  forward.fails([](Op& o) { o.y = nullptr; }, "y is null");
  forward.succeeds();
  CHECK(y == (std::vector<double>{4, 5, 7, 1}));
  CHECK(winners == (std::vector<int32_t>{2, 0, 0, 3}));

  const OpTest<Op> backward(groklab_op_max_pool_backward, op, {&dx});
  backward.fails_as_all_do();
  backward.fails([](Op& o) { o.dy = nullptr; }, "dy is null");
  backward.fails([](Op& o) { o.dx = nullptr; }, "dx is null");
  winners[3] = 4;
  backward.fails([](Op&) {}, "op.winners[3] is 4; allowed are 0 to 3");
  winners[3] = 3;
  backward.succeeds();
  std::vector<double> expected(2 * 15);
  expected[5] = dy[0];
  expected[2] = dy[1];
  expected[15] = dy[2];
  expected[15 + 8] = dy[3];
  CHECK(dx == expected);
  Op no_rows = op;
  no_rows.rows = 0;
  check_empty(groklab_op_max_pool_forward, no_rows);
  check_empty(groklab_op_max_pool_backward, no_rows);
}

/// Both precisions, and backends that copy the buffers, give the same answers.
TEST(ops_agree_between_precisions_and_backends) {
  std::vector<double> x = ramp(12);
  std::vector<float> x32(x.begin(), x.end());
  std::vector<double> y(12);
  std::vector<float> y32(12);
  for (const Compute& compute : all_computes()) {
    const EngineHandle engine = open_engine(compute, 2);
    groklab_op_activation op{};
    op.struct_size = sizeof op;
    op.precision = GROKLAB_FP64;
    op.replicas = 1;
    op.rows = 3;
    op.width = 4;
    op.x = x.data();
    op.y = y.data();
    CHECK_OK(groklab_op_gelu_forward(engine.get(), &op));
    op.precision = GROKLAB_FP32;
    op.x = x32.data();
    op.y = y32.data();
    CHECK_OK(groklab_op_gelu_forward(engine.get(), &op));
    for (std::size_t i = 0; i < 12; ++i) {
      CHECK(std::abs(y[i] - x[i] * 0.5 * std::erfc(-x[i] / std::sqrt(2.0))) <= 1e-15);
      CHECK(std::abs(static_cast<double>(y32[i]) - y[i]) <= 3e-7);
    }
  }
}

}  // namespace groklab::test
