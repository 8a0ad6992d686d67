// The LSTM cell of a level of the prefix tree, and its gradient.
#include <array>
#include <cmath>
#include <limits>

#include "op_test/op_case.h"
#include "op_test/sum_lists.h"
#include "support/random.h"

namespace groklab::test {
namespace {

struct Shape {
  std::int64_t replicas;
  std::int64_t nodes;
  std::int64_t width;
  std::int64_t inputs;   ///< rows of `input` where nodes share them
  std::int64_t parents;  ///< rows of `hidden` where nodes share them

  [[nodiscard]] std::int64_t gates() const { return 4 * width; }
};

std::string text(const Shape& s) {
  return describe(
      {{"R", s.replicas}, {"N", s.nodes}, {"H", s.width}, {"M", s.inputs}, {"K", s.parents}});
}

/// Random normal numbers, or none of what is absent.
Tensor normals(const char* name, const Shape& s, std::int64_t rows, std::int64_t width,
               Random& random) {
  return input(name, s.replicas, rows, width, random.normals(s.replicas * rows * width));
}

/// For each node one of `rows` rows.
Tensor rows_of_nodes(const char* name, const Shape& s, std::int64_t rows, Random& random) {
  return input(name, s.replicas, 1, s.nodes, random.integers(s.replicas * s.nodes, rows),
               Element::kIndex);
}

// ------------------------------------------------------------------ forward

/// What a call has; the rest is empty.
struct ForwardVariant {
  bool input_rows = false;
  bool previous = false;  ///< hidden and previous_cell; without them parents, if any, are all −1
  bool parents = false;
  bool one_matrix = false;  ///< previous_cell and cell are rows of one, as levels of one tree are
};

std::string text(const ForwardVariant& v) {
  return std::string(v.input_rows ? " input_rows" : "") + (v.previous ? " previous" : "") +
         (v.parents ? " parents" : "") + (v.one_matrix ? " in one matrix" : "");
}

class LstmForward final : public OpCaseOf<LstmForward> {
 public:
  enum Number : std::size_t {
    kInput,
    kInputRows,
    kHidden,
    kPreviousCell,
    kParents,
    kBias,
    kGates,
    kCell,
    kSquashedCell,
    kOutput
  };

  LstmForward(const Shape& s, ForwardVariant v, Random random)
      : variant_(v), parents_(v.parents ? s.parents : s.nodes), nodes_(s.nodes) {
    shape = text(s) + text(v);
    finite = true;
    const std::int64_t inputs = v.input_rows ? s.inputs : s.nodes;
    const std::int64_t previous = v.previous ? parents_ : 0;
    tensors = {normals("input", s, inputs, s.gates(), random),
               rows_of_nodes("input_rows", s, inputs, random),
               normals("hidden", s, previous, s.gates(), random),
               normals("previous_cell", s, v.one_matrix ? 0 : previous, s.width, random),
               rows_of_nodes("parents", s, parents_, random),
               normals("bias", s, 1, s.gates(), random),
               output("gates", s.replicas, s.nodes, s.gates()),
               v.one_matrix ? cells(s, random) : output("cell", s.replicas, s.nodes, s.width),
               output("squashed_cell", s.replicas, s.nodes, s.width),
               output("output", s.replicas, s.nodes, s.width)};
    if (!v.previous) {
      for (double& parent : tensors[kParents].values) parent = -1;
    }
    // A cell is a difference at times.
    fp32.absolute = 1e-6;
    fp64.absolute = 4e-15;
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    LstmCellForward<T> args;
    args.input = a.matrices(kInput);
    if (variant_.input_rows) args.input_rows = a.indices(kInputRows);
    if (variant_.previous) {
      args.hidden = a.matrices(kHidden);
      args.previous_cell = a.matrices(variant_.one_matrix ? kCell : kPreviousCell);
    }
    if (variant_.parents) args.parents = a.indices(kParents);
    args.bias = a.vectors(kBias);
    args.gates = a.matrices(kGates);
    args.cell = a.matrices(kCell);
    if (variant_.one_matrix) args.cell = args.cell.slice_rows(parents_, nodes_);
    args.squashed_cell = a.matrices(kSquashedCell);
    args.output = a.matrices(kOutput);
    ops.lstm_cell_forward(args);
  }

