// The op test: every op of every backend against the naive double-precision answer.
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "op_test/modes.h"
#include "op_test/targets.h"

namespace groklab::test {
namespace {

constexpr const char* kUsage =
    "usage: op_test MODE [--backend cpu|cuda|naive] [--op NAME] [--most-work N] [--replicas R]\n"
    "  test     results against the naive ones, within stated bounds; no write outside of outputs\n"
    "  grad     gradients against finite differences in fp64\n"
    "  threads  equal bits for 1, 2 and 3 threads, or a second time, and for a replica alone\n"
    "  perf     GFLOP/s or GB/s of each op at the report's sizes, of R replicas at once\n"
    "  support  ops and precisions that each backend offers\n"
    "Every instruction set that this processor has is tested, and cuda where a GPU is usable.\n"
    "--most-work leaves out cases of more than N operations or elements, and counts them.\n";

constexpr std::string_view kModes[] = {"test", "grad", "threads", "perf", "support"};
constexpr std::string_view kBackends[] = {"cpu", "cuda", "naive"};

constexpr int kWrongUsage = 2;

struct Options {
  std::string mode;
  std::string backend;  ///< empty: all
  std::string op;       ///< empty: all
  double most_work = std::numeric_limits<double>::infinity();
  std::int64_t replicas = 1;
};

template <class Number>
bool parse_positive(const std::string& text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end && number > 0;
}

/// False where the command line is wrong.
bool parse(const std::vector<std::string>& arguments, Options& options) {
  const auto is_one_of = [](const auto& all, std::string_view name) {
    return std::ranges::find(all, name) != std::end(all);
  };
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& name = arguments[i];
    if (!name.starts_with("--")) {
      if (!options.mode.empty()) return false;
      options.mode = name;
      continue;
    }
    if (++i == arguments.size()) return false;
    const std::string& value = arguments[i];
    if (name == "--backend" && is_one_of(kBackends, value)) {
      options.backend = value;
    } else if (name == "--op") {
      options.op = value;
    } else if (name == "--most-work" && parse_positive(value, options.most_work)) {
      continue;
    } else if (name == "--replicas" && parse_positive(value, options.replicas)) {
      continue;
    } else {
      return false;
    }
  }
  return is_one_of(kModes, options.mode);
}

Catalogue all_cases(std::int64_t perf_replicas) {
  Catalogue catalogue;
  catalogue.perf_replicas = perf_replicas;
  add_row_cases(catalogue);
  add_linear_cases(catalogue);
  add_layer_norm_cases(catalogue);
  add_activation_cases(catalogue);
  add_lstm_cell_cases(catalogue);
  add_convolution_cases(catalogue);
  add_pooling_cases(catalogue);
  add_attention_cases(catalogue);
  add_cross_entropy_cases(catalogue);
  add_dropout_cases(catalogue);
  add_optimizer_cases(catalogue);
  add_batch_cases(catalogue);
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
  const Catalogue catalogue = all_cases(options.replicas);
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

bool Report::leaves_out(const OpCase& test) {
  if (test.work() <= most_work_) return false;
  ++left_out_;
  return true;
}

void Report::record(const std::string& what, const std::string& fault) {
  if (fault.empty()) {
    ++passed_;
    return;
  }
  ++failed_;
  std::printf("FAILED %s: %s\n", what.c_str(), fault.c_str());
}

int Report::finish() const {
  std::printf("%lld passed, %lld failed", static_cast<long long>(passed_),
              static_cast<long long>(failed_));
  if (left_out_ > 0) {
    std::printf(", %lld cases left out: more work than %.0f", static_cast<long long>(left_out_),
                most_work_);
  }
  std::puts("");
  return failed_ == 0 && passed_ > 0 ? 0 : 1;
}

}  // namespace groklab::test

int main(int argc, char** argv) {
  using namespace groklab::test;
  Options options;
  if (!parse({argv + 1, argv + argc}, options)) {
    std::fputs(kUsage, stderr);
    return kWrongUsage;
  }
  try {
    Report report(options.most_work);
    if (!run(options, report)) {
      std::fprintf(stderr, "op_test %s: there is no op \"%s\"\n", options.mode.c_str(),
                   options.op.c_str());
      return kWrongUsage;
    }
    const bool checks = options.mode != "perf" && options.mode != "support";
    return checks ? report.finish() : 0;
  } catch (const groklab::Error& error) {
    std::fprintf(stderr, "op_test: %s\n", error.what());
    return error.status() == groklab::Status::kBackendUnavailable ? kWrongUsage : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "op_test: %s\n", error.what());
    return 1;
  }
}
