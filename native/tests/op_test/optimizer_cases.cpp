// What works on whole flat buffers: optimizer_step and sum_of_squares.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "op_test/op_case.h"
#include "support/random.h"

namespace groklab::test {
namespace {

using enum OptimizerKind;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Steps in words; replica r takes number r modulo their number.
struct Steps {
  std::string name;
  std::vector<OptimizerStep> steps;
};

// Σ g² is given as 4 … 100 where it is read: norms of 2 … 10.
constexpr double kClips = 0.75;
constexpr double kClipsNothing = 50;

const std::vector<OptimizerStep> kAdamWSteps = {
    // The report's first step.
    {{.kind = kAdamW, .beta1 = 0.9, .beta2 = 0.98, .epsilon = 1e-8, .weight_decay = 1.0}, 1, 5e-4},
    // Late: both corrections are 1.
    {{.kind = kAdamW, .beta1 = 0.9, .beta2 = 0.98, .epsilon = 1e-8}, 20000, 1e-3},
    // Rate 0 moves moments only.
    {{.kind = kAdamW, .beta1 = 0.5, .beta2 = 0.5, .epsilon = 1e-4, .weight_decay = 0.1}, 3, 0.0},
    // No memory.
    {{.kind = kAdamW, .epsilon = 1e-8, .weight_decay = 10.0}, 2, 1e-2},
    // ε 0.
    {{.kind = kAdamW, .beta1 = 0.999, .beta2 = 0.9999, .weight_decay = 0.5}, 7, 1e-3},
};

constexpr Optimizer kAdamDefaults{.kind = kAdam, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
constexpr Optimizer kRmsPropDefaults{.kind = kRmsProp, .alpha = 0.99, .epsilon = 1e-8};

/// `optimizer` with weight decay and, perhaps, with clipping.
constexpr Optimizer decayed(Optimizer optimizer, double clip_norm = 0) {
  optimizer.weight_decay = 0.1;
  optimizer.clip_norm = clip_norm;
  return optimizer;
}

constexpr Optimizer clipped(Optimizer optimizer, double clip_norm = kClips) {
  optimizer.clip_norm = clip_norm;
  return optimizer;
}

constexpr Optimizer rms_prop(bool centered, double momentum) {
  Optimizer optimizer = kRmsPropDefaults;
  optimizer.centered = centered;
  optimizer.momentum = momentum;
  return optimizer;
}

constexpr Optimizer kSgdPlain{.kind = kSgd};
constexpr Optimizer kSgdMomentum{.kind = kSgd, .momentum = 0.9};
constexpr Optimizer kSgdNesterov{.kind = kSgd, .nesterov = true, .momentum = 0.95};
constexpr Optimizer kReport{
    .kind = kAdamW, .beta1 = 0.9, .beta2 = 0.98, .epsilon = 1e-8, .weight_decay = 1.0};

/// Every kind with every option, one by one.
const std::vector<Steps> kEveryStep = {
    {"AdamW clips", {{clipped(kReport), 4, 1e-3}}},
    {"AdamW clips nothing", {{clipped(kReport, kClipsNothing), 4, 1e-3}}},
    {"Adam", {{kAdamDefaults, 1, 1e-3}}},
    {"Adam late", {{kAdamDefaults, 100000, 1e-3}}},
    {"Adam decay", {{decayed(kAdamDefaults), 5, 1e-2}}},
    {"Adam decay clips", {{decayed(kAdamDefaults, kClips), 5, 1e-2}}},
    {"SGD", {{kSgdPlain, 1, 1e-2}}},
    {"SGD decay", {{decayed(kSgdPlain), 2, 1e-1}}},
    {"SGD decay clips", {{decayed(kSgdPlain, kClips), 2, 1e-1}}},
    {"SGD clips nothing", {{clipped(kSgdPlain, kClipsNothing), 2, 1e-1}}},
    {"SGD momentum", {{kSgdMomentum, 1, 1e-2}}},
    {"SGD momentum decay", {{decayed(kSgdMomentum), 9, 1e-1}}},
    {"SGD momentum clips", {{clipped(kSgdMomentum), 9, 1e-1}}},
    {"SGD Nesterov", {{kSgdNesterov, 1, 1e-2}}},
    {"SGD Nesterov decay clips", {{decayed(kSgdNesterov, kClips), 9, 1e-1}}},
    {"RMSprop", {{rms_prop(false, 0), 1, 1e-2}}},
    {"RMSprop decay", {{decayed(rms_prop(false, 0)), 3, 1e-2}}},
    {"RMSprop clips", {{clipped(rms_prop(false, 0)), 3, 1e-2}}},
    {"RMSprop centred", {{rms_prop(true, 0), 3, 1e-2}}},
    {"RMSprop centred decay clips", {{decayed(rms_prop(true, 0), kClips), 3, 1e-2}}},
    {"RMSprop momentum", {{rms_prop(false, 0.9), 3, 1e-2}}},
    {"RMSprop momentum decay", {{decayed(rms_prop(false, 0.9)), 3, 1e-2}}},
    {"RMSprop centred momentum", {{rms_prop(true, 0.5), 3, 1e-2}}},
    {"RMSprop centred momentum decay clips", {{decayed(rms_prop(true, 0.5), kClips), 3, 1e-2}}},
};

/// All of them at once, of different replicas, kinds and options side by side in no order.
Steps mixture() {
  Steps mixed{"mixture", {}};
  for (std::size_t i = 0; i < kEveryStep.size(); ++i) {
    mixed.steps.push_back(kEveryStep[i * 7 % kEveryStep.size()].steps.front());
  }
  return mixed;
}

/// The fields of a step in the order of Element::kOptimizerStep.
void append(std::vector<double>& values, const OptimizerStep& step) {
  const Optimizer& o = step.optimizer;
  values.insert(values.end(),
                {static_cast<double>(o.kind), o.nesterov ? 1.0 : 0.0, o.centered ? 1.0 : 0.0,
                 o.beta1, o.beta2, o.alpha, o.momentum, o.epsilon, o.weight_decay, o.clip_norm,
                 static_cast<double>(step.step), step.learning_rate});
}

/// The tensors of a case by number.
enum Buffer : std::size_t {
  kSteps,
  kGradients,
  kValues,
  kSquares,
  kFirstMoments,
  kSecondMoments,
  kMomentum
};

/// What a replica has no use for holds NaN, which must not show in its results, and stays as it is;
/// what no replica has use for is an empty view.
class OptimizerCase final : public OpCaseOf<OptimizerCase> {
 public:
  OptimizerCase(std::int64_t replicas, std::int64_t size, const Steps& steps, Random random)
      : steps_(steps.steps) {
    shape = describe({{"R", replicas}, {"P", size}}) + ' ' + steps.name;
    finite = true;
    std::vector<double> values;
    for (std::int64_t r = 0; r < replicas; ++r) append(values, step(r));
    const std::int64_t all = replicas * size;
    const std::vector<double> first = random.normals(all, 0.1);
    std::vector<double> second = random.uniforms(all, 1e-6, 0.1);
    for (std::size_t i = 0; i < second.size(); ++i) {
      // Nearer to the square of the mean little would be left of their difference.
      const bool centered = step(static_cast<std::int64_t>(i) / size).optimizer.centered;
      if (centered) second[i] += 0.01 + first[i] * first[i];
    }
    tensors = {
        input("steps", replicas, 1, 1, std::move(values), Element::kOptimizerStep),
        input("gradients", replicas, 1, size, random.normals(all, 0.1)),
        in_out("values", replicas, 1, size, random.normals(all)),
        used(input("squares", replicas, 1, 1, random.uniforms(replicas, 4, 100), Element::kDouble),
             &Optimizer::clips),
        used(in_out("first_moments", replicas, 1, size, first), &Optimizer::has_first_moments),
        used(in_out("second_moments", replicas, 1, size, std::move(second)),
             &Optimizer::has_second_moments),
        used(in_out("momentum", replicas, 1, size, random.normals(all, 0.1)),
             &Optimizer::has_momentum)};
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    const auto state = [&](Buffer buffer) {
      return has(buffer) ? a.vectors(buffer) : Vectors<T>{};
    };
    ops.optimizer_step(a.steps(kSteps), a.vectors(kGradients),
                       has(kSquares) ? a.doubles(kSquares) : Vectors<double>{}, a.vectors(kValues),
                       {state(kFirstMoments), state(kSecondMoments), state(kMomentum)});
  }

  /// Calls set(element, its number in the replica) for a buffer of those replicas that use it.
  template <class Set>
  void for_each(Buffer buffer, const Set& set) {
    Tensor& tensor = tensors[buffer];
    for (std::int64_t i = 0; i < tensor.size(); ++i) {
      const std::int64_t r = i / tensor.cols;
      const bool used = tensor.kept.empty() || !tensor.kept[static_cast<std::size_t>(r)];
      if (used) set(tensor.values[static_cast<std::size_t>(i)], i % tensor.cols);
    }
  }

 private:
  [[nodiscard]] const OptimizerStep& step(std::int64_t r) const {
    return steps_[static_cast<std::size_t>(r) % steps_.size()];
  }

  [[nodiscard]] bool has(Buffer buffer) const { return tensors[buffer].cols > 0; }

  /// The tensor with no contents for replicas without use for it; if none has, of no elements.
  [[nodiscard]] Tensor used(Tensor tensor, bool (Optimizer::*uses)() const) const {
    for (std::int64_t r = 0; r < tensor.replicas; ++r) {
      const bool is_kept = !(step(r).optimizer.*uses)();
      tensor.kept.push_back(is_kept);
      const auto begin = tensor.values.begin() + r * tensor.cols;
      if (is_kept) std::fill(begin, begin + tensor.cols, kNan);
    }
    if (std::ranges::find(tensor.kept, false) == tensor.kept.end()) {
      tensor.cols = 0;
      tensor.values.clear();
    }
    return tensor;
  }

  std::vector<OptimizerStep> steps_;
};

class SumOfSquares final : public OpCaseOf<SumOfSquares> {
 public:
  SumOfSquares(std::int64_t replicas, std::int64_t size, Random random) {
    shape = describe({{"R", replicas}, {"P", size}});
    tensors = {input("x", replicas, 1, size, random.normals(replicas * size)),
               output("out", replicas, 1, 1, Element::kDouble)};
    fp32 = fp64 = {1e-26, 1e-13};  // accumulated in double in either precision
  }

  template <class T>
  void run(Ops<T>& ops, const Call<T>& a) const {
    ops.sum_of_squares(a.vectors(0), a.doubles(1));
  }
};

/// One replica of every step of the mixture.
std::unique_ptr<OptimizerCase> all_kinds(const char* what, std::uint64_t seed) {
  const Steps steps = mixture();
  const auto replicas = static_cast<std::int64_t>(steps.steps.size());
  auto made = std::make_unique<OptimizerCase>(replicas, 1001, steps, Random(seed));
  made->shape += what;
  return made;
}

void set_zero(OptimizerCase& made, Buffer buffer) {
  made.for_each(buffer, [](double& value, std::int64_t) { value = 0; });
}

/// No gradient, of norm 0 where it is clipped, no moments: 0/(0 + ε) must be 0, and only the decay
/// acts.
std::unique_ptr<OpCase> zero_gradients() {
  auto made = all_kinds(" zero gradients", 998);
  for (const Buffer buffer : {kGradients, kSquares, kFirstMoments, kSecondMoments, kMomentum}) {
    set_zero(*made, buffer);
  }
  return made;
}

/// From 0 a value is all update: no bound in proportion to the value forgives an inexact one.
std::unique_ptr<OpCase> zero_values() {
  auto made = all_kinds(" zero values", 997);
  set_zero(*made, kValues);
  made->fp32 = {1e-11, 1e-5, 1e-7};
  made->fp64 = {1e-27, 1e-12, 1e-15};
  return made;
}

/// Gradients whose squares lie at the ends of float's range.
std::unique_ptr<OpCase> extreme_gradients() {
  auto made = all_kinds(" extreme gradients", 999);
  made->for_each(kGradients, [](double& g, std::int64_t i) { g *= i % 2 == 0 ? 1e16 : 1e-12; });
  return made;
}

/// Divergence shows: what is no number, or infinite, is not clipped away nor taken for negative.
std::unique_ptr<OpCase> infinite_gradients() {
  auto made = all_kinds(" infinite and NaN gradients", 996);
  made->finite = false;
  made->for_each(kGradients, [](double& g, std::int64_t i) {
    if (i % 10 == 3) g = kNan;
    if (i % 10 == 6) g = i % 20 == 6 ? kInfinity : -kInfinity;
  });
  return made;
}

/// Norms of the gradient that are clipped to the largest, from 0 to what is no number any more.
std::unique_ptr<OptimizerCase> clipped_norms(const char* what, const std::vector<double>& norms,
                                             double clip_norm) {
  Steps steps{"clips", {}};
  for (const Optimizer& optimizer : {kSgdPlain, kReport, rms_prop(true, 0.9)}) {
    for (std::size_t i = 0; i < norms.size(); ++i) {
      steps.steps.push_back({clipped(optimizer, clip_norm), 2, 1e-2});
    }
  }
  const auto replicas = static_cast<std::int64_t>(steps.steps.size());
  auto made = std::make_unique<OptimizerCase>(replicas, 101, steps, Random(995));
  made->shape += what;
  std::size_t r = 0;
  made->for_each(kSquares, [&](double& squares, std::int64_t) {
    const double norm = norms[r++ % norms.size()];
    squares = norm * norm;
  });
  return made;
}

/// Where 1e-6 counts, where the scale is next to 1, and where it vanishes.
std::unique_ptr<OpCase> extreme_norms() {
  return clipped_norms(" extreme norms", {0, 1e-30, 1e-7, 1e-6, 1.01e-6, 1, 1e30, kInfinity}, 2e-6);
}

/// As in PyTorch all of the gradient is lost with it.
std::unique_ptr<OpCase> norm_not_a_number() {
  auto made = clipped_norms(" norm NaN", {kNan, 3}, kClips);
  made->finite = false;
  return made;
}

/// Centred RMSprop whose mean is the gradient and whose variance v − m² is `share` of its square,
/// 0 or negative: that counts as 0, and ε is all that the gradient is divided by.
std::unique_ptr<OptimizerCase> no_variance(double share, double alpha, double epsilon) {
  Steps steps{"RMSprop centred", {}};
  for (const double momentum : {0.0, 0.5}) {
    Optimizer optimizer = rms_prop(true, momentum);
    optimizer.alpha = alpha;
    optimizer.epsilon = epsilon;
    steps.steps.push_back({optimizer, 2, 1.0});
  }
  auto made = std::make_unique<OptimizerCase>(2, 1001, steps, Random(994));
  set_zero(*made, kValues);
  set_zero(*made, kMomentum);
  for (std::size_t i = 0; i < 2 * 1001; ++i) {
    // The square of a power of two is exact, and so is half the sum of it and itself.
    double& g = made->tensors[kGradients].values[i];
    if (alpha == 0.5) g = (g < 0 ? -1 : 1) * std::exp2(static_cast<double>(i % 9) - 8);
    made->tensors[kFirstMoments].values[i] = g;
    made->tensors[kSecondMoments].values[i] = (1 + share) * g * g;
  }
  return made;
}

std::unique_ptr<OpCase> variance_of_zero() {
  auto made = no_variance(0, 0.5, 1e-8);
  made->shape += " variance 0";
  return made;
}

std::unique_ptr<OpCase> negative_variance() {
  auto made = no_variance(-0.5, 0.5, 1e-8);
  made->shape += " variance negative";
  return made;
}

/// Of either sign; ε is so large that the root of a rounding error is nothing beside it.
std::unique_ptr<OpCase> variance_of_rounding() {
  auto made = no_variance(0, 0.99, 1e6);
  made->shape += " variance of rounding";
  return made;
}

}  // namespace

void add_optimizer_cases(Catalogue& catalogue) {
  std::uint64_t seed = 900;
  const auto add = [&](std::int64_t replicas, std::int64_t size, const Steps& steps) {
    const Random random(++seed);
    catalogue.test.push_back(
        {"optimizer_step",
         [=] { return std::make_unique<OptimizerCase>(replicas, size, steps, random); }});
  };
  const Steps adam_w{"AdamW", kAdamWSteps};
  const std::int64_t sizes[] = {0, 1, 7, 16, 31, 1009, 20011};
  for (const std::int64_t replicas : {1, 5}) {
    for (const std::int64_t size : sizes) add(replicas, size, adam_w);
  }
  for (const Steps& steps : kEveryStep) {
    for (const std::int64_t size : {1, 31, 1009}) add(1, size, steps);
    add(3, 35, steps);
  }
  const auto all = static_cast<std::int64_t>(kEveryStep.size());
  for (const std::int64_t size : sizes) add(all, size, mixture());
  for (const Steps& steps : {adam_w, mixture()}) {
    add(70, 9, steps);
    add(65537, 1, steps);
  }
  catalogue.test.push_back({"optimizer_step", zero_gradients});
  catalogue.test.push_back({"optimizer_step", zero_values});
  catalogue.test.push_back({"optimizer_step", extreme_gradients});
  catalogue.test.push_back({"optimizer_step", infinite_gradients});
  catalogue.test.push_back({"optimizer_step", extreme_norms});
  catalogue.test.push_back({"optimizer_step", norm_not_a_number});
  catalogue.test.push_back({"optimizer_step", variance_of_zero});
  catalogue.test.push_back({"optimizer_step", negative_variance});
  catalogue.test.push_back({"optimizer_step", variance_of_rounding});

  const auto add_squares = [&](std::int64_t replicas, std::int64_t size) {
    const Random random(++seed);
    catalogue.test.push_back(
        {"sum_of_squares", [=] { return std::make_unique<SumOfSquares>(replicas, size, random); }});
  };
  for (const std::int64_t replicas : {1, 5}) {
    for (const std::int64_t size : sizes) add_squares(replicas, size);
  }
  add_squares(70, 9);
  add_squares(65537, 1);

  const Random random(++seed);
  constexpr std::int64_t kReportParameters = 422883;
  const std::int64_t replicas = catalogue.perf_replicas;
  for (const Steps& steps :
       {Steps{"AdamW", {{kReport, 1, 5e-4}}}, Steps{"SGD momentum", {{kSgdMomentum, 1, 1e-2}}},
        Steps{"RMSprop", {{rms_prop(false, 0), 1, 1e-2}}}}) {
    catalogue.perf.push_back({"optimizer_step", [=] {
                                return std::make_unique<OptimizerCase>(replicas, kReportParameters,
                                                                       steps, random);
                              }});
  }
  catalogue.perf.push_back(
      {"sum_of_squares",
       [=] { return std::make_unique<SumOfSquares>(replicas, kReportParameters, random); }});
}

}  // namespace groklab::test
