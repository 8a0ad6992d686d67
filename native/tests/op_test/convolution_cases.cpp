// Convolutions and their gradients.
#include <algorithm>

#include "op_test/op_case.h"
#include "support/random.h"

namespace groklab::test {
namespace {

struct Shape {
  std::int64_t replicas;
  std::int64_t images;
  ImageShape image;
  std::int64_t outputs;  ///< channels
  std::int64_t kernel = 3;

  [[nodiscard]] std::int64_t patch() const { return image.channels * kernel * kernel; }
  [[nodiscard]] std::int64_t out_size() const { return outputs * image.pixels(); }
};

std::string text(const Shape& s) {
  return describe({{"R", s.replicas},
                   {"N", s.images},
                   {"I", s.image.channels},
                   {"H", s.image.height},
                   {"W", s.image.width},
                   {"O", s.outputs},
                   {"K", s.kernel}});
}

double flops_of(const Shape& s) {
  return 2.0 * static_cast<double>(s.replicas * s.images) *
         static_cast<double>(s.patch() * s.out_size());
}

/// A tensor [R, N, size] of random numbers.
Tensor images_of(const char* name, const Shape& s, std::int64_t size, Random& random) {
  return input(name, s.replicas, s.images, size, random.normals(s.replicas * s.images * size));
}

Tensor weights_of(const Shape& s, Random& random) {
  return input("weight", s.replicas, s.outputs, s.patch(),
               random.normals(s.replicas * s.outputs * s.patch()));
}

/// Rounding adds up with the length of a sum.
void allow_for(OpCase& made, std::int64_t terms) {
  made.fp32.nmse = std::max(made.fp32.nmse, 5e-15 * static_cast<double>(terms));
}

class ConvolutionForwardCase final : public ScratchOpCaseOf<ConvolutionForwardCase> {
 public:
  ConvolutionForwardCase(const Shape& s, bool bias, Random random) : shape_(s), bias_(bias) {
    shape = text(s) + (bias ? " bias" : "");
    finite = true;
    tensors = {images_of("x", s, s.image.size(), random), weights_of(s, random),
               input("bias", s.replicas, 1, s.outputs, random.normals(s.replicas * s.outputs)),
               output("y", s.replicas, s.images, s.out_size())};
    flops = flops_of(s);
    allow_for(*this, s.patch());
  }

  template <class T>
  ConvolutionForward<T> arguments(const Call<T>& a) const {
    ConvolutionForward<T> args;
    args.image = shape_.image;
    args.kernel = shape_.kernel;
    args.x = a.matrices(0);
    args.weight = a.matrices(1);
    if (bias_) args.bias = a.vectors(2);
    args.y = a.matrices(3);
    return args;
  }
  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ConvolutionForward<T> args = arguments(a);
    args.scratch = a.scratch();
    ops.convolution_forward(args);
  }
  template <class T>
  std::int64_t scratch_of(Ops<T>& ops, const Call<T>& a) const {
    return ops.scratch(arguments(a));
  }

 private:
  Shape shape_;
  bool bias_;
};

class ConvolutionBackwardInputCase final : public ScratchOpCaseOf<ConvolutionBackwardInputCase> {
 public:
  ConvolutionBackwardInputCase(const Shape& s, Random random) : shape_(s) {
    shape = text(s);
    finite = true;
    tensors = {images_of("dy", s, s.out_size(), random), weights_of(s, random),
               output("dx", s.replicas, s.images, s.image.size())};
    flops = flops_of(s);
    allow_for(*this, s.outputs * s.kernel * s.kernel);
  }

  template <class T>
  ConvolutionBackwardInput<T> arguments(const Call<T>& a) const {
    ConvolutionBackwardInput<T> args;
    args.image = shape_.image;
    args.kernel = shape_.kernel;
    args.dy = a.matrices(0);
    args.weight = a.matrices(1);
    args.dx = a.matrices(2);
    return args;
  }
  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ConvolutionBackwardInput<T> args = arguments(a);
    args.scratch = a.scratch();
    ops.convolution_backward_input(args);
  }
  template <class T>
  std::int64_t scratch_of(Ops<T>& ops, const Call<T>& a) const {
    return ops.scratch(arguments(a));
  }

 private:
  Shape shape_;
};

class ConvolutionBackwardWeightCase final : public ScratchOpCaseOf<ConvolutionBackwardWeightCase> {
 public:
  ConvolutionBackwardWeightCase(const Shape& s, bool bias, Random random) : shape_(s), bias_(bias) {
    shape = text(s) + (bias ? " bias" : "");
    finite = true;
    tensors = {images_of("dy", s, s.out_size(), random), images_of("x", s, s.image.size(), random),
               output("dweight", s.replicas, s.outputs, s.patch())};
    if (bias) tensors.push_back(output("dbias", s.replicas, 1, s.outputs));
    flops = flops_of(s);
    allow_for(*this, s.images * s.image.pixels());
  }

