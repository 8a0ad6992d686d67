// What works on whole flat buffers: adamw and sum_of_squares.
#include "op_test/op_case.h"
#include "support/random.h"

namespace groklab::test {
namespace {

std::string text(std::int64_t replicas, std::int64_t size) {
  return describe({{"R", replicas}, {"P", size}});
}

/// Fields of an AdamWStep: step, learning rate, β₁, β₂, ε, weight decay.
constexpr double kSteps[][6] = {
    {1, 5e-4, 0.9, 0.98, 1e-8, 1.0},      // the report's first step
    {20000, 1e-3, 0.9, 0.98, 1e-8, 0.0},  // late: both corrections are 1
    {3, 0.0, 0.5, 0.5, 1e-4, 0.1},        // rate 0 moves moments only
    {2, 1e-2, 0.0, 0.0, 1e-8, 10.0},      // no memory
    {7, 1e-3, 0.999, 0.9999, 0.0, 0.5},   // ε 0
};

class AdamW final : public OpCaseOf<AdamW> {
 public:
  AdamW(std::int64_t replicas, std::int64_t size, Random random) {
    shape = text(replicas, size);
    std::vector<double> steps;
    for (std::int64_t r = 0; r < replicas; ++r) {
      steps.insert(steps.end(), kSteps[r % 5], kSteps[r % 5] + 6);
    }
    const std::int64_t all = replicas * size;
    tensors = {input("steps", replicas, 1, 1, std::move(steps), Element::kAdamWStep),
               input("gradients", replicas, 1, size, random.normals(all, 0.1)),
               in_out("values", replicas, 1, size, random.normals(all)),
               in_out("first_moments", replicas, 1, size, random.normals(all, 0.1)),
               in_out("second_moments", replicas, 1, size, random.uniforms(all, 1e-6, 0.1))};
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ops.adamw(a.steps(0), a.vectors(1), a.vectors(2), a.vectors(3), a.vectors(4));
  }
};

class SumOfSquares final : public OpCaseOf<SumOfSquares> {
 public:
  SumOfSquares(std::int64_t replicas, std::int64_t size, Random random) {
    shape = text(replicas, size);
    tensors = {input("x", replicas, 1, size, random.normals(replicas * size)),
               output("out", replicas, 1, 1, Element::kDouble)};
    fp32 = fp64 = {1e-26, 1e-13};  // accumulated in double in either precision
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ops.sum_of_squares(a.vectors(0), a.doubles(1));
  }
};

/// No gradient yet, no moments: 0/(0 + ε) must be 0, and only the decay acts.
std::unique_ptr<OpCase> zero_gradients() {
  auto made = std::make_unique<AdamW>(2, 1001, Random(998));
  made->shape += " zero gradients";
  for (const std::size_t i : {1, 3, 4}) {
    for (double& value : made->tensors[i].values) value = 0;
  }
  return made;
}

/// Gradients whose squares lie at the ends of float's range.
std::unique_ptr<OpCase> extreme_gradients() {
  auto made = std::make_unique<AdamW>(2, 1001, Random(999));
  made->shape += " extreme gradients";
  for (std::size_t i = 0; i < made->tensors[1].values.size(); ++i) {
    made->tensors[1].values[i] *= i % 2 == 0 ? 1e16 : 1e-12;
  }
  return made;
}

}  // namespace

void add_optimizer_cases(Catalogue& catalogue) {
  std::uint64_t seed = 900;
  const auto add = [&](std::int64_t replicas, std::int64_t size) {
    const Random random(++seed);
    catalogue.test.push_back(
        {"adamw", [=] { return std::make_unique<AdamW>(replicas, size, random); }});
    catalogue.test.push_back(
        {"sum_of_squares", [=] { return std::make_unique<SumOfSquares>(replicas, size, random); }});
  };
  for (const std::int64_t replicas : {1, 5}) {
    for (const std::int64_t size : {0, 1, 7, 16, 31, 1009, 20011}) add(replicas, size);
  }
  add(70, 9);
  add(65537, 1);
  catalogue.test.push_back({"adamw", zero_gradients});
  catalogue.test.push_back({"adamw", extreme_gradients});

  const Random random(++seed);
  constexpr std::int64_t kReportParameters = 422883;
  const std::int64_t replicas = catalogue.perf_replicas;
  catalogue.perf.push_back(
      {"adamw", [=] { return std::make_unique<AdamW>(replicas, kReportParameters, random); }});
  catalogue.perf.push_back(
      {"sum_of_squares",
       [=] { return std::make_unique<SumOfSquares>(replicas, kReportParameters, random); }});
}

}  // namespace groklab::test
