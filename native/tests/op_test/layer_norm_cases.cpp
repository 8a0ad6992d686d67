// Layer norm with and without a residual, and its gradient.
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

/// What is special about a case.
struct Variant {
  bool residual = false;
  bool in_place = false;  ///< normalized is x, or dx is dy
};

std::string text(const Variant& v) {
  return std::string(v.residual ? " residual" : "") + (v.in_place ? " in place" : "");
}

class LayerNormForwardCase final : public OpCaseOf<LayerNormForwardCase> {
 public:
  LayerNormForwardCase(const Shape& s, Variant v, Random random) : variant_(v) {
    shape = text(s) + text(v);
    const std::int64_t size = s.replicas * s.rows * s.width;
    auto x = random.normals(size);
    tensors = {v.in_place ? in_out("x", s.replicas, s.rows, s.width, std::move(x))
                          : input("x", s.replicas, s.rows, s.width, std::move(x)),
               input("residual", s.replicas, s.rows, s.width, random.normals(size)),
               input("gamma", s.replicas, 1, s.width, random.normals(s.replicas * s.width)),
               input("beta", s.replicas, 1, s.width, random.normals(s.replicas * s.width)),
               output("inverse_deviation", s.replicas, 1, s.rows),
               output("y", s.replicas, s.rows, s.width)};
    if (!v.in_place) tensors.push_back(output("normalized", s.replicas, s.rows, s.width));
    // A row of one element has variance 0: x − mean is 0 or, rounded, next to it.
    fp32.absolute = 1e-5;
    fp64.absolute = 1e-13;
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    LayerNormForward<T> args;
    args.x = a.matrices(0);
    if (variant_.residual) args.residual = a.matrices(1);
    args.gamma = a.vectors(2);
    args.beta = a.vectors(3);
    args.inverse_deviation = a.vectors(4);
    args.y = a.matrices(5);
    args.normalized = a.matrices(variant_.in_place ? 0 : 6);
    ops.layer_norm_forward(args);
  }

 private:
  Variant variant_;
};

class LayerNormBackwardCase final : public OpCaseOf<LayerNormBackwardCase> {
 public:
  LayerNormBackwardCase(const Shape& s, bool in_place, Random random) : in_place_(in_place) {
    shape = text(s) + (in_place ? " in place" : "");
    const std::int64_t size = s.replicas * s.rows * s.width;
    auto dy = random.normals(size);
    tensors = {in_place ? in_out("dy", s.replicas, s.rows, s.width, std::move(dy))
                        : input("dy", s.replicas, s.rows, s.width, std::move(dy)),
               input("normalized", s.replicas, s.rows, s.width, random.normals(size)),
               input("inverse_deviation", s.replicas, 1, s.rows,
                     random.uniforms(s.replicas * s.rows, 0.5, 2)),
               input("gamma", s.replicas, 1, s.width, random.normals(s.replicas * s.width)),
               output("dgamma", s.replicas, 1, s.width),
               output("dbeta", s.replicas, 1, s.width)};
    if (!in_place) tensors.push_back(output("dx", s.replicas, s.rows, s.width));
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    LayerNormBackward<T> args;
    args.dy = a.matrices(0);
    args.normalized = a.matrices(1);
    args.inverse_deviation = a.vectors(2);
    args.gamma = a.vectors(3);
    args.dgamma = a.vectors(4);
    args.dbeta = a.vectors(5);
    args.dx = a.matrices(in_place_ ? 0 : 6);
    ops.layer_norm_backward(args);
  }

 private:
  bool in_place_;
};

class LayerNormGradient final : public GradientCase {
 public:
  LayerNormGradient(const Shape& s, Random random)
      : forward_(s, {.residual = true, .in_place = false}, random),
        backward_(s, false, random),
        dy_(random.normals(s.replicas * s.rows * s.width)) {
    shape = text(s) + " residual";
    names = {"x", "residual", "gamma", "beta"};
    for (std::size_t i = 0; i < 4; ++i) inputs.push_back(forward_.tensors[i].values);
  }

  double value(const Run& run) override { return inner_product(forward(run)[5], dy_); }

  Results gradients(const Run& run) override {
    const Results out = forward(run);
    backward_.tensors[0].values = dy_;
    backward_.tensors[1].values = out[6];
    backward_.tensors[2].values = out[4];
    backward_.tensors[3].values = inputs[2];
    const Results gradient = run(backward_);
    return {gradient[6], gradient[6], gradient[4], gradient[5]};
  }

 private:
  Results forward(const Run& run) {
    for (std::size_t i = 0; i < 4; ++i) forward_.tensors[i].values = inputs[i];
    return run(forward_);
  }

  LayerNormForwardCase forward_;
  LayerNormBackwardCase backward_;
  std::vector<double> dy_;
};

/// Rows that are constant, nearly constant, large, small, or far from zero.
std::unique_ptr<OpCase> nasty_rows() {
  const Shape s{1, 6, 129};
  auto made = std::make_unique<LayerNormForwardCase>(s, Variant{}, Random(399));
  made->shape += " constant, nearly constant, large, small rows";
  std::vector<double>& x = made->tensors[0].values;
  for (std::size_t j = 0; j < 129; ++j) {
    const double noise = x[j];
    x[j] = 0.1;
    x[129 + j] = 1 + 1e-6 * noise;
    x[2 * 129 + j] = 1e18 * noise;
    x[3 * 129 + j] = 1e-18 * noise;
    x[4 * 129 + j] = 1000 + noise;
    x[5 * 129 + j] = 0;
  }
  // Rounding x to float is exact in the reference too; what remains is the mean's rounding,
  // magnified by 1/sqrt(ε).
  made->fp32 = {1e-7, 1e-3, 1e-3};
  made->fp64 = {1e-24, 1e-11, 1e-11};
  return made;
}

}  // namespace

void add_layer_norm_cases(Catalogue& catalogue) {
  const Shape shapes[] = {{1, 1, 1},    {2, 3, 2},    {1, 5, 7},     {3, 0, 8},    {2, 31, 17},
                          {1, 4, 129},  {5, 13, 100}, {1, 706, 128}, {2, 97, 512}, {1, 1031, 6},
                          {2, 3, 1031}, {70, 2, 9},   {65537, 1, 5}, {2, 3, 1060}};
  std::uint64_t seed = 300;
  for (const Shape& s : shapes) {
    const Random random(++seed);
    for (const bool in_place : {false, true}) {
      for (const bool residual : {false, true}) {
        const Variant v{residual, in_place};
        catalogue.test.push_back({"layer_norm_forward", [=] {
                                    return std::make_unique<LayerNormForwardCase>(s, v, random);
                                  }});
      }
      catalogue.test.push_back(
          {"layer_norm_backward",
           [=] { return std::make_unique<LayerNormBackwardCase>(s, in_place, random); }});
    }
  }
  catalogue.test.push_back({"layer_norm_forward", nasty_rows});

  const Random random(++seed);
  for (const Shape& s : {Shape{2, 3, 5}, Shape{1, 6, 19}}) {
    catalogue.grad.push_back(
        {"layer_norm", [=] { return std::make_unique<LayerNormGradient>(s, random); }});
  }
  const Shape model{catalogue.perf_replicas, 706, 128};
  catalogue.perf.push_back({"layer_norm_forward", [=] {
                              return std::make_unique<LayerNormForwardCase>(
                                  model, Variant{.residual = true}, random);
                            }});
  catalogue.perf.push_back({"layer_norm_backward", [=] {
                              return std::make_unique<LayerNormBackwardCase>(model, false, random);
                            }});
}

}  // namespace groklab::test
