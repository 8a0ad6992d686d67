// Attention along the paths of a prefix tree, and its gradient.
#include <cmath>

#include "op_test/lists.h"
#include "op_test/op_case.h"
#include "support/random.h"

namespace groklab::test {
namespace {

struct Shape {
  std::int64_t replicas;
  std::int64_t queries;
  std::int64_t keys;
  std::int64_t length;
  std::int64_t heads;
  std::int64_t width;

  [[nodiscard]] std::int64_t query_size() const { return replicas * queries * width; }
  [[nodiscard]] std::int64_t key_size() const { return replicas * keys * width; }
};

std::string text(const Shape& s) {
  return describe({{"R", s.replicas},
                   {"N", s.queries},
                   {"M", s.keys},
                   {"T", s.length},
                   {"heads", s.heads},
                   {"D", s.width}});
}

/// Random paths: keys are shared by queries, may repeat in a path, and one in three is missing.
std::vector<double> random_paths(const Shape& s, Random& random) {
  std::vector<double> path = random.integers(s.replicas * s.queries * s.length, s.keys);
  for (std::int64_t n = 0; n < s.replicas * s.queries; ++n) {
    const std::int64_t present = random.integer(s.length);
    for (std::int64_t t = 0; t < s.length; ++t) {
      if (t != present && random.integer(3) == 0)
        path[static_cast<std::size_t>(n * s.length + t)] = -1;
    }
  }
  return path;
}

Tensor paths_of(const Shape& s, std::vector<double> path) {
  return input("path", s.replicas, s.queries, s.length, std::move(path), Element::kIndex);
}

class AttentionForwardCase final : public OpCaseOf<AttentionForwardCase> {
 public:
  AttentionForwardCase(const Shape& s, Random random) : heads_(s.heads) {
    shape = text(s);
    tensors = {paths_of(s, random_paths(s, random)),
               input("q", s.replicas, s.queries, s.width, random.normals(s.query_size())),
               input("k", s.replicas, s.keys, s.width, random.normals(s.key_size())),
               input("v", s.replicas, s.keys, s.width, random.normals(s.key_size())),
               output("weights", s.replicas, s.queries, s.heads * s.length),
               output("y", s.replicas, s.queries, s.width)};
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    AttentionForward<T> args;
    args.heads = heads_;
    args.path = a.index_matrices(0);
    args.q = a.matrices(1);
    args.k = a.matrices(2);
    args.v = a.matrices(3);
    args.weights = a.matrices(4);
    args.y = a.matrices(5);
    ops.attention_forward(args);
  }

 private:
  std::int64_t heads_;
};

/// Positive weights that sum to 1 along each path, 0 where it is −1.
std::vector<double> random_weights(const Shape& s, const std::vector<double>& path,
                                   Random& random) {
  std::vector<double> weights;
  for (std::int64_t n = 0; n < s.replicas * s.queries; ++n) {
    for (std::int64_t h = 0; h < s.heads; ++h) {
      double sum = 0;
      for (std::int64_t t = 0; t < s.length; ++t) {
        const bool absent = path[static_cast<std::size_t>(n * s.length + t)] < 0;
        weights.push_back(absent ? 0.0 : random.uniform(0.01, 1));
        sum += weights.back();
      }
      for (auto w = weights.end() - s.length; w != weights.end(); ++w) *w /= sum;
    }
  }
  return weights;
}

class AttentionBackwardCase final : public OpCaseOf<AttentionBackwardCase> {
 public:
  AttentionBackwardCase(const Shape& s, Random random)
      : AttentionBackwardCase(s, random_paths(s, random), random) {}

  AttentionBackwardCase(const Shape& s, const std::vector<double>& path, Random random)
      : heads_(s.heads) {
    shape = text(s);
    const InvertedLists uses(path, s.replicas, s.keys);
    tensors = {paths_of(s, path),
               uses.offsets("uses.offsets"),
               uses.items("uses.items"),
               input("q", s.replicas, s.queries, s.width, random.normals(s.query_size())),
               input("k", s.replicas, s.keys, s.width, random.normals(s.key_size())),
               input("v", s.replicas, s.keys, s.width, random.normals(s.key_size())),
               input("weights", s.replicas, s.queries, s.heads * s.length,
                     random_weights(s, path, random)),
               input("dy", s.replicas, s.queries, s.width, random.normals(s.query_size())),
               scratch("dscores", s.replicas, s.queries, s.heads * s.length),
               output("dq", s.replicas, s.queries, s.width),
               output("dk", s.replicas, s.keys, s.width),
               output("dv", s.replicas, s.keys, s.width)};
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    AttentionBackward<T> args;
    args.heads = heads_;
    args.path = a.index_matrices(0);
    args.uses = a.lists(1, 2);
    args.q = a.matrices(3);
    args.k = a.matrices(4);
    args.v = a.matrices(5);
    args.weights = a.matrices(6);
    args.dy = a.matrices(7);
    args.dscores = a.matrices(8);
    args.dq = a.matrices(9);
    args.dk = a.matrices(10);
    args.dv = a.matrices(11);
    ops.attention_backward(args);
  }

