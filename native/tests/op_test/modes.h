// What the op test does with its cases.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "op_test/op_case.h"
#include "ops/backend.h"

namespace groklab::test {

/// A backend to test, e.g. the CPU's code for one instruction set.
struct Target {
  std::string name;
  std::function<std::shared_ptr<Backend>(std::uint32_t threads)> make;
  bool threaded = true;  ///< whether `threads` means anything to it
};
using Targets = std::vector<Target>;

/// Counts cases and prints a line for each that fails.
class Report {
 public:
  /// @param most_work cases of more work are left out.
  explicit Report(double most_work) : most_work_(most_work) {}

  /// Whether a case is too much work; counts those that are.
  [[nodiscard]] bool leaves_out(const OpCase& test);

  /// `fault` is empty where the case passed.
  void record(const std::string& what, const std::string& fault);

  /// Prints the summary; the exit status of the program: 0 if something passed and nothing failed.
  [[nodiscard]] int finish() const;

 private:
  double most_work_;
  std::int64_t left_out_ = 0;
  std::int64_t passed_ = 0;
  std::int64_t failed_ = 0;
};

/// Results against the naive ones, and what lies around the outputs.
void run_test(const Targets& targets, const std::vector<Entry<OpCase>>& entries, Report& report);

/// Gradients against finite differences in fp64.
void run_grad(const Targets& targets, const std::vector<Entry<GradientCase>>& entries,
              Report& report);

/// Equal bits for 1, 2 and 3 threads or a second time, and for a replica alone.
void run_threads(const Targets& targets, const std::vector<Entry<OpCase>>& entries, Report& report);

/// Prints how fast the ops are.
void run_perf(const Targets& targets, const std::vector<Entry<OpCase>>& entries);

/// Prints which ops the backend offers in which precision.
void run_support(const Targets& targets, const std::vector<Entry<OpCase>>& entries);

}  // namespace groklab::test
