#include <algorithm>
#include <cmath>

#include "op_test/execute.h"
#include "op_test/modes.h"
#include "support/random.h"

namespace groklab::test {
namespace {

constexpr std::int64_t kSample = 60;
constexpr double kTolerance = 1e-9;

/// Fourth-order central difference; its error is below 1e-11 for functions of order 1.
double finite_difference(GradientCase& test, const Run& run, double& coordinate) {
  constexpr double kStep = 1e-3;
  const double at = coordinate;
  const auto value = [&](double offset) {
    coordinate = at + offset;
    return test.value(run);
  };
  const double slope =
      (8 * (value(kStep) - value(-kStep)) - (value(2 * kStep) - value(-2 * kStep))) / (12 * kStep);
  coordinate = at;
  return slope;
}

/// Compares all coordinates of an input, or a random sample where there are many.
std::string check_input(GradientCase& test, const Run& run, std::size_t input,
                        const std::vector<double>& gradient) {
  std::vector<double>& values = test.inputs[input];
  if (gradient.size() != values.size()) return "gradient of another size";
  double scale = 1;
  for (const double g : gradient) scale = std::max(scale, std::abs(g));
  const auto size = static_cast<std::int64_t>(values.size());
  Random random(size > 0 ? static_cast<std::uint64_t>(size) : 1);
  for (std::int64_t k = 0; k < std::min(size, kSample); ++k) {
    const auto i = static_cast<std::size_t>(size <= kSample ? k : random.integer(size));
    const double numeric = finite_difference(test, run, values[i]);
    if (std::abs(numeric - gradient[i]) <= kTolerance * scale) continue;
    return test.names[input] + '[' + std::to_string(i) + "]: gradient " +
           std::to_string(gradient[i]) + ", finite difference " + std::to_string(numeric);
  }
  return "";
}

}  // namespace

void run_grad(const Targets& targets, const std::vector<Entry<GradientCase>>& entries,
              Report& report) {
  for (const Target& target : targets) {
    const auto backend = target.make(1);
    for (const auto& entry : entries) {
      for (const Layout layout : {Layout::kContiguous, Layout::kStrided}) {
        const Run run = [&](const OpCase& test) {
          return execute<double>(backend, test, layout).results;
        };
        const auto test = entry.make();
        const Results gradients = test->gradients(run);
        std::string fault;
        for (std::size_t i = 0; i < test->inputs.size() && fault.empty(); ++i) {
          fault = check_input(*test, run, i, gradients[i]);
        }
        report.record(target.name + ' ' + entry.op + ' ' + test->shape + ' ' + name_of(layout),
                      fault);
      }
    }
  }
}

}  // namespace groklab::test
