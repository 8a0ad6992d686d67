#include <cmath>
#include <cstdio>

#include "op_test/execute.h"
#include "op_test/modes.h"
#include "ops/naive/naive_backend.h"

namespace groklab::test {
namespace {

/// The case with its real inputs rounded to float, so that the reference sees what the op sees.
void round_to_float(OpCase& test) {
  for (Tensor& tensor : test.tensors) {
    if (tensor.element != Element::kReal) continue;
    for (double& value : tensor.values) value = static_cast<double>(static_cast<float>(value));
  }
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

/// Empty, or how `actual` leaves the bound around `expected`.
std::string difference(const std::vector<double>& actual, const std::vector<double>& expected,
                       const Bound& bound) {
  double error = 0;
  double norm = 0;
  std::size_t finite = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!std::isfinite(expected[i])) {
      const bool same = std::isnan(expected[i]) ? std::isnan(actual[i]) : actual[i] == expected[i];
      if (same) continue;
    } else if (std::isfinite(actual[i])) {
      error += (actual[i] - expected[i]) * (actual[i] - expected[i]);
      norm += expected[i] * expected[i];
      ++finite;
      continue;
    }
    return "element " + std::to_string(i) + " is " + number(actual[i]) + " instead of " +
           number(expected[i]);
  }
  const double root_mean_square = finite == 0 ? 0.0 : std::sqrt(norm / static_cast<double>(finite));
  const double absolute = bound.absolute < 0 ? bound.element * root_mean_square : bound.absolute;
  bool all_within_absolute = true;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!std::isfinite(expected[i])) continue;
    const double distance = std::abs(actual[i] - expected[i]);
    if (distance > absolute) all_within_absolute = false;
    if (distance > bound.element * std::abs(expected[i]) + absolute) {
      return "element " + std::to_string(i) + " is " + number(actual[i]) + ", off by " +
             number(actual[i] - expected[i]);
    }
  }
  const double nmse = norm == 0 ? 0.0 : error / norm;
  const bool forgiven = bound.absolute >= 0 && all_within_absolute;
  if (nmse > bound.nmse && !forgiven) {
    return "normalised mean squared error " + number(nmse) + " above " + number(bound.nmse);
  }
  return "";
}

std::string compare(const OpCase& test, const Outcome& actual, const Outcome& expected,
                    const Bound& bound) {
  if (!actual.faults.empty()) return actual.faults.front();
  for (std::size_t i = 0; i < test.tensors.size(); ++i) {
    const Tensor& tensor = test.tensors[i];
    if (tensor.role != Role::kOutput && tensor.role != Role::kInOut) continue;
    const std::string fault = difference(actual.results[i], expected.results[i], bound);
    if (!fault.empty()) return tensor.name + ": " + fault;
  }
  return "";
}

/// Empty, or which result of the reference is not finite.
std::string infinite_result(const OpCase& test, const Outcome& reference) {
  for (std::size_t i = 0; i < test.tensors.size(); ++i) {
    const Tensor& tensor = test.tensors[i];
    const bool result = tensor.role == Role::kOutput || tensor.role == Role::kInOut;
    for (std::int64_t e = 0; result && e < tensor.size(); ++e) {
      const double value = reference.results[i][static_cast<std::size_t>(e)];
      if (std::isfinite(value) || !tensor.writable(e / tensor.replica_values())) continue;
      return tensor.name + ": element " + std::to_string(e) + " is " + number(value);
    }
  }
  return "";
}

// Above this the naive backend is only the reference: it would be compared with itself, slowly.
constexpr double kMostNaiveFlops = 1e7;

}  // namespace

void run_test(const Targets& targets, const std::vector<Entry<OpCase>>& entries, Report& report) {
  const auto reference = naive::make_naive_backend();
  std::vector<std::shared_ptr<Backend>> backends;
  for (const Target& target : targets) backends.push_back(target.make(0));
  for (const auto& entry : entries) {
    const auto test = entry.make();
    if (report.leaves_out(*test)) continue;
    for (const Precision precision : {Precision::kFp64, Precision::kFp32}) {
      if (precision == Precision::kFp32) round_to_float(*test);
      const Outcome expected = execute<double>(reference, *test, Layout::kContiguous);
      if (test->finite) {
        report.record("reference " + entry.op + ' ' + test->shape + ' ' + name_of(precision),
                      infinite_result(*test, expected));
      }
      const Bound& bound = precision == Precision::kFp32 ? test->fp32 : test->fp64;
      for (std::size_t b = 0; b < backends.size(); ++b) {
        if (targets[b].name == "naive" && test->flops > kMostNaiveFlops) continue;
        for (const Layout layout : {Layout::kContiguous, Layout::kStrided}) {
          const Outcome actual = execute(backends[b], *test, layout, precision);
          report.record(targets[b].name + ' ' + entry.op + ' ' + test->shape + ' ' +
                            name_of(precision) + ' ' + name_of(layout),
                        compare(*test, actual, expected, bound));
        }
      }
    }
  }
}

}  // namespace groklab::test
