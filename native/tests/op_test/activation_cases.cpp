// Activations and their gradients, GELU and ReLU; the whole range of what may come in with them.
#include <algorithm>
#include <limits>

#include "op_test/op_case.h"
#include "support/random.h"

namespace groklab::test {
namespace {

struct Gelu {
  template <class T>
  static void forward(Ops<T>& ops, Matrices<T> x, Matrices<T> y) {
    ops.gelu_forward(x, y);
  }
  template <class T>
  static void backward(Ops<T>& ops, Matrices<T> x, Matrices<T> dy, Matrices<T> dx) {
    ops.gelu_backward(x, dy, dx);
  }

  static constexpr const char* kName = "gelu";
  static constexpr bool kForwardInPlace = false;  ///< y may be x itself
  static constexpr bool kTakesOutput = false;     ///< the gradient takes y for x as well
  static constexpr Bound kFp32{1e-11, 1e-5, 3e-7};
  static constexpr Bound kFp64{1e-27, 1e-12, 1e-15};
  // Every element for itself: no root mean square forgives it, only rounding next to 0.
  static constexpr Bound kWholeRangeFp32{1e-12, 1e-6, 3e-7};
  static constexpr Bound kWholeRangeFp64{1e-29, 2e-15, 1e-15};
  /// What lies next to zero or far out.
  static constexpr double kMagnitudes[] = {0.0,  1e-42, 1e-30, 1e-8, 1e-4, 26.0, 37.5,
                                           38.6, 40.0,  100.0, 1e4,  1e15, 1e30};
};

struct Relu {
  template <class T>
  static void forward(Ops<T>& ops, Matrices<T> x, Matrices<T> y) {
    ops.relu_forward(x, y);
  }
  template <class T>
  static void backward(Ops<T>& ops, Matrices<T> x, Matrices<T> dy, Matrices<T> dx) {
    ops.relu_backward(x, dy, dx);
  }

  static constexpr const char* kName = "relu";
  static constexpr bool kForwardInPlace = true;
  static constexpr bool kTakesOutput = true;
  // It copies or it does not.
  static constexpr Bound kFp32{0, 0};
  static constexpr Bound kFp64{0, 0};
  static constexpr Bound kWholeRangeFp32{0, 0};
  static constexpr Bound kWholeRangeFp64{0, 0};
  static constexpr double kMagnitudes[] = {
      0.0,   5e-324, 1e-310,   1e-300,
      1e-45, 1e-42,  1.17e-38, 1.2e-38,
      1e-30, 1e-8,   1e-4,     100.0,
      1e4,   1e30,   3.4e38,   std::numeric_limits<double>::infinity()};
};

struct Shape {
  std::int64_t replicas;
  std::int64_t rows;
  std::int64_t width;

  [[nodiscard]] std::int64_t size() const { return replicas * rows * width; }
};

std::string text(const Shape& s) {
  return describe({{"R", s.replicas}, {"N", s.rows}, {"D", s.width}});
}

template <class Activation>
class Forward final : public OpCaseOf<Forward<Activation>> {
 public:
  Forward(const Shape& s, bool in_place, Random random) : in_place_(in_place) {
    this->shape = text(s) + (in_place ? " in place" : "");
    auto x = random.normals(s.size(), 2);
    this->tensors = {in_place ? in_out("x", s.replicas, s.rows, s.width, std::move(x))
                              : input("x", s.replicas, s.rows, s.width, std::move(x))};
    if (!in_place) this->tensors.push_back(output("y", s.replicas, s.rows, s.width));
    this->fp32 = Activation::kFp32;
    this->fp64 = Activation::kFp64;
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    Activation::forward(ops, a.matrices(0), a.matrices(in_place_ ? 0 : 1));
  }

 private:
  bool in_place_;
};

/// What is special about a gradient.
struct Variant {
  bool in_place = false;     ///< dx is dy
  bool from_output = false;  ///< of y instead of x
};

template <class Activation>
class Backward final : public OpCaseOf<Backward<Activation>> {
 public:
  Backward(const Shape& s, Variant v, Random random) : in_place_(v.in_place) {
    this->shape = text(s) + (v.in_place ? " in place" : "") + (v.from_output ? " of y" : "");
    auto dy = random.normals(s.size());
    auto x = random.normals(s.size(), 2);
    if (v.from_output) {
      for (double& value : x) value = std::max(value, 0.0);
    }
    this->tensors = {input("x", s.replicas, s.rows, s.width, std::move(x)),
                     v.in_place ? in_out("dy", s.replicas, s.rows, s.width, std::move(dy))
                                : input("dy", s.replicas, s.rows, s.width, std::move(dy))};
    if (!v.in_place) this->tensors.push_back(output("dx", s.replicas, s.rows, s.width));
    this->fp32 = Activation::kFp32;
    this->fp64 = Activation::kFp64;
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    Activation::backward(ops, a.matrices(0), a.matrices(1), a.matrices(in_place_ ? 1 : 2));
  }

 private:
  bool in_place_;
};

template <class Activation>
class Gradient final : public GradientCase {
 public:
  Gradient(const Shape& s, bool from_output, Random random)
      : from_output_(from_output),
        forward_(s, false, random),
        backward_(s, {.from_output = from_output}, random),
        dy_(random.normals(s.size())) {
    shape = text(s) + (from_output ? " of y" : "");
    names = {"x"};
    inputs = {forward_.tensors[0].values};
    // Not every activation has a derivative at 0.
    for (double& x : inputs[0]) x += x < 0 ? -0.1 : 0.1;
  }

