#include <cstdio>

#include "core/error.h"
#include "op_test/execute.h"
#include "op_test/modes.h"

namespace groklab::test {
namespace {

const char* supported(const std::shared_ptr<Backend>& backend, const OpCase& test,
                      Precision precision) {
  try {
    execute(backend, test, Layout::kContiguous, precision);
    return "yes";
  } catch (const Error& error) {
    if (error.status() == Status::kUnsupported) return "no";
    throw;
  }
}

}  // namespace

void run_support(const Targets& targets, const std::vector<Entry<OpCase>>& entries) {
  for (const Target& target : targets) {
    const auto backend = target.make(1);
    std::string previous;
    for (const auto& entry : entries) {
      if (entry.op == previous) continue;
      previous = entry.op;
      const auto test = entry.make();
      std::printf("%-12s %-23s fp32 %-3s fp64 %-3s\n", target.name.c_str(), entry.op.c_str(),
                  supported(backend, *test, Precision::kFp32),
                  supported(backend, *test, Precision::kFp64));
    }
  }
}

}  // namespace groklab::test