 private:
  /// The parents' cells, and after them nothing yet.
  [[nodiscard]] Tensor cells(const Shape& s, Random& random) const {
    std::vector<double> values;
    for (std::int64_t r = 0; r < s.replicas; ++r) {
      for (std::int64_t i = 0; i < parents_ * s.width; ++i) values.push_back(random.normal());
      values.insert(values.end(), static_cast<std::size_t>(nodes_ * s.width),
                    std::numeric_limits<double>::quiet_NaN());
    }
    return in_out("cells", s.replicas, parents_ + nodes_, s.width, std::move(values));
  }

  ForwardVariant variant_;
  std::int64_t parents_;
  std::int64_t nodes_;
};

// ------------------------------------------------------------------ backward

struct BackwardVariant {
  bool previous = false;
  bool parents = false;
  bool dcell = false;
  bool dprevious = false;
  bool in_place = false;  ///< dgates is gates
};

std::string text(const BackwardVariant& v) {
  return std::string(v.previous ? " previous" : "") + (v.parents ? " parents" : "") +
         (v.dcell ? " dcell" : "") + (v.dprevious ? " dprevious" : "") +
         (v.in_place ? " in place" : "");
}

/// For each node i, f, g, o: three from (0, 1), and g from (−1, 1).
std::vector<double> random_gates(const Shape& s, Random& random) {
  std::vector<double> gates;
  for (std::int64_t i = 0; i < s.replicas * s.nodes * s.gates(); ++i) {
    const bool is_cell_gate = i / s.width % 4 == 2;
    gates.push_back(random.uniform(is_cell_gate ? -1 : 0, 1));
  }
  return gates;
}

class LstmBackward final : public OpCaseOf<LstmBackward> {
 public:
  enum Number : std::size_t {
    kDoutput,
    kDcell,
    kGates,
    kSquashedCell,
    kPreviousCell,
    kParents,
    kDpreviousCell,
    kDgates
  };

  LstmBackward(const Shape& s, BackwardVariant v, Random random) : variant_(v) {
    shape = text(s) + text(v);
    finite = true;
    const std::int64_t parents = v.parents ? s.parents : s.nodes;
    auto gates = random_gates(s, random);
    tensors = {normals("doutput", s, s.nodes, s.width, random),
               normals("dcell", s, v.dcell ? s.nodes : 0, s.width, random),
               v.in_place ? in_out("gates", s.replicas, s.nodes, s.gates(), std::move(gates))
                          : input("gates", s.replicas, s.nodes, s.gates(), std::move(gates)),
               input("squashed_cell", s.replicas, s.nodes, s.width,
                     random.uniforms(s.replicas * s.nodes * s.width, -1, 1)),
               normals("previous_cell", s, v.previous ? parents : 0, s.width, random),
               rows_of_nodes("parents", s, parents, random),
               output("dprevious_cell", s.replicas, v.dprevious ? s.nodes : 0, s.width)};
    if (!v.in_place) tensors.push_back(output("dgates", s.replicas, s.nodes, s.gates()));
    if (!v.previous) {
      for (double& parent : tensors[kParents].values) parent = -1;
    }
    fp32.absolute = 2e-6;
    fp64.absolute = 8e-15;
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    LstmCellBackward<T> args;
    args.doutput = a.matrices(kDoutput);
    if (variant_.dcell) args.dcell = a.matrices(kDcell);
    args.gates = a.matrices(kGates);
    args.squashed_cell = a.matrices(kSquashedCell);
    if (variant_.previous) args.previous_cell = a.matrices(kPreviousCell);
    if (variant_.parents) args.parents = a.indices(kParents);
    args.dgates = a.matrices(variant_.in_place ? kGates : kDgates);
    if (variant_.dprevious) args.dprevious_cell = a.matrices(kDpreviousCell);
    ops.lstm_cell_backward(args);
  }

