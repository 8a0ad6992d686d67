// Exact GELU and its gradient; the whole range of the normal distribution function with it.
#include <limits>

#include "op_test/op_case.h"
#include "support/random.h"

namespace groklab::test {
namespace {

struct Shape {
  std::int64_t replicas;
  std::int64_t rows;
  std::int64_t width;
};

std::string text(const Shape& s) {
  return describe({{"R", s.replicas}, {"N", s.rows}, {"D", s.width}});
}

class GeluForward final : public OpCaseOf<GeluForward> {
 public:
  GeluForward(const Shape& s, Random random) {
    shape = text(s);
    tensors = {
        input("x", s.replicas, s.rows, s.width, random.normals(s.replicas * s.rows * s.width, 2)),
        output("y", s.replicas, s.rows, s.width)};
    fp32.absolute = 3e-7;
    fp64.absolute = 1e-15;
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ops.gelu_forward(a.matrices(0), a.matrices(1));
  }
};

class GeluBackward final : public OpCaseOf<GeluBackward> {
 public:
  GeluBackward(const Shape& s, bool in_place, Random random) : in_place_(in_place) {
    shape = text(s) + (in_place ? " in place" : "");
    const std::int64_t size = s.replicas * s.rows * s.width;
    auto dy = random.normals(size);
    tensors = {input("x", s.replicas, s.rows, s.width, random.normals(size, 2)),
               in_place ? in_out("dy", s.replicas, s.rows, s.width, std::move(dy))
                        : input("dy", s.replicas, s.rows, s.width, std::move(dy))};
    if (!in_place) tensors.push_back(output("dx", s.replicas, s.rows, s.width));
    fp32.absolute = 3e-7;
    fp64.absolute = 1e-15;
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ops.gelu_backward(a.matrices(0), a.matrices(1), a.matrices(in_place_ ? 1 : 2));
  }

 private:
  bool in_place_;
};

class GeluGradient final : public GradientCase {
 public:
  GeluGradient(const Shape& s, Random random)
      : forward_(s, random),
        backward_(s, false, random),
        dy_(random.normals(s.replicas * s.rows * s.width)) {
    shape = text(s);
    names = {"x"};
    inputs = {forward_.tensors[0].values};
  }

  double value(const Run& run) override {
    forward_.tensors[0].values = inputs[0];
    return inner_product(run(forward_)[1], dy_);
  }

  Results gradients(const Run& run) override {
    backward_.tensors[0].values = inputs[0];
    backward_.tensors[1].values = dy_;
    return {run(backward_)[2]};
  }

 private:
  GeluForward forward_;
  GeluBackward backward_;
  std::vector<double> dy_;
};

/// [−14, 14] densely; then what lies far out, next to zero, or is no number.
std::vector<double> whole_range() {
  std::vector<double> x;
  for (int i = -14000; i <= 14000; ++i) x.push_back(i / 1000.0);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double magnitude :
       {0.0, 1e-42, 1e-30, 1e-8, 1e-4, 26.0, 37.5, 38.6, 40.0, 100.0, 1e4, 1e15, 1e30}) {
    x.push_back(magnitude);
    x.push_back(-magnitude);
  }
  x.push_back(nan);
  return x;
}

template <class Case, class... Arguments>
std::unique_ptr<OpCase> over_whole_range(Arguments... arguments) {
  const std::vector<double> x = whole_range();
  const Shape s{1, 1, static_cast<std::int64_t>(x.size())};
  auto made = std::make_unique<Case>(s, arguments..., Random(499));
  made->shape += " whole range";
  made->tensors[0].values = x;
  // Every element for itself: no root mean square forgives it, only rounding next to 0.
  made->fp32 = {1e-12, 1e-6, 3e-7};
  made->fp64 = {1e-29, 2e-15, 1e-15};
  return made;
}

}  // namespace

void add_gelu_cases(Catalogue& catalogue) {
  const Shape shapes[] = {{1, 1, 1},    {2, 3, 5},     {1, 0, 8},    {3, 7, 16},
                          {2, 13, 33},  {1, 706, 512}, {5, 1, 1000}, {1, 1031, 3},
                          {2, 3, 1031}, {70, 2, 5},    {65537, 1, 1}};
  std::uint64_t seed = 400;
  for (const Shape& s : shapes) {
    const Random random(++seed);
    catalogue.test.push_back(
        {"gelu_forward", [=] { return std::make_unique<GeluForward>(s, random); }});
    for (const bool in_place : {false, true}) {
      catalogue.test.push_back(
          {"gelu_backward", [=] { return std::make_unique<GeluBackward>(s, in_place, random); }});
    }
  }
  catalogue.test.push_back({"gelu_forward", [] { return over_whole_range<GeluForward>(); }});
  catalogue.test.push_back({"gelu_backward", [] { return over_whole_range<GeluBackward>(false); }});

  const Random random(++seed);
  catalogue.grad.push_back({"gelu", [=] {
                              return std::make_unique<GeluGradient>(Shape{2, 5, 7}, random);
                            }});
  const Shape model{catalogue.perf_replicas, 706, 512};
  catalogue.perf.push_back(
      {"gelu_forward", [=] { return std::make_unique<GeluForward>(model, random); }});
  catalogue.perf.push_back(
      {"gelu_backward", [=] { return std::make_unique<GeluBackward>(model, false, random); }});
}

}  // namespace groklab::test
