// Ops that look up, copy and sum rows: embedding, gather_rows, gather_sum, sum_lists, add, copy.
#include "op_test/op_case.h"
#include "op_test/sum_lists.h"
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

/// Rows to sum, by path: one entry in three names none, and of the rows that follow the first one,
/// the second names one source only and the third none at all.
std::vector<double> random_paths(const Shape& s, std::int64_t length, Random& random) {
  std::vector<double> path;
  for (std::int64_t n = 0; n < s.replicas * s.rows; ++n) {
    const std::int64_t special = n % s.rows;
    const double one = static_cast<double>(random.integer(s.source));
    for (std::int64_t t = 0; t < length; ++t) {
      const double any = static_cast<double>(random.integer(s.source));
      const bool none = special == 2 || random.integer(3) == 0;
      path.push_back(special == 1 ? one : none ? -1.0 : any);
    }
  }
  return path;
}

class GatherSum final : public OpCaseOf<GatherSum> {
 public:
  GatherSum(const Shape& s, std::int64_t length, bool bias, Random random) : bias_(bias) {
    shape = text(s) + ' ' + describe({{"T", length}}) + (bias ? " bias" : "");
    tensors = {
        input("x", s.replicas, s.source, s.width, random.normals(s.replicas * s.source * s.width)),
        input("path", s.replicas, s.rows, length, random_paths(s, length, random), Element::kIndex),
        input("bias", s.replicas, 1, s.width, random.normals(s.replicas * s.width)),
        output("y", s.replicas, s.rows, s.width)};
    if (length == 1 && !bias) fp32 = fp64 = {0, 0};
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ops.gather_sum(a.matrices(0), a.index_matrices(1), bias_ ? a.vectors(2) : Vectors<T>{},
                   a.matrices(3));
  }

 private:
  bool bias_;
};

/// All lists; with several items a row.
Sums all_lists(const Shape& s, std::int64_t items_per_row) {
  return {s.replicas, s.rows, s.source, s.width, items_per_row};
}

/// Some lists from the middle: the offsets do not begin with 0.
Sums some_lists(const Shape& s, std::int64_t items_per_row) {
  Sums sums = all_lists(s, items_per_row);
  sums.first = s.source / 3;
  sums.count = (s.source + 1) / 2;
  return sums;
}

/// Of the items of all rows, the list that has each; with several a row one in four has none.
std::vector<double> random_keys(const Sums& s, Random& random) {
  std::vector<double> keys = random.integers(s.replicas * s.rows * s.items_per_row, s.targets);
  for (double& key : keys) {
    if (s.items_per_row > 1 && random.integer(4) == 0) key = -1;
  }
  return keys;
}

std::unique_ptr<SumLists> random_sums(const Sums& s, Random random) {
  const std::vector<double> keys = random_keys(s, random);
  return std::make_unique<SumLists>(s, keys, random.normals(s.replicas * s.rows * s.width));
}

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

class Copy final : public OpCaseOf<Copy> {
 public:
  Copy(const Shape& s, Random random) {
    const std::int64_t size = s.rows * s.width;
    shape = describe({{"R", s.replicas}, {"P", size}});
    tensors = {input("x", s.replicas, 1, size, random.normals(s.replicas * size)),
               output("y", s.replicas, 1, size)};
    fp32 = fp64 = {0, 0};
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ops.copy(a.vectors(0), a.vectors(1));
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
    Shape table = shape_;
    table.source = targets;
    return sum_lists(run, all_lists(table, 1), forward_.tensors[indices].values, dy_);
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
    return {sum_lists(run, all_lists(shape_, 1), forward_.tensors[1].values, dy_)};
  }

 private:
  Shape shape_;
  GatherRows forward_;
  std::vector<double> dy_;
};

/// The gradient of x is a sum over the uses of the path's entries, as many a row as it has.
class GatherSumGradient final : public GradientCase {
 public:
  GatherSumGradient(const Shape& s, std::int64_t length, Random random)
      : shape_(s),
        length_(length),
        forward_(s, length, true, random),
        dy_(random.normals(s.replicas * s.rows * s.width)) {
    shape = text(s) + ' ' + describe({{"T", length}});
    names = {"x", "bias"};
    inputs = {forward_.tensors[0].values, forward_.tensors[2].values};
  }

  double value(const Run& run) override {
    forward_.tensors[0].values = inputs[0];
    forward_.tensors[2].values = inputs[1];
    return inner_product(run(forward_)[3], dy_);
  }