 private:
  BackwardVariant variant_;
};

// ------------------------------------------------------------------ gradient

/// Two levels: parents, of which nodes of the level before are parents unless it is the first, and
/// their children. A projection of all outputs and of the children's cells, with the pre-activations
/// as they come in: what the products before them make of gradients is theirs.
class LstmGradient final : public GradientCase {
 public:
  LstmGradient(const Shape& parents, std::int64_t children, bool first, Random random)
      : first_(first),
        upper_(parents),
        lower_{parents.replicas, children, parents.width, parents.inputs + 1, parents.nodes},
        upper_forward_(upper_, {.input_rows = true, .previous = !first, .parents = !first}, random),
        lower_forward_(lower_, {.input_rows = true, .previous = true, .parents = true}, random),
        upper_backward_(upper_,
                        {.previous = !first,
                         .parents = !first,
                         .dcell = true,
                         .dprevious = !first,
                         .in_place = false},
                        random),
        lower_backward_(
            lower_,
            {.previous = true, .parents = true, .dcell = true, .dprevious = true, .in_place = true},
            random) {
    shape = text(parents) + ' ' + describe({{"children", children}}) + (first ? " first" : "");
    names = {"bias", "input", "input of children", "hidden of children"};
    inputs = {upper_forward_.tensors[F::kBias].values, upper_forward_.tensors[F::kInput].values,
              lower_forward_.tensors[F::kInput].values, lower_forward_.tensors[F::kHidden].values};
    if (!first) {
      names.insert(names.end(), {"hidden", "previous_cell"});
      inputs.push_back(upper_forward_.tensors[F::kHidden].values);
      inputs.push_back(upper_forward_.tensors[F::kPreviousCell].values);
    }
    upper_doutput_ = random.normals(upper_.replicas * upper_.nodes * upper_.width);
    lower_doutput_ = random.normals(lower_.replicas * lower_.nodes * lower_.width);
    lower_dcell_ = random.normals(lower_.replicas * lower_.nodes * lower_.width);
  }

  double value(const Run& run) override {
    forward(run);
    return inner_product(upper_result_[F::kOutput], upper_doutput_) +
           inner_product(lower_result_[F::kOutput], lower_doutput_) +
           inner_product(lower_result_[F::kCell], lower_dcell_);
  }

  Results gradients(const Run& run) override {
    forward(run);
    const std::vector<double>& parents = lower_forward_.tensors[F::kParents].values;
    lower_backward_.tensors[B::kDoutput].values = lower_doutput_;
    lower_backward_.tensors[B::kDcell].values = lower_dcell_;
    lower_backward_.tensors[B::kGates].values = lower_result_[F::kGates];
    lower_backward_.tensors[B::kSquashedCell].values = lower_result_[F::kSquashedCell];
    lower_backward_.tensors[B::kPreviousCell].values = upper_result_[F::kCell];
    lower_backward_.tensors[B::kParents].values = parents;
    const Results lower = run(lower_backward_);
    const std::vector<double>& lower_dgates = lower[B::kGates];

    upper_backward_.tensors[B::kDoutput].values = upper_doutput_;
    upper_backward_.tensors[B::kDcell].values = sum_lists(
        run, sums(lower_, lower_.parents, lower_.width), parents, lower[B::kDpreviousCell]);
    upper_backward_.tensors[B::kGates].values = upper_result_[F::kGates];
    upper_backward_.tensors[B::kSquashedCell].values = upper_result_[F::kSquashedCell];
    upper_backward_.tensors[B::kPreviousCell].values =
        upper_forward_.tensors[F::kPreviousCell].values;
    upper_backward_.tensors[B::kParents].values = upper_forward_.tensors[F::kParents].values;
    const Results upper = run(upper_backward_);
    const std::vector<double>& upper_dgates = upper[B::kDgates];

    std::vector<double> dbias =
        column_sums(upper_dgates, upper_.replicas, upper_.nodes, upper_.gates());
    const std::vector<double> more =
        column_sums(lower_dgates, lower_.replicas, lower_.nodes, lower_.gates());
    for (std::size_t i = 0; i < dbias.size(); ++i) dbias[i] += more[i];
    Results gradients = {
        dbias,
        sum_lists(run, sums(upper_, upper_.inputs, upper_.gates()),
                  upper_forward_.tensors[F::kInputRows].values, upper_dgates),
        sum_lists(run, sums(lower_, lower_.inputs, lower_.gates()),
                  lower_forward_.tensors[F::kInputRows].values, lower_dgates),
        sum_lists(run, sums(lower_, lower_.parents, lower_.gates()), parents, lower_dgates)};
    if (!first_) {
      const std::vector<double>& before = upper_forward_.tensors[F::kParents].values;
      gradients.push_back(
          sum_lists(run, sums(upper_, upper_.parents, upper_.gates()), before, upper_dgates));
      gradients.push_back(sum_lists(run, sums(upper_, upper_.parents, upper_.width), before,
                                    upper[B::kDpreviousCell]));
    }
    return gradients;
  }