  double value(const Run& run) override { return inner_product(forward(run), dy_); }

  Results gradients(const Run& run) override {
    backward_.tensors[0].values = from_output_ ? forward(run) : inputs[0];
    backward_.tensors[1].values = dy_;
    return {run(backward_)[2]};
  }

 private:
  std::vector<double> forward(const Run& run) {
    forward_.tensors[0].values = inputs[0];
    return run(forward_)[1];
  }

  bool from_output_;
  Forward<Activation> forward_;
  Backward<Activation> backward_;
  std::vector<double> dy_;
};

/// [−14, 14] densely; then what lies far out, next to zero, or is no number.
template <class Activation>
std::vector<double> whole_range() {
  std::vector<double> x;
  for (int i = -14000; i <= 14000; ++i) x.push_back(i / 1000.0);
  for (const double magnitude : Activation::kMagnitudes) {
    x.push_back(magnitude);
    x.push_back(-magnitude);
  }
  x.push_back(std::numeric_limits<double>::quiet_NaN());
  return x;
}

template <class Activation, template <class> class Case, class Special>
std::unique_ptr<OpCase> over_whole_range(Special special) {
  const std::vector<double> x = whole_range<Activation>();
  const Shape s{1, 1, static_cast<std::int64_t>(x.size())};
  auto made = std::make_unique<Case<Activation>>(s, special, Random(499));
  made->shape += " whole range";
  made->tensors[0].values = x;
  made->fp32 = Activation::kWholeRangeFp32;
  made->fp64 = Activation::kWholeRangeFp64;
  return made;
}

/// What is not passed on is not looked at either: no multiplication of infinity or NaN by 0.
std::unique_ptr<OpCase> relu_of_infinite_gradients() {
  auto made = std::make_unique<Backward<Relu>>(Shape{2, 3, 37}, Variant{}, Random(498));
  made->shape += " infinite and NaN gradients";
  std::vector<double>& dy = made->tensors[1].values;
  for (std::size_t i = 0; i < dy.size(); i += 3) {
    dy[i] = i % 2 == 0 ? std::numeric_limits<double>::infinity()
                       : std::numeric_limits<double>::quiet_NaN();
  }
  return made;
}

template <class Activation>
void add_cases_of(Catalogue& catalogue, std::uint64_t seed) {
  const std::string name = Activation::kName;
  const std::string forward = name + "_forward";
  const std::string backward = name + "_backward";
  std::vector<bool> forward_variants = {false};
  if (Activation::kForwardInPlace) forward_variants.push_back(true);
  std::vector<Variant> backward_variants = {{}, {.in_place = true}};
  if (Activation::kTakesOutput) {
    backward_variants.insert(backward_variants.end(),
                             {{.from_output = true}, {.in_place = true, .from_output = true}});
  }

  const Shape shapes[] = {{1, 1, 1},    {2, 3, 5},     {1, 0, 8},    {3, 7, 16},
                          {2, 13, 33},  {1, 706, 512}, {5, 1, 1000}, {1, 1031, 3},
                          {2, 3, 1031}, {70, 2, 5},    {65537, 1, 1}};
  for (const Shape& s : shapes) {
    const Random random(++seed);
    for (const bool in_place : forward_variants) {
      catalogue.test.push_back(
          {forward, [=] { return std::make_unique<Forward<Activation>>(s, in_place, random); }});
    }
    for (const Variant& v : backward_variants) {
      catalogue.test.push_back(
          {backward, [=] { return std::make_unique<Backward<Activation>>(s, v, random); }});
    }
  }
  for (const bool in_place : forward_variants) {
    catalogue.test.push_back(
        {forward, [=] { return over_whole_range<Activation, Forward>(in_place); }});
  }
  for (const bool in_place : {false, true}) {
    const Variant v{.in_place = in_place};
    catalogue.test.push_back({backward, [=] { return over_whole_range<Activation, Backward>(v); }});
  }

  const Random random(++seed);
  for (const bool from_output : {false, true}) {
    if (from_output && !Activation::kTakesOutput) continue;
    catalogue.grad.push_back(
        {name, [=] {
           return std::make_unique<Gradient<Activation>>(Shape{2, 5, 7}, from_output, random);
         }});
  }
}

template <class Activation>
void add_perf_of(Catalogue& catalogue, std::int64_t rows, std::uint64_t seed) {
  const Random random(seed);
  const Shape s{catalogue.perf_replicas, rows, 512};
  const std::string name = Activation::kName;
  catalogue.perf.push_back(
      {name + "_forward", [=] { return std::make_unique<Forward<Activation>>(s, false, random); }});
  catalogue.perf.push_back({name + "_backward", [=] {
                              return std::make_unique<Backward<Activation>>(s, Variant{}, random);
                            }});
}

}  // namespace

void add_activation_cases(Catalogue& catalogue) {
  add_cases_of<Gelu>(catalogue, 400);
  add_cases_of<Relu>(catalogue, 450);
  catalogue.test.push_back({"relu_backward", relu_of_infinite_gradients});
  // The Transformer's feed-forward layers have 512 columns, and so have the MLP's hidden layers.
  add_perf_of<Gelu>(catalogue, 706, 490);
  add_perf_of<Relu>(catalogue, 256, 491);
}

}  // namespace groklab::test