  template <class T>
  ConvolutionBackwardWeight<T> arguments(const Call<T>& a) const {
    ConvolutionBackwardWeight<T> args;
    args.image = shape_.image;
    args.kernel = shape_.kernel;
    args.dy = a.matrices(0);
    args.x = a.matrices(1);
    args.dweight = a.matrices(2);
    if (bias_) args.dbias = a.vectors(3);
    return args;
  }
  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ConvolutionBackwardWeight<T> args = arguments(a);
    args.scratch = a.scratch();
    ops.convolution_backward_weight(args);
  }
  template <class T>
  std::int64_t scratch_of(Ops<T>& ops, const Call<T>& a) const {
    return ops.scratch(arguments(a));
  }

 private:
  Shape shape_;
  bool bias_;
};

class ConvolutionGradient final : public GradientCase {
 public:
  ConvolutionGradient(const Shape& s, Random random)
      : dy_(random.normals(s.replicas * s.images * s.out_size())),
        forward_(s, true, random),
        backward_input_(s, random),
        backward_weight_(s, true, random) {
    shape = text(s);
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
    const Results weight = run(backward_weight_);
    return {run(backward_input_)[2], weight[2], weight[3]};
  }

 private:
  std::vector<double> dy_;
  ConvolutionForwardCase forward_;
  ConvolutionBackwardInputCase backward_input_;
  ConvolutionBackwardWeightCase backward_weight_;
};

}  // namespace

void add_convolution_cases(Catalogue& catalogue) {
  // Extents of 1, odd and prime ones; no images, no channels, no pixels; windows larger than images;
  // more pixels, patches or outputs than one block of any backend has; more images than parts.
  const Shape shapes[] = {
      {1, 1, {1, 1, 1}, 1},    {2, 3, {2, 3, 5}, 4},    {1, 2, {3, 1, 7}, 5},
      {2, 2, {1, 7, 1}, 3},    {2, 0, {2, 4, 4}, 3},    {1, 2, {0, 3, 3}, 2},
      {1, 2, {2, 0, 3}, 2},    {1, 3, {2, 2, 2}, 3, 1}, {2, 2, {3, 2, 3}, 2, 5},
      {1, 1, {1, 2, 2}, 1, 7}, {3, 19, {3, 5, 6}, 7},   {1, 1, {3, 17, 19}, 65},
      {1, 5, {29, 4, 4}, 13},  {1, 2, {3, 32, 32}, 64}, {2, 33, {5, 7, 7}, 31},
      {1, 3, {64, 8, 8}, 128}, {1, 20, {2, 1, 1}, 131}, {300, 1, {1, 2, 3}, 2},
      {1, 2, {2, 5, 263}, 3},  {1, 1, {131, 3, 3}, 3},  {1, 2, {2, 23, 23}, 97}};
  std::uint64_t seed = 1100;
  for (const Shape& s : shapes) {
    const Random random(++seed);
    for (const bool bias : {false, true}) {
      catalogue.test.push_back({"convolution_forward", [=] {
                                  return std::make_unique<ConvolutionForwardCase>(s, bias, random);
                                }});
      catalogue.test.push_back(
          {"convolution_backward_weight",
           [=] { return std::make_unique<ConvolutionBackwardWeightCase>(s, bias, random); }});
    }
    catalogue.test.push_back({"convolution_backward_input", [=] {
                                return std::make_unique<ConvolutionBackwardInputCase>(s, random);
                              }});
  }

  const Random random(++seed);
  for (const Shape& s : {Shape{2, 3, {2, 3, 4}, 3}, Shape{1, 2, {3, 5, 3}, 2, 5}}) {
    catalogue.grad.push_back(
        {"convolution", [=] { return std::make_unique<ConvolutionGradient>(s, random); }});
  }

  // The three layers of the article's network: 64 images of 32 × 32 in three colours.
  const std::int64_t r = catalogue.perf_replicas;
  for (const Shape& s : {Shape{r, 64, {3, 32, 32}, 64}, Shape{r, 64, {64, 16, 16}, 128},
                         Shape{r, 64, {128, 8, 8}, 256}}) {
    catalogue.perf.push_back({"convolution_forward", [=] {
                                return std::make_unique<ConvolutionForwardCase>(s, true, random);
                              }});
    catalogue.perf.push_back({"convolution_backward_input", [=] {
                                return std::make_unique<ConvolutionBackwardInputCase>(s, random);
                              }});
    catalogue.perf.push_back(
        {"convolution_backward_weight",
         [=] { return std::make_unique<ConvolutionBackwardWeightCase>(s, true, random); }});
  }
}

}  // namespace groklab::test
