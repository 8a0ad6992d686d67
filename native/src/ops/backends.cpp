#include "ops/backends.h"

#include <cstdlib>

#include "core/error.h"
#include "ops/cpu/cpu_backend.h"
#include "ops/cpu/instruction_sets.h"
#include "ops/naive/naive_backend.h"

namespace groklab {

namespace {

const char kNoCuda[] =
    "this build of the library has no CUDA plugin (libgroklab_cuda); only the CPU can be used";

std::string forced_instruction_set() {
  const char* const value = std::getenv("GROKLAB_INSTRUCTION_SET");
  return value == nullptr ? "" : value;
}

std::string cpu_detail() {
  std::string detail = cpu::processor_name() + "; instruction sets ";
  bool first = true;
  for (const std::string& set : cpu::cpu_instruction_sets()) {
    detail += (first ? "" : ", ") + set;
    first = false;
  }
  return detail;
}

}  // namespace

std::vector<BackendStatus> backend_statuses() {
  return {{BackendKind::kCuda, "cuda", false, kNoCuda},
          {BackendKind::kCpu, "cpu", true, cpu_detail()},
          {BackendKind::kNaive, "naive", true, "plain loops in double precision; for tests"}};
}

ChosenBackend make_backend(BackendKind kind, std::uint32_t threads) {
  switch (kind) {
    case BackendKind::kCuda:
      throw Error(Status::kBackendUnavailable,
                  std::string("backend \"cuda\" cannot be used: ") + kNoCuda);
    case BackendKind::kNaive:
      return {kind, naive::make_naive_backend(), ""};
    case BackendKind::kCpu:
      return {kind, cpu::make_cpu_backend(threads, forced_instruction_set()), ""};
    case BackendKind::kAuto:
      break;
  }
  return {BackendKind::kCpu, cpu::make_cpu_backend(threads, forced_instruction_set()),
          std::string("no GPU is used: ") + kNoCuda};
}

}  // namespace groklab