 private:
  using F = LstmForward;
  using B = LstmBackward;

  /// Sums of what a level's nodes give to the rows that they have in common.
  static Sums sums(const Shape& level, std::int64_t rows, std::int64_t width) {
    return {level.replicas, level.nodes, rows, width};
  }

  void forward(const Run& run) {
    upper_forward_.tensors[F::kBias].values = inputs[0];
    upper_forward_.tensors[F::kInput].values = inputs[1];
    if (!first_) {
      upper_forward_.tensors[F::kHidden].values = inputs[4];
      upper_forward_.tensors[F::kPreviousCell].values = inputs[5];
    }
    upper_result_ = run(upper_forward_);
    lower_forward_.tensors[F::kBias].values = inputs[0];
    lower_forward_.tensors[F::kInput].values = inputs[2];
    lower_forward_.tensors[F::kHidden].values = inputs[3];
    lower_forward_.tensors[F::kPreviousCell].values = upper_result_[F::kCell];
    lower_result_ = run(lower_forward_);
  }

  bool first_;
  Shape upper_;
  Shape lower_;
  LstmForward upper_forward_;
  LstmForward lower_forward_;
  LstmBackward upper_backward_;
  LstmBackward lower_backward_;
  std::vector<double> upper_doutput_;
  std::vector<double> lower_doutput_;
  std::vector<double> lower_dcell_;
  Results upper_result_;
  Results lower_result_;
};

// ------------------------------------------------------------------ nasty inputs

/// Cell gates of ±10⁻⁸ … ±100, alone: tanh of small numbers, of them and of the cell, must be right
/// for each by itself. What computes 1 − 2/(exp 2x + 1) there has lost all digits.
std::unique_ptr<OpCase> small_and_large_cell_gates() {
  std::vector<double> a = {0.0};
  for (int i = 0; i <= 4000; ++i) {
    a.push_back(std::pow(10, -8 + i / 400.0));
    a.push_back(-a.back());
  }
  const auto width = static_cast<std::int64_t>(a.size());
  auto made =
      std::make_unique<LstmForward>(Shape{1, 1, width, 1, 1}, ForwardVariant{}, Random(1597));
  made->shape += " small and large cell gates";
  std::vector<double>& x = made->tensors[LstmForward::kInput].values;
  std::copy(a.begin(), a.end(), x.begin() + 2 * width);
  for (double& bias : made->tensors[LstmForward::kBias].values) bias = 0;
  made->fp32 = {1e-12, 2e-6, 1e-37};
  made->fp64 = {1e-28, 1e-14, 1e-300};
  return made;
}

/// Pre-activations and cells of −100 … 100: exp overflows in float, and exp 2x sooner.
std::unique_ptr<OpCase> saturated() {
  const Shape s{2, 33, 31, 9, 7};
  Random random(1598);
  auto made = std::make_unique<LstmForward>(
      s, ForwardVariant{.input_rows = true, .previous = true, .parents = true}, random);
  made->shape += " saturated";
  constexpr std::array kEdges = {8.6, 9.1, 16.7, 17.4, 43.6, 44.4, 87.3, 88.4, 88.8, 100.0};
  for (double& x : made->tensors[LstmForward::kInput].values) {
    const double magnitude = random.integer(2) == 0
                                 ? kEdges[static_cast<std::size_t>(random.integer(kEdges.size()))]
                                 : random.uniform(0, 100);
    x = random.integer(2) == 0 ? magnitude : -magnitude;
  }
  for (double& x : made->tensors[LstmForward::kHidden].values) x = 0;
  for (double& x : made->tensors[LstmForward::kBias].values) x = 0;
  for (double& c : made->tensors[LstmForward::kPreviousCell].values) c *= 40;
  return made;
}

/// Gates and cells at and next to the ends of their ranges.
std::unique_ptr<OpCase> saturated_gradients() {
  const Shape s{2, 33, 31, 9, 7};
  Random random(1599);
  auto made = std::make_unique<LstmBackward>(
      s,
      BackwardVariant{
          .previous = true, .parents = true, .dcell = true, .dprevious = true, .in_place = true},
      random);
  made->shape += " saturated";
  constexpr std::array kEnds = {0.0, 1e-30, 1e-8, 0.5, 1 - 0x1p-24, 1.0};
  const auto end = [&] { return kEnds[static_cast<std::size_t>(random.integer(kEnds.size()))]; };
  std::vector<double>& gates = made->tensors[LstmBackward::kGates].values;
  for (double& gate : gates) gate = gate < 0 ? -end() : end();
  for (double& c : made->tensors[LstmBackward::kSquashedCell].values) c = c < 0 ? -end() : end();
  return made;
}

/// What is not a number must remain so, in each gate, or divergence would not show.
std::unique_ptr<OpCase> not_a_number() {
  const Shape s{2, 9, 37, 9, 5};
  auto made = std::make_unique<LstmForward>(s, ForwardVariant{.previous = true, .parents = true},
                                            Random(1600));
  made->shape += " NaN";
  made->finite = false;
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  for (std::size_t gate = 0; gate < 4; ++gate) {
    for (const std::size_t row : {0, 6}) {
      const std::size_t column = gate * 37 + (row == 0 ? 0 : 36);
      made->tensors[LstmForward::kInput].values[(row + gate / 2) * 4 * 37 + column] = kNan;
    }
    made->tensors[LstmForward::kHidden].values[(gate + 1) * 4 * 37 + gate * 37 + 3] = kNan;
    made->tensors[LstmForward::kBias].values[4 * 37 + gate * 37 + 5 + gate] = kNan;
  }
  made->tensors[LstmForward::kPreviousCell].values[2 * 37 + 11] = kNan;
  return made;
}

std::unique_ptr<OpCase> gradients_not_a_number() {
  const Shape s{2, 9, 37, 9, 5};
  auto made = std::make_unique<LstmBackward>(
      s, BackwardVariant{.previous = true, .parents = true, .dcell = true, .dprevious = true},
      Random(1601));
  made->shape += " NaN";
  made->finite = false;
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  for (const auto tensor : {LstmBackward::kDoutput, LstmBackward::kDcell,
                            LstmBackward::kSquashedCell, LstmBackward::kPreviousCell}) {
    made->tensors[tensor].values[2 * 37 + 5 * tensor] = kNan;
  }
  for (std::size_t gate = 0; gate < 4; ++gate) {
    made->tensors[LstmBackward::kGates].values[(gate * 4 + gate) * 37 + 36] = kNan;
  }
  return made;
}

// ------------------------------------------------------------------ variants

constexpr ForwardVariant kFirstLevel{.input_rows = true};
constexpr ForwardVariant kLaterLevel{.input_rows = true, .previous = true, .parents = true};
constexpr BackwardVariant kFirstLevelBack{.dcell = true};
constexpr BackwardVariant kMiddleLevelBack{
    .previous = true, .parents = true, .dcell = true, .dprevious = true};
constexpr BackwardVariant kLastLevelBack{.previous = true, .parents = true, .dprevious = true};

/// As the model calls the op: first and later levels of the first layer, a level of another layer.
std::vector<ForwardVariant> usual_forward() {
  return {kFirstLevel,
          kLaterLevel,
          {.input_rows = true, .previous = true, .parents = true, .one_matrix = true},
          {.previous = true, .parents = true, .one_matrix = true}};
}

std::vector<BackwardVariant> usual_backward() {
  std::vector<BackwardVariant> variants = {kFirstLevelBack, kMiddleLevelBack, kLastLevelBack};
  for (BackwardVariant& v : variants) v.in_place = true;
  return variants;
}

/// All that may be given or empty.
std::vector<ForwardVariant> all_forward() {
  std::vector<ForwardVariant> variants = usual_forward();
  for (int bits = 0; bits < 8; ++bits) {
    variants.push_back({(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0});
  }
  return variants;
}

std::vector<BackwardVariant> all_backward() {
  std::vector<BackwardVariant> variants;
  for (int bits = 0; bits < 32; ++bits) {
    variants.push_back(
        {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0});
  }
  return variants;
}

}  // namespace

void add_lstm_cell_cases(Catalogue& catalogue) {
  const Shape shapes[] = {{1, 1, 1, 1, 1},       {2, 3, 5, 2, 2},    {1, 0, 8, 3, 2},
                          {3, 7, 16, 4, 3},      {2, 13, 31, 5, 7},  {1, 256, 16, 97, 97},
                          {1, 33, 512, 97, 17},  {1, 97, 67, 97, 1}, {5, 1, 37, 1, 3},
                          {1, 256, 512, 97, 97}, {1, 1031, 3, 7, 9}, {2, 3, 1031, 2, 2},
                          {70, 2, 5, 3, 2},      {65537, 1, 1, 1, 1}};
  std::uint64_t seed = 1500;
  for (const Shape& s : shapes) {
    const Random random(++seed);
    const bool all = s.replicas * s.nodes * s.width <= 1000;
    for (const ForwardVariant& v : all ? all_forward() : usual_forward()) {
      catalogue.test.push_back(
          {"lstm_cell_forward", [=] { return std::make_unique<LstmForward>(s, v, random); }});
    }
    for (const BackwardVariant& v : all ? all_backward() : usual_backward()) {
      catalogue.test.push_back(
          {"lstm_cell_backward", [=] { return std::make_unique<LstmBackward>(s, v, random); }});
    }
  }
  catalogue.test.push_back({"lstm_cell_forward", small_and_large_cell_gates});
  catalogue.test.push_back({"lstm_cell_forward", saturated});
  catalogue.test.push_back({"lstm_cell_forward", not_a_number});
  catalogue.test.push_back({"lstm_cell_backward", saturated_gradients});
  catalogue.test.push_back({"lstm_cell_backward", gradients_not_a_number});

  const Random random(++seed);
  for (const bool first : {false, true}) {
    for (const Shape& s : {Shape{1, 3, 2, 2, 2}, Shape{2, 4, 3, 3, 2}, Shape{1, 2, 17, 4, 5}}) {
      catalogue.grad.push_back(
          {"lstm_cell", [=] { return std::make_unique<LstmGradient>(s, 7, first, random); }});
    }
  }

  // Levels of the report's prefix tree: x, op, y, =. A position has 97 pairs or one.
  const std::int64_t r = catalogue.perf_replicas;
  const Shape levels[] = {
      {r, 97, 512, 97, 0}, {r, 97, 512, 1, 97}, {r, 256, 512, 97, 97}, {r, 256, 512, 1, 256}};
  for (const Shape& s : levels) {
    const bool first = s.parents == 0;
    const bool last = s.parents == 256;
    catalogue.perf.push_back({"lstm_cell_forward", [=] {
                                return std::make_unique<LstmForward>(
                                    s, first ? kFirstLevel : kLaterLevel, random);
                              }});
    catalogue.perf.push_back({"lstm_cell_backward", [=] {
                                return std::make_unique<LstmBackward>(s,
                                                                      first  ? kFirstLevelBack
                                                                      : last ? kLastLevelBack
                                                                             : kMiddleLevelBack,
                                                                      random);
                              }});
  }
}

}  // namespace groklab::test
