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

ChosenBackend make_cpu(std::uint32_t threads, const std::string& notice) {
  return {BackendKind::kCpu, cpu::make_cpu_backend(threads, forced_instruction_set()), notice,
          nullptr};
}

ChosenBackend make_best(std::uint32_t threads) {
  return make_cpu(threads, std::string("no GPU is used: ") + kNoCuda);
}

}  // namespace

std::vector<BackendStatus> backend_statuses() {
  return {{BackendKind::kCuda, "cuda", false, kNoCuda},
          {BackendKind::kCpu, "cpu", true, cpu_detail()},
          {BackendKind::kNaive, "naive", true, "plain loops in double precision; for tests"},
          {BackendKind::kCheck, "check", true,
           "cpu and naive side by side; tells where they disagree"}};
}

BackendDescription ChosenBackend::description() const {
  BackendDescription description = backend->description();
  if (reference != nullptr) {
    description.device += ", " + description.name + " beside " + reference->description().name;
    description.name = "check";
  }
  return description;
}

ChosenBackend make_backend(BackendKind kind, std::uint32_t threads) {
  switch (kind) {
    case BackendKind::kCuda:
      throw Error(Status::kBackendUnavailable,
                  std::string("backend \"cuda\" cannot be used: ") + kNoCuda);
    case BackendKind::kNaive:
      return {kind, naive::make_naive_backend(), "", nullptr};
    case BackendKind::kCpu:
      return make_cpu(threads, "");
    case BackendKind::kCheck: {
      ChosenBackend chosen = make_best(threads);
      chosen.kind = kind;
      chosen.reference = naive::make_naive_backend();
      return chosen;
    }
    case BackendKind::kAuto:
      break;
  }
  return make_best(threads);
}

}  // namespace groklab
