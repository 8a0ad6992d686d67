// The op test: every op of every backend against the naive double-precision answer.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "op_test/modes.h"
#include "ops/cpu/cpu_backend.h"
#include "ops/cpu/instruction_sets.h"
#include "ops/naive/naive_backend.h"

namespace groklab::test {
namespace {

constexpr const char* kUsage =
    "usage: op_test MODE [--backend cpu|naive] [--op NAME]\n"
    "  test     results against the naive ones, within stated bounds; no write outside of outputs\n"
    "  grad     gradients against finite differences in fp64\n"
    "  threads  equal bits for 1, 2 and 3 threads, and for a replica alone\n"
    "  perf     GFLOP/s or GB/s of each op at the report's sizes\n"
    "  support  ops and precisions that each backend offers\n"
    "Every instruction set that this processor has is tested.\n";

constexpr std::string_view kModes[] = {"test", "grad", "threads", "perf", "support"};

struct Options {
  std::string mode;
  std::string backend;  ///< empty: all
  std::string op;       ///< empty: all
};

/// False where the command line is wrong.
bool parse(const std::vector<std::string>& arguments, Options& options) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool has_value = i + 1 < arguments.size();
    if (arguments[i] == "--backend" && has_value) {
      options.backend = arguments[++i];
    } else if (arguments[i] == "--op" && has_value) {
      options.op = arguments[++i];
    } else if (options.mode.empty()) {
      options.mode = arguments[i];
    } else {
      return false;
    }
  }
  const bool known_backend =
      options.backend.empty() || options.backend == "cpu" || options.backend == "naive";
  return known_backend && std::ranges::find(kModes, options.mode) != std::end(kModes);
}

Targets targets_of(const std::string& backend) {
  Targets result;
  if (backend != "cpu") {
    result.push_back({"naive", [](std::uint32_t) { return naive::make_naive_backend(); }});
  }
  if (backend != "naive") {
    for (const std::string& set : cpu::cpu_instruction_sets()) {
      result.push_back({"cpu/" + set, [set](std::uint32_t threads) {
                          return cpu::make_cpu_backend(threads, set);
                        }});
    }
  }
  return result;
}

Catalogue all_cases() {
  Catalogue catalogue;
  add_row_cases(catalogue);
  add_linear_cases(catalogue);
  add_layer_norm_cases(catalogue);
  add_gelu_cases(catalogue);
  add_attention_cases(catalogue);
  add_cross_entropy_cases(catalogue);
  add_dropout_cases(catalogue);
  add_optimizer_cases(catalogue);
  return catalogue;
}

template <class Case>
std::vector<Entry<Case>> only(const std::vector<Entry<Case>>& entries, const std::string& op) {
  std::vector<Entry<Case>> kept;
  for (const auto& entry : entries) {
    if (op.empty() || entry.op == op) kept.push_back(entry);
  }
  std::ranges::stable_sort(kept, {}, &Entry<Case>::op);
  return kept;
}

/// True if there was something to try.
bool run(const Options& options, Report& report) {
  const Catalogue catalogue = all_cases();
  const auto test = only(catalogue.test, options.op);
  const auto grad = only(catalogue.grad, options.op);
  const auto perf = only(catalogue.perf, options.op);
  const Targets targets = targets_of(options.backend);
  if (options.mode == "test") run_test(targets, test, report);
  if (options.mode == "grad") run_grad(targets, grad, report);
  if (options.mode == "threads") run_threads(targets, test, report);
  if (options.mode == "perf") run_perf(targets, perf);
  if (options.mode == "support") run_support(targets, test);
  return !(options.mode == "grad"   ? grad.empty()
           : options.mode == "perf" ? perf.empty()
                                    : test.empty());
}

}  // namespace

void Report::record(const std::string& what, const std::string& fault) {
  if (fault.empty()) {
    ++passed_;
    return;
  }
  ++failed_;
  std::printf("FAILED %s: %s\n", what.c_str(), fault.c_str());
}

int Report::finish() const {
  std::printf("%lld passed, %lld failed\n", static_cast<long long>(passed_),
              static_cast<long long>(failed_));
  return failed_ == 0 ? 0 : 1;
}

}  // namespace groklab::test

int main(int argc, char** argv) {
  using groklab::test::Options;
  using groklab::test::Report;
  Options options;
  if (!groklab::test::parse({argv + 1, argv + argc}, options)) {
    std::fputs(groklab::test::kUsage, stderr);
    return 2;
  }
  try {
    Report report;
    if (!groklab::test::run(options, report)) {
      std::fprintf(stderr, "op_test %s: there is no op \"%s\"\n", options.mode.c_str(),
                   options.op.c_str());
      return 2;
    }
    const bool checks = options.mode != "perf" && options.mode != "support";
    return checks ? report.finish() : 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "op_test: %s\n", error.what());
    return 1;
  }
}
