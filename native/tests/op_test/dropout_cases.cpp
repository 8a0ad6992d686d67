// Inverted dropout; its masks must be the same numbers on every backend.
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

/// Rates from 0 to nearly 1, large seeds and steps.
std::vector<double> random_keys(std::int64_t replicas, Random& random) {
  std::vector<double> keys;
  const double rates[] = {0.1, 0.0, 0.5, 0.999, 1.0 / 3};
  for (std::int64_t r = 0; r < replicas; ++r) {
    keys.push_back(static_cast<double>(random.integer(std::int64_t{1} << 32)) * 0x1p20 + 7);
    keys.push_back(static_cast<double>(random.integer(std::int64_t{1} << 32)) * 0x1p10 + 3);
    keys.push_back(rates[r % 5]);
  }
  return keys;
}

class Dropout final : public OpCaseOf<Dropout> {
 public:
  Dropout(const Shape& s, bool in_place, Random random) : in_place_(in_place) {
    shape = text(s) + (in_place ? " in place" : "");
    auto x = random.normals(s.replicas * s.rows * s.width);
    tensors = {
        input("keys", s.replicas, 1, 1, random_keys(s.replicas, random), Element::kDropoutKey),
        input("numbers", s.replicas, 1, s.rows,
              random.integers(s.replicas * s.rows, std::int64_t{1} << 20), Element::kIndex),
        in_place ? in_out("x", s.replicas, s.rows, s.width, std::move(x))
                 : input("x", s.replicas, s.rows, s.width, std::move(x))};
    if (!in_place) tensors.push_back(output("y", s.replicas, s.rows, s.width));
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ops.dropout(a.keys(0), 3, a.indices(1), a.matrices(2), a.matrices(in_place_ ? 2 : 3));
  }

 private:
  bool in_place_;
};

class DropoutGradient final : public GradientCase {
 public:
  DropoutGradient(const Shape& s, Random random)
      : case_(s, false, random), dy_(random.normals(s.replicas * s.rows * s.width)) {
    shape = text(s);
    names = {"x"};
    inputs = {case_.tensors[2].values};
  }

  double value(const Run& run) override {
    case_.tensors[2].values = inputs[0];
    return inner_product(run(case_)[3], dy_);
  }

  Results gradients(const Run& run) override {
    case_.tensors[2].values = dy_;
    return {run(case_)[3]};
  }

 private:
  Dropout case_;
  std::vector<double> dy_;
};

}  // namespace

void add_dropout_cases(Catalogue& catalogue) {
  const Shape shapes[] = {{1, 1, 1},    {5, 3, 7},     {2, 0, 8},    {1, 33, 31},
                          {3, 4, 130},  {1, 706, 128}, {5, 97, 16},  {1, 1031, 3},
                          {2, 3, 1031}, {70, 2, 5},    {65537, 1, 1}};
  std::uint64_t seed = 800;
  for (const Shape& s : shapes) {
    const Random random(++seed);
    for (const bool in_place : {false, true}) {
      catalogue.test.push_back(
          {"dropout", [=] { return std::make_unique<Dropout>(s, in_place, random); }});
    }
  }
  const Random random(++seed);
  catalogue.grad.push_back({"dropout", [=] {
                              return std::make_unique<DropoutGradient>(Shape{3, 5, 7}, random);
                            }});
  const Shape model{catalogue.perf_replicas, 706, 128};
  catalogue.perf.push_back(
      {"dropout", [=] { return std::make_unique<Dropout>(model, false, random); }});
}

}  // namespace groklab::test
