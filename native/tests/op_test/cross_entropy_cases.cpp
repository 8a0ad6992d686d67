// Mean cross-entropy, its gradient, and the count of right answers.
#include <limits>

#include "op_test/op_case.h"
#include "support/random.h"

namespace groklab::test {
namespace {

struct Shape {
  std::int64_t replicas;
  std::int64_t rows;
  std::int64_t classes;
};

std::string text(const Shape& s) {
  return describe({{"R", s.replicas}, {"N", s.rows}, {"C", s.classes}});
}

enum class Gradient { kNone, kApart, kInPlace };
enum class Weights { kNone, kSome };

constexpr std::size_t kLogits = 0;
constexpr std::size_t kTargets = 1;
constexpr std::size_t kCounts = 2;
constexpr std::size_t kLoss = 3;
constexpr std::size_t kRowResults = 5;
constexpr std::size_t kDlogits = 6;  // where they are apart; weights come last

class CrossEntropyCase final : public OpCaseOf<CrossEntropyCase> {
 public:
  CrossEntropyCase(const Shape& s, Gradient gradient, Random random,
                   Weights weights = Weights::kNone)
      : gradient_(gradient), weights_(weights) {
    shape = text(s);
    if (weights == Weights::kSome) shape += " weighted";
    if (gradient == Gradient::kNone) shape += " loss only";
    if (gradient == Gradient::kInPlace) shape += " in place";
    auto logits = random.normals(s.replicas * s.rows * s.classes, 3);
    tensors = {gradient == Gradient::kInPlace
                   ? in_out("logits", s.replicas, s.rows, s.classes, std::move(logits))
                   : input("logits", s.replicas, s.rows, s.classes, std::move(logits)),
               input("targets", s.replicas, 1, s.rows,
                     random.integers(s.replicas * s.rows, s.classes), Element::kIndex),
               input("counts", s.replicas, 1, s.rows, random.integers(s.replicas * s.rows, 4),
                     Element::kIndex),
               output("loss", s.replicas, 1, 1, Element::kDouble),
               output("correct", s.replicas, 1, 1, Element::kDouble),
               scratch("row_results", s.replicas, s.rows, 2, Element::kDouble)};
    if (gradient == Gradient::kApart) {
      tensors.push_back(output("dlogits", s.replicas, s.rows, s.classes));
    }
    if (weights == Weights::kSome) {
      tensors.push_back(
          input("weights", s.replicas, 1, s.rows, random.normals(s.replicas * s.rows, 2)));
    }
    const double largest = weights == Weights::kSome ? 10 : 1;
    fp32.absolute = 2e-7 * largest;
    fp64.absolute = 1e-15 * largest;
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    CrossEntropy<T> args;
    args.logits = a.matrices(kLogits);
    args.targets = a.indices(kTargets);
    args.counts = a.indices(kCounts);
    args.loss = a.doubles(kLoss);
    args.correct = a.doubles(kLoss + 1);
    args.row_results = a.double_matrices(kRowResults);
    if (gradient_ == Gradient::kApart) args.dlogits = a.matrices(kDlogits);
    if (gradient_ == Gradient::kInPlace) args.dlogits = a.matrices(kLogits);
    if (weights_ == Weights::kSome) args.weights = a.vectors(tensors.size() - 1);
    ops.cross_entropy(args);
  }

 private:
  Gradient gradient_;
  Weights weights_;
};

class CrossEntropyGradient final : public GradientCase {
 public:
  CrossEntropyGradient(const Shape& s, Random random, Weights weights)
      : case_(s, Gradient::kApart, random, weights), dloss_(random.normals(s.replicas)) {
    shape = text(s);
    names = {"logits"};
    inputs = {case_.tensors[kLogits].values};
  }

  double value(const Run& run) override {
    case_.tensors[kLogits].values = inputs[0];
    return inner_product(run(case_)[kLoss], dloss_);
  }

  Results gradients(const Run& run) override {
    case_.tensors[kLogits].values = inputs[0];
    std::vector<double> dlogits = run(case_)[kDlogits];
    const std::size_t per_replica = dlogits.size() / dloss_.size();
    for (std::size_t i = 0; i < dlogits.size(); ++i) dlogits[i] *= dloss_[i / per_replica];
    return {dlogits};
  }

