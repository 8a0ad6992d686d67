// Max pooling and its gradient.
#include <cmath>
#include <limits>

#include "op_test/op_case.h"
#include "support/random.h"

namespace groklab::test {
namespace {

struct Shape {
  std::int64_t replicas;
  std::int64_t images;
  ImageShape image;

  [[nodiscard]] std::int64_t windows() const {
    return image.channels * (image.height / 2) * (image.width / 2);
  }
};

std::string text(const Shape& s) {
  return describe({{"R", s.replicas},
                   {"N", s.images},
                   {"C", s.image.channels},
                   {"H", s.image.height},
                   {"W", s.image.width}});
}

class MaxPoolForwardCase final : public OpCaseOf<MaxPoolForwardCase> {
 public:
  MaxPoolForwardCase(const Shape& s, Random random) : shape_(s) {
    shape = text(s);
    tensors = {input("x", s.replicas, s.images, s.image.size(),
                     random.normals(s.replicas * s.images * s.image.size())),
               output("winners", s.replicas, s.images, s.windows(), Element::kIndex),
               output("y", s.replicas, s.images, s.windows())};
    fp32 = fp64 = {0, 0};
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    MaxPoolForward<T> args;
    args.image = shape_.image;
    args.x = a.matrices(0);
    args.winners = a.integer_matrices(1);
    args.y = a.matrices(2);
    ops.max_pool_forward(args);
  }

 private:
  Shape shape_;
};

class MaxPoolBackwardCase final : public OpCaseOf<MaxPoolBackwardCase> {
 public:
  MaxPoolBackwardCase(const Shape& s, Random random) : shape_(s) {
    shape = text(s);
    const std::int64_t windows = s.replicas * s.images * s.windows();
    tensors = {input("dy", s.replicas, s.images, s.windows(), random.normals(windows)),
               input("winners", s.replicas, s.images, s.windows(), random.integers(windows, 4),
                     Element::kIndex),
               output("dx", s.replicas, s.images, s.image.size())};
    fp32 = fp64 = {0, 0};
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    MaxPoolBackward<T> args;
    args.image = shape_.image;
    args.dy = a.matrices(0);
    args.winners = a.index_matrices(1);
    args.dx = a.matrices(2);
    ops.max_pool_backward(args);
  }

 private:
  Shape shape_;
};

class MaxPoolGradient final : public GradientCase {
 public:
  MaxPoolGradient(const Shape& s, Random random)
      : dy_(random.normals(s.replicas * s.images * s.windows())),
        forward_(s, random),
        backward_(s, random) {
    shape = text(s);
    names = {"x"};
    inputs = {forward_.tensors[0].values};
  }

  double value(const Run& run) override {
    forward_.tensors[0].values = inputs[0];
    return inner_product(run(forward_)[2], dy_);
  }

  Results gradients(const Run& run) override {
    forward_.tensors[0].values = inputs[0];
    backward_.tensors[0].values = dy_;
    backward_.tensors[1].values = run(forward_)[1];
    return {run(backward_)[2]};
  }

 private:
  std::vector<double> dy_;
  MaxPoolForwardCase forward_;
  MaxPoolBackwardCase backward_;
};

/// Windows with equal elements, infinities and NaNs, each element once in every place.
std::unique_ptr<OpCase> nasty_windows() {
  const double infinity = std::numeric_limits<double>::infinity();
  const double values[] = {0.0, -0.0, 1, 1, -infinity, infinity, std::nan(""), -1};
  const Shape s{1, 1, {1, 16, 256}};
  auto made = std::make_unique<MaxPoolForwardCase>(s, Random(1));
  made->shape += " equal, infinite, NaN";
  std::vector<double>& x = made->tensors[0].values;
  // Window w holds the values that the digits of w to base 8 are.
  for (std::size_t i = 0; i < 16; ++i) {
    for (std::size_t j = 0; j < 256; ++j) {
      const std::size_t window = i / 2 * 128 + j / 2;
      const std::size_t place = i % 2 * 2 + j % 2;
      x[i * 256 + j] = values[(window >> (3 * place)) % 8];
    }
  }
  return made;
}

}  // namespace

void add_pooling_cases(Catalogue& catalogue) {
  const Shape shapes[] = {{1, 1, {1, 2, 2}},   {2, 3, {2, 4, 6}},   {1, 2, {3, 5, 7}},
                          {1, 1, {1, 1, 1}},   {2, 2, {2, 1, 4}},   {2, 2, {2, 4, 1}},
                          {2, 0, {2, 4, 4}},   {1, 2, {0, 4, 4}},   {1, 2, {3, 3, 2}},
                          {3, 5, {3, 8, 67}},  {1, 2, {2, 9, 66}},  {1, 3, {5, 32, 32}},
                          {300, 1, {2, 2, 5}}, {1, 29, {1, 16, 34}}};
  std::uint64_t seed = 1200;
  for (const Shape& s : shapes) {
    const Random random(++seed);
    catalogue.test.push_back(
        {"max_pool_forward", [=] { return std::make_unique<MaxPoolForwardCase>(s, random); }});
    catalogue.test.push_back(
        {"max_pool_backward", [=] { return std::make_unique<MaxPoolBackwardCase>(s, random); }});
  }
  catalogue.test.push_back({"max_pool_forward", nasty_windows});

  const Random random(++seed);
  for (const Shape& s : {Shape{2, 2, {2, 4, 5}}, Shape{1, 3, {1, 3, 6}}}) {
    catalogue.grad.push_back(
        {"max_pool", [=] { return std::make_unique<MaxPoolGradient>(s, random); }});
  }

  const Shape model{catalogue.perf_replicas, 64, {64, 32, 32}};
  catalogue.perf.push_back(
      {"max_pool_forward", [=] { return std::make_unique<MaxPoolForwardCase>(model, random); }});
  catalogue.perf.push_back(
      {"max_pool_backward", [=] { return std::make_unique<MaxPoolBackwardCase>(model, random); }});
}

}  // namespace groklab::test