  Results gradients(const Run& run) override {
    return {sum_lists(run, all_lists(shape_, length_), forward_.tensors[1].values, dy_),
            column_sums(dy_, shape_.replicas, shape_.rows, shape_.width)};
  }

 private:
  Shape shape_;
  std::int64_t length_;
  GatherSum forward_;
  std::vector<double> dy_;
};

/// Of a sum over lists, the gradient of a row is the sum over the lists that have its items.
class SumListsGradient final : public GradientCase {
 public:
  SumListsGradient(const Shape& s, std::int64_t items_per_row, Random random)
      : keys_(random_keys(all_lists(s, items_per_row), random)),
        forward_(all_lists(s, items_per_row), keys_, random.normals(s.replicas * s.rows * s.width)),
        backward_(s, items_per_row, false, random),
        dy_(random.normals(s.replicas * s.source * s.width)) {
    shape = forward_.shape;
    names = {"x"};
    inputs = {forward_.tensors[0].values};
  }

  double value(const Run& run) override {
    forward_.tensors[0].values = inputs[0];
    return inner_product(run(forward_)[3], dy_);
  }

  Results gradients(const Run& run) override {
    backward_.tensors[0].values = dy_;
    backward_.tensors[1].values = keys_;
    return {run(backward_)[3]};
  }

 private:
  std::vector<double> keys_;
  SumLists forward_;
  GatherSum backward_;
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
    for (const std::int64_t length : {1, 4, 7}) {
      for (const bool bias : {false, true}) {
        catalogue.test.push_back(
            {"gather_sum", [=] { return std::make_unique<GatherSum>(s, length, bias, random); }});
      }
    }
    for (const std::int64_t items_per_row : {1, 3, 4, 7}) {
      for (const Sums& sums : {all_lists(s, items_per_row), some_lists(s, items_per_row)}) {
        catalogue.test.push_back({"sum_lists", [=] { return random_sums(sums, random); }});
      }
    }
    catalogue.test.push_back({"add", [=] { return std::make_unique<Add>(s, random); }});
    catalogue.test.push_back({"copy", [=] { return std::make_unique<Copy>(s, random); }});
  }
  // Numbers whose reciprocals, rounded to float, are too small.
  for (const std::int64_t items_per_row : {41, 47, 97}) {
    const Random random(++seed);
    catalogue.test.push_back(
        {"sum_lists", [=] {
           return random_sums(all_lists({2, 97, 11, 5}, items_per_row), random);
         }});
  }
  // Sums of nothing, and paths longer than a warp.
  for (const std::int64_t length : {0, 2, 33, 70}) {
    for (const bool bias : {false, true}) {
      const Random random(++seed);
      catalogue.test.push_back(
          {"gather_sum", [=] {
             return std::make_unique<GatherSum>(Shape{2, 9, 5, 6}, length, bias, random);
           }});
    }
  }

  const Shape small{2, 9, 6, 4};
  const Random random(++seed);
  catalogue.grad.push_back(
      {"embedding", [=] { return std::make_unique<EmbeddingGradient>(small, random); }});
  catalogue.grad.push_back(
      {"gather_rows", [=] { return std::make_unique<GatherRowsGradient>(small, random); }});
  for (const std::int64_t length : {1, 3, 4}) {
    catalogue.grad.push_back(
        {"gather_sum", [=] { return std::make_unique<GatherSumGradient>(small, length, random); }});
    catalogue.grad.push_back(
        {"sum_lists", [=] { return std::make_unique<SumListsGradient>(small, length, random); }});
  }

  const std::int64_t replicas = catalogue.perf_replicas;
  const Shape model{replicas, 706, 99, 128};
  catalogue.perf.push_back(
      {"embedding", [=] { return std::make_unique<Embedding>(model, random); }});
  catalogue.perf.push_back(
      {"gather_rows", [=] { return std::make_unique<GatherRows>(model, random); }});
  catalogue.perf.push_back({"sum_lists", [=] { return random_sums(all_lists(model, 1), random); }});
  catalogue.perf.push_back({"add", [=] { return std::make_unique<Add>(model, random); }});

  // The MLP's first layer: 256 leaves sum the products of their pairs, 4 of 196.
  const Shape leaves{replicas, 256, 196, 512};
  catalogue.perf.push_back(
      {"gather_sum", [=] { return std::make_unique<GatherSum>(leaves, 4, true, random); }});
  catalogue.perf.push_back(
      {"sum_lists", [=] { return random_sums(all_lists(leaves, 4), random); }});
  catalogue.perf.push_back({"copy", [=] { return std::make_unique<Copy>(leaves, random); }});
}

}  // namespace groklab::test