 private:
  CrossEntropyCase case_;
  std::vector<double> dloss_;
};

/// Logits of ±10⁴: probabilities of exactly 0 and 1, losses of thousands.
std::unique_ptr<OpCase> large_logits() {
  auto made = std::make_unique<CrossEntropyCase>(Shape{2, 11, 99}, Gradient::kApart, Random(697));
  made->shape += " large logits";
  for (double& logit : made->tensors[kLogits].values) logit *= 5e3;
  return made;
}

/// Two classes x apart, x from −110 to 110: exp and log over their whole useful range.
std::unique_ptr<OpCase> all_differences() {
  const Shape s{1, 2201, 2};
  auto made = std::make_unique<CrossEntropyCase>(s, Gradient::kApart, Random(698));
  made->shape += " all differences";
  for (std::size_t n = 0; n < 2201; ++n) {
    made->tensors[kLogits].values[2 * n] = 0;
    made->tensors[kLogits].values[2 * n + 1] = static_cast<double>(n) / 10.0 - 110.0;
    made->tensors[kTargets].values[n] = 0;
    made->tensors[kCounts].values[n] = 1;
  }
  return made;
}

/// Equal logits: the first largest counts, whichever way the maximum is looked for.
std::unique_ptr<OpCase> ties() {
  auto made = std::make_unique<CrossEntropyCase>(Shape{1, 40, 40}, Gradient::kApart, Random(699));
  made->shape += " ties";
  for (std::size_t i = 0; i < 1600; ++i) {
    double& logit = made->tensors[kLogits].values[i];
    logit = logit > 0 ? 2 : -1;
  }
  for (std::size_t n = 0; n < 40; ++n) {
    // Half of the targets are the first largest logit, the others some largest logit.
    std::size_t first = 0;
    while (first < 39 && made->tensors[kLogits].values[n * 40 + first] < 0) ++first;
    std::size_t next = first + 1;
    while (next < 39 && made->tensors[kLogits].values[n * 40 + next] < 0) ++next;
    made->tensors[kTargets].values[n] = static_cast<double>(n % 2 == 0 ? first : next);
  }
  return made;
}

/// A loss that is not a number must be reported as one, so that divergence shows.
std::unique_ptr<OpCase> not_a_number() {
  auto made = std::make_unique<CrossEntropyCase>(Shape{3, 4, 37}, Gradient::kApart, Random(700));
  made->shape += " NaN and infinity";
  std::vector<double>& logits = made->tensors[kLogits].values;
  for (double& count : made->tensors[kCounts].values) count = 1;
  for (const std::size_t r : {0, 1}) {
    const std::size_t row = r * 4 + 1;
    made->tensors[kTargets].values[row] = 36;
    logits[row * 37 + 36] = -50;               // never the largest, whatever a NaN compares like
    const std::size_t where = r == 0 ? 7 : 0;  // inside, and first of all
    logits[row * 37 + where] = std::numeric_limits<double>::quiet_NaN();
  }
  logits[(2 * 4 + 1) * 37 + 5] = std::numeric_limits<double>::infinity();
  return made;
}

}  // namespace

void add_cross_entropy_cases(Catalogue& catalogue) {
  const Shape shapes[] = {{1, 1, 2},    {2, 3, 5},   {1, 0, 9},     {3, 7, 16},  {2, 13, 33},
                          {1, 256, 99}, {5, 31, 99}, {1, 4, 1000},  {4, 1, 257}, {1, 1031, 3},
                          {2, 3, 2503}, {70, 2, 5},  {65537, 1, 2}, {1, 2, 2504}};
  std::uint64_t seed = 600;
  for (const Shape& s : shapes) {
    const Random random(++seed);
    for (const Gradient gradient : {Gradient::kNone, Gradient::kApart, Gradient::kInPlace}) {
      catalogue.test.push_back({"cross_entropy", [=] {
                                  return std::make_unique<CrossEntropyCase>(s, gradient, random);
                                }});
      catalogue.test.push_back({"cross_entropy", [=] {
                                  return std::make_unique<CrossEntropyCase>(s, gradient, random,
                                                                            Weights::kSome);
                                }});
    }
  }
  catalogue.test.push_back({"cross_entropy", large_logits});
  catalogue.test.push_back({"cross_entropy", all_differences});
  catalogue.test.push_back({"cross_entropy", ties});
  catalogue.test.push_back({"cross_entropy", not_a_number});

  const Random random(++seed);
  for (const Weights weights : {Weights::kNone, Weights::kSome}) {
    catalogue.grad.push_back(
        {"cross_entropy", [=] {
           return std::make_unique<CrossEntropyGradient>(Shape{3, 4, 7}, random, weights);
         }});
  }
  const Shape model{catalogue.perf_replicas, 256, 99};
  catalogue.perf.push_back(
      {"cross_entropy",
       [=] { return std::make_unique<CrossEntropyCase>(model, Gradient::kApart, random); }});
}

}  // namespace groklab::test