 private:
  std::int64_t heads_;
};

class AttentionGradient final : public GradientCase {
 public:
  AttentionGradient(const Shape& s, Random random)
      : forward_(s, random),
        backward_(s, forward_.tensors[0].values, random),
        dy_(random.normals(s.query_size())) {
    shape = text(s);
    names = {"q", "k", "v"};
    for (std::size_t i = 1; i < 4; ++i) inputs.push_back(forward_.tensors[i].values);
  }

  double value(const Run& run) override { return inner_product(forward(run)[5], dy_); }

  Results gradients(const Run& run) override {
    for (std::size_t i = 0; i < 3; ++i) backward_.tensors[3 + i].values = inputs[i];
    backward_.tensors[6].values = forward(run)[4];
    backward_.tensors[7].values = dy_;
    const Results gradient = run(backward_);
    return {gradient[9], gradient[10], gradient[11]};
  }

 private:
  Results forward(const Run& run) {
    for (std::size_t i = 0; i < 3; ++i) forward_.tensors[1 + i].values = inputs[i];
    return run(forward_);
  }

  AttentionForwardCase forward_;
  AttentionBackwardCase backward_;
  std::vector<double> dy_;
};

/// Scores around ±10⁴: exp without the maximum taken off would be infinite or zero everywhere.
std::unique_ptr<OpCase> huge_scores() {
  const Shape s{2, 9, 7, 5, 2, 16};
  auto made = std::make_unique<AttentionForwardCase>(s, Random(599));
  made->shape += " huge scores";
  for (double& q : made->tensors[1].values) q *= 3e3;
  // Scores of 10⁴ are known to 10⁻³ in float, and so are near ties.
  made->fp32 = {1e-5, 5e-2};
  made->fp64 = {1e-20, 1e-9};
  return made;
}

}  // namespace

void add_attention_cases(Catalogue& catalogue) {
  const Shape shapes[] = {{1, 1, 1, 1, 1, 1},       {2, 3, 5, 4, 1, 7},      {1, 0, 4, 4, 2, 8},
                          {3, 7, 3, 5, 5, 15},      {2, 31, 17, 6, 3, 24},   {1, 13, 40, 17, 4, 36},
                          {1, 256, 706, 4, 4, 128}, {2, 353, 353, 4, 8, 64}, {1, 5, 9, 40, 2, 6},
                          {2, 9, 40, 33, 3, 9},     {1, 1031, 5, 2, 1, 3},   {1, 600, 2, 5, 1, 4},
                          {1, 3, 5, 2, 1, 1031},    {1, 2, 300, 257, 2, 6},  {70, 3, 4, 3, 2, 4},
                          {65537, 1, 1, 1, 1, 1}};
  std::uint64_t seed = 500;
  for (const Shape& s : shapes) {
    const Random random(++seed);
    catalogue.test.push_back(
        {"attention_forward", [=] { return std::make_unique<AttentionForwardCase>(s, random); }});
    catalogue.test.push_back(
        {"attention_backward", [=] { return std::make_unique<AttentionBackwardCase>(s, random); }});
  }
  catalogue.test.push_back({"attention_forward", huge_scores});

  const Random random(++seed);
  for (const Shape& s :
       {Shape{1, 5, 4, 3, 2, 6}, Shape{2, 3, 5, 4, 1, 3}, Shape{1, 4, 3, 6, 4, 8}}) {
    catalogue.grad.push_back(
        {"attention", [=] { return std::make_unique<AttentionGradient>(s, random); }});
  }
  const Shape model{catalogue.perf_replicas, 706, 706, 4, 4, 128};
  catalogue.perf.push_back(
      {"attention_forward", [=] { return std::make_unique<AttentionForwardCase>(model, random); }});
  catalogue.perf.push_back({"attention_backward", [=] {
                              return std::make_unique<AttentionBackwardCase>(model, random);
                            }});
}

}  // namespace groklab::test
