// Ops that look up, copy and sum rows: embedding, gather_rows, sum_lists, add.
#include "op_test/lists.h"
#include "op_test/op_case.h"
#include "support/random.h"

namespace groklab::test {
namespace {

struct Shape {
  std::int64_t replicas;
  std::int64_t rows;    ///< looked up
  std::int64_t source;  ///< rows of the table
  std::int64_t width;
};

std::string text(const Shape& s) {
  return describe({{"R", s.replicas}, {"N", s.rows}, {"V", s.source}, {"D", s.width}});
}

constexpr std::int64_t kPositions = 5;

class Embedding final : public OpCaseOf<Embedding> {
 public:
  Embedding(const Shape& s, Random random) {
    shape = text(s);
    tensors = {input("token_table", s.replicas, s.source, s.width,
                     random.normals(s.replicas * s.source * s.width)),
               input("position_table", s.replicas, kPositions, s.width,
                     random.normals(s.replicas * kPositions * s.width)),
               input("tokens", s.replicas, 1, s.rows,
                     random.integers(s.replicas * s.rows, s.source), Element::kIndex),
               input("positions", s.replicas, 1, s.rows,
                     random.integers(s.replicas * s.rows, kPositions), Element::kIndex),
               output("y", s.replicas, s.rows, s.width)};
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ops.embedding(a.matrices(0), a.matrices(1), a.indices(2), a.indices(3), a.matrices(4));
  }
};

class GatherRows final : public OpCaseOf<GatherRows> {
 public:
  GatherRows(const Shape& s, Random random) {
    shape = text(s);
    tensors = {
        input("x", s.replicas, s.source, s.width, random.normals(s.replicas * s.source * s.width)),
        input("rows", s.replicas, 1, s.rows, random.integers(s.replicas * s.rows, s.source),
              Element::kIndex),
        output("y", s.replicas, s.rows, s.width)};
    fp32 = fp64 = {0, 0};
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ops.gather_rows(a.matrices(0), a.indices(1), a.matrices(2));
  }
};

class SumLists final : public OpCaseOf<SumLists> {
 public:
  SumLists(const Shape& s, Random random) {
    shape = text(s);
    const InvertedLists lists(random.integers(s.replicas * s.rows, s.source), s.replicas, s.source);
    tensors = {
        input("x", s.replicas, s.rows, s.width, random.normals(s.replicas * s.rows * s.width)),
        lists.offsets("offsets"), lists.items("items"), output("y", s.replicas, s.source, s.width)};
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ops.sum_lists(a.matrices(0), a.lists(1, 2), a.matrices(3));
  }
};

class Add final : public OpCaseOf<Add> {
 public:
  Add(const Shape& s, Random random) {
    shape = text(s);
    const std::int64_t size = s.replicas * s.rows * s.width;
    tensors = {input("x", s.replicas, s.rows, s.width, random.normals(size)),
               in_out("y", s.replicas, s.rows, s.width, random.normals(size))};
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ops.add(a.matrices(0), a.matrices(1));
  }
};

class EmbeddingGradient final : public GradientCase {
 public:
  EmbeddingGradient(const Shape& s, Random random)
      : shape_(s), forward_(s, random), dy_(random.normals(s.replicas * s.rows * s.width)) {
    shape = text(s);
    names = {"token_table", "position_table"};
    inputs = {forward_.tensors[0].values, forward_.tensors[1].values};
  }

  double value(const Run& run) override {
    forward_.tensors[0].values = inputs[0];
    forward_.tensors[1].values = inputs[1];
    return inner_product(run(forward_)[4], dy_);
  }

  Results gradients(const Run& run) override {
    return {sums(run, 2, shape_.source), sums(run, 3, kPositions)};
  }

 private:
  std::vector<double> sums(const Run& run, std::size_t indices, std::int64_t targets) const {
    const InvertedLists lists(forward_.tensors[indices].values, shape_.replicas, targets);
    SumLists backward(shape_, Random(0));
    backward.tensors = {input("x", shape_.replicas, shape_.rows, shape_.width, dy_),
                        lists.offsets("offsets"), lists.items("items"),
                        output("y", shape_.replicas, targets, shape_.width)};
    return run(backward)[3];
  }

