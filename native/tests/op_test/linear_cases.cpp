// y = x weightᵀ + bias and its gradients.
#include "op_test/op_case.h"
#include "support/random.h"

namespace groklab::test {
namespace {

struct Shape {
  std::int64_t replicas;
  std::int64_t rows;
  std::int64_t in;
  std::int64_t out;
};

std::string text(const Shape& s) {
  return describe({{"R", s.replicas}, {"N", s.rows}, {"I", s.in}, {"O", s.out}});
}

double multiply_adds(const Shape& s) {
  return 2.0 * static_cast<double>(s.replicas * s.rows) * static_cast<double>(s.in * s.out);
}

Tensor rows_of(const char* name, const Shape& s, std::int64_t width, Random& random) {
  return input(name, s.replicas, s.rows, width, random.normals(s.replicas * s.rows * width));
}

Tensor weights_of(const Shape& s, Random& random) {
  return input("weight", s.replicas, s.out, s.in, random.normals(s.replicas * s.out * s.in));
}

class LinearForward final : public OpCaseOf<LinearForward> {
 public:
  LinearForward(const Shape& s, bool bias, Random random) : bias_(bias) {
    shape = text(s) + (bias ? " bias" : "");
    tensors = {rows_of("x", s, s.in, random), weights_of(s, random),
               input("bias", s.replicas, 1, s.out, random.normals(s.replicas * s.out)),
               output("y", s.replicas, s.rows, s.out)};
    flops = multiply_adds(s);
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ops.linear_forward(a.matrices(0), a.matrices(1), bias_ ? a.vectors(2) : Vectors<T>{},
                       a.matrices(3));
  }

 private:
  bool bias_;
};

class LinearBackwardInput final : public OpCaseOf<LinearBackwardInput> {
 public:
  LinearBackwardInput(const Shape& s, bool accumulate, Random random) : accumulate_(accumulate) {
    shape = text(s) + (accumulate ? " accumulate" : "");
    tensors = {rows_of("dy", s, s.out, random), weights_of(s, random),
               accumulate ? in_out("dx", s.replicas, s.rows, s.in,
                                   random.normals(s.replicas * s.rows * s.in))
                          : output("dx", s.replicas, s.rows, s.in)};
    flops = multiply_adds(s);
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ops.linear_backward_input(a.matrices(0), a.matrices(1), a.matrices(2), accumulate_);
  }

 private:
  bool accumulate_;
};

class LinearBackwardWeight final : public OpCaseOf<LinearBackwardWeight> {
 public:
  LinearBackwardWeight(const Shape& s, bool bias, Random random) : bias_(bias) {
    shape = text(s) + (bias ? " bias" : "");
    tensors = {rows_of("dy", s, s.out, random), rows_of("x", s, s.in, random),
               output("dweight", s.replicas, s.out, s.in)};
    if (bias) tensors.push_back(output("dbias", s.replicas, 1, s.out));
    flops = multiply_adds(s);
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ops.linear_backward_weight(a.matrices(0), a.matrices(1), a.matrices(2),
                               bias_ ? a.vectors(3) : Vectors<T>{});
  }

 private:
  bool bias_;
};

class LinearGradient final : public GradientCase {
 public:
  LinearGradient(const Shape& s, bool accumulate, Random random)
      : accumulate_(accumulate),
        dy_(random.normals(s.replicas * s.rows * s.out)),
        forward_(s, true, random),
        backward_input_(s, accumulate, random),
        backward_weight_(s, true, random) {
    shape = text(s) + (accumulate ? " accumulate" : "");
    names = {"x", "weight", "bias"};
    for (std::size_t i = 0; i < 3; ++i) inputs.push_back(forward_.tensors[i].values);
  }

  double value(const Run& run) override {
    for (std::size_t i = 0; i < 3; ++i) forward_.tensors[i].values = inputs[i];
    return inner_product(run(forward_)[3], dy_);
  }

  Results gradients(const Run& run) override {
    backward_input_.tensors[0].values = dy_;
    backward_input_.tensors[1].values = inputs[1];
    backward_weight_.tensors[0].values = dy_;
    backward_weight_.tensors[1].values = inputs[0];
    std::vector<double> dx = run(backward_input_)[2];
    if (accumulate_) {
      const std::vector<double>& before = backward_input_.tensors[2].values;
      for (std::size_t i = 0; i < dx.size(); ++i) dx[i] -= before[i];
    }
    const Results weight = run(backward_weight_);
    return {dx, weight[2], weight[3]};
  }

 private:
  bool accumulate_;
  std::vector<double> dy_;
  LinearForward forward_;
  LinearBackwardInput backward_input_;
  LinearBackwardWeight backward_weight_;
};

}  // namespace

void add_linear_cases(Catalogue& catalogue) {
  const Shape shapes[] = {
      {1, 1, 1, 1},       {1, 3, 5, 7},       {2, 0, 4, 3},      {3, 17, 31, 13},
      {2, 7, 1, 9},       {2, 7, 9, 1},       {1, 1, 128, 512},  {5, 33, 16, 16},
      {1, 257, 99, 128},  {1, 64, 64, 64},    {2, 353, 128, 99}, {3, 24, 24, 72},
      {1, 706, 128, 512}, {1, 706, 512, 128}, {1, 5, 0, 4},      {70, 3, 5, 7},
      {1, 1031, 6, 5},    {2, 3, 1031, 6},    {2, 3, 6, 1031},   {65537, 1, 1, 2}};
  std::uint64_t seed = 200;
  for (const Shape& s : shapes) {
    const Random random(++seed);
    for (const bool flag : {false, true}) {
      catalogue.test.push_back(
          {"linear_forward", [=] { return std::make_unique<LinearForward>(s, flag, random); }});
      catalogue.test.push_back({"linear_backward_input", [=] {
                                  return std::make_unique<LinearBackwardInput>(s, flag, random);
                                }});
      catalogue.test.push_back({"linear_backward_weight", [=] {
                                  return std::make_unique<LinearBackwardWeight>(s, flag, random);
                                }});
    }
  }

  const Random random(++seed);
  for (const Shape& s : {Shape{2, 5, 7, 3}, Shape{1, 9, 4, 17}}) {
    for (const bool accumulate : {false, true}) {
      catalogue.grad.push_back(
          {"linear", [=] { return std::make_unique<LinearGradient>(s, accumulate, random); }});
    }
  }

  // Query-key-value, feed-forward up and down, readout, at the prefix tree of a batch of 256; an
  // MLP's layers; an LSTM's, at all nodes and at a level's.
  const std::int64_t r = catalogue.perf_replicas;
  for (const Shape& s : {Shape{r, 706, 128, 384}, Shape{r, 706, 128, 512}, Shape{r, 706, 512, 128},
                         Shape{r, 256, 128, 99}, Shape{r, 256, 512, 512}, Shape{r, 706, 512, 2048},
                         Shape{r, 256, 512, 2048}}) {
    catalogue.perf.push_back(
        {"linear_forward", [=] { return std::make_unique<LinearForward>(s, true, random); }});
    catalogue.perf.push_back({"linear_backward_input", [=] {
                                return std::make_unique<LinearBackwardInput>(s, false, random);
                              }});
    catalogue.perf.push_back({"linear_backward_weight", [=] {
                                return std::make_unique<LinearBackwardWeight>(s, true, random);
                              }});
  }
}

}  // namespace groklab::test
