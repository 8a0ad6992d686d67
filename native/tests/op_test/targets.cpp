#include "op_test/targets.h"

#include <algorithm>
#include <cstdio>

#include "core/error.h"
#include "ops/backends.h"
#include "ops/cpu/cpu_backend.h"
#include "ops/cpu/instruction_sets.h"
#include "ops/naive/naive_backend.h"

namespace groklab::test {
namespace {

BackendStatus status_of_cuda() {
  const std::vector<BackendStatus> all = backend_statuses();
  return *std::ranges::find(all, BackendKind::kCuda, &BackendStatus::kind);
}

/// @param named whether it was asked for.
void add_cuda(bool named, Targets& targets) {
  const BackendStatus status = status_of_cuda();
  if (!status.usable) {
    if (named) throw Error(Status::kBackendUnavailable, "cuda cannot be tested: " + status.detail);
    std::printf("cuda is not among the backends tried: %s\n", status.detail.c_str());
    return;
  }
  std::printf("cuda is %s\n", status.detail.c_str());
  std::fflush(stdout);  // before what may go wrong is said
  const auto make = [](std::uint32_t) { return make_backend(BackendKind::kCuda, 0).backend; };
  targets.push_back({"cuda", make, false});
}

}  // namespace

Targets targets_of(const std::string& name) {
  Targets targets;
  if (name.empty() || name == "naive") {
    targets.push_back({"naive", [](std::uint32_t) { return naive::make_naive_backend(); }, true});
  }
  if (name.empty() || name == "cpu") {
    for (const std::string& set : cpu::cpu_instruction_sets()) {
      const auto make = [set](std::uint32_t threads) {
        return cpu::make_cpu_backend(threads, set);
      };
      targets.push_back({"cpu/" + set, make, true});
    }
  }
  if (name.empty() || name == "cuda") add_cuda(name == "cuda", targets);
  return targets;
}

}  // namespace groklab::test