  Shape shape_;
  Embedding forward_;
  std::vector<double> dy_;
};

class GatherRowsGradient final : public GradientCase {
 public:
  GatherRowsGradient(const Shape& s, Random random)
      : shape_(s), forward_(s, random), dy_(random.normals(s.replicas * s.rows * s.width)) {
    shape = text(s);
    names = {"x"};
    inputs = {forward_.tensors[0].values};
  }

  double value(const Run& run) override {
    forward_.tensors[0].values = inputs[0];
    return inner_product(run(forward_)[2], dy_);
  }

  Results gradients(const Run& run) override {
    const InvertedLists lists(forward_.tensors[1].values, shape_.replicas, shape_.source);
    SumLists backward(shape_, Random(0));
    backward.tensors[0].values = dy_;
    backward.tensors[1] = lists.offsets("offsets");
    backward.tensors[2] = lists.items("items");
    return {run(backward)[3]};
  }

 private:
  Shape shape_;
  GatherRows forward_;
  std::vector<double> dy_;
};

/// The lists cover every source once, so that the gradient of a source is that of its sum.
class SumListsGradient final : public GradientCase {
 public:
  SumListsGradient(const Shape& s, Random random)
      : shape_(s),
        targets_(Random(random).integers(s.replicas * s.rows, s.source)),
        forward_(s, random),
        dy_(random.normals(s.replicas * s.source * s.width)) {
    shape = text(s);
    names = {"x"};
    inputs = {forward_.tensors[0].values};
    const InvertedLists lists(targets_, s.replicas, s.source);
    forward_.tensors[1] = lists.offsets("offsets");
    forward_.tensors[2] = lists.items("items");
  }

  double value(const Run& run) override {
    forward_.tensors[0].values = inputs[0];
    return inner_product(run(forward_)[3], dy_);
  }

  Results gradients(const Run& run) override {
    GatherRows backward(shape_, Random(0));
    backward.tensors[0].values = dy_;
    backward.tensors[1].values = targets_;
    return {run(backward)[2]};
  }

 private:
  Shape shape_;
  std::vector<double> targets_;
  SumLists forward_;
  std::vector<double> dy_;
};

}  // namespace

void add_row_cases(Catalogue& catalogue) {
  // A GPU's blocks, grids and vectors end at 1024 threads, 65535 blocks and 4 elements.
  const Shape shapes[] = {{1, 1, 1, 1},    {1, 0, 3, 4},    {1, 7, 3, 5},      {2, 13, 11, 17},
                          {3, 1, 2, 128},  {5, 33, 99, 16}, {1, 706, 99, 128}, {2, 256, 194, 31},
                          {1, 1031, 5, 3}, {2, 3, 5, 1031}, {70, 5, 4, 9},     {1, 4001, 2, 5},
                          {65537, 1, 1, 1}};
  std::uint64_t seed = 100;
  for (const Shape& s : shapes) {
    const Random random(++seed);
    catalogue.test.push_back({"embedding", [=] { return std::make_unique<Embedding>(s, random); }});
    catalogue.test.push_back(
        {"gather_rows", [=] { return std::make_unique<GatherRows>(s, random); }});
    catalogue.test.push_back({"sum_lists", [=] { return std::make_unique<SumLists>(s, random); }});
    catalogue.test.push_back({"add", [=] { return std::make_unique<Add>(s, random); }});
  }

  const Shape small{2, 9, 6, 4};
  const Random random(++seed);
  catalogue.grad.push_back(
      {"embedding", [=] { return std::make_unique<EmbeddingGradient>(small, random); }});
  catalogue.grad.push_back(
      {"gather_rows", [=] { return std::make_unique<GatherRowsGradient>(small, random); }});
  catalogue.grad.push_back(
      {"sum_lists", [=] { return std::make_unique<SumListsGradient>(small, random); }});

  const Shape model{catalogue.perf_replicas, 706, 99, 128};
  catalogue.perf.push_back(
      {"embedding", [=] { return std::make_unique<Embedding>(model, random); }});
  catalogue.perf.push_back(
      {"gather_rows", [=] { return std::make_unique<GatherRows>(model, random); }});
  catalogue.perf.push_back(
      {"sum_lists", [=] { return std::make_unique<SumLists>(model, random); }});
  catalogue.perf.push_back({"add", [=] { return std::make_unique<Add>(model, random); }});
}

}  // namespace groklab::test
