#include "ops/backends.h"

#include <cstdlib>

#include "core/error.h"
#include "ops/cpu/cpu_backend.h"
#include "ops/cpu/instruction_sets.h"
#include "ops/naive/naive_backend.h"
#include "ops/plugin_loader.h"

namespace groklab {

namespace {

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

CudaProbe probe_cuda() {
  const LoadedPlugin& loaded = cuda_plugin();
  return loaded.plugin == nullptr ? CudaProbe{false, loaded.reason} : loaded.plugin->probe();
}

ChosenBackend make_cpu(std::uint32_t threads, const std::string& notice) {
  return {BackendKind::kCpu, cpu::make_cpu_backend(threads, forced_instruction_set()), notice,
          nullptr};
}

ChosenBackend make_cuda() {
  const LoadedPlugin& loaded = cuda_plugin();
  if (loaded.plugin == nullptr) throw Error(Status::kBackendUnavailable, loaded.reason);
  return {BackendKind::kCuda, loaded.plugin->make_backend(), "", nullptr};
}

/// The GPU, or the CPU and why not the GPU. Wrong settings are for the user to mend, and no reason.
ChosenBackend make_best(std::uint32_t threads) {
  try {
    return make_cuda();
  } catch (const Error& error) {
    if (error.status() == Status::kInvalidArgument) throw;
    return make_cpu(threads, std::string("no GPU is used: ") + error.what());
  }
}

}  // namespace

std::vector<BackendStatus> backend_statuses() {
  const CudaProbe cuda = probe_cuda();
  return {{BackendKind::kCuda, "cuda", cuda.usable, cuda.detail},
          {BackendKind::kCpu, "cpu", true, cpu_detail()},
          {BackendKind::kNaive, "naive", true, "plain loops in double precision; for tests"},
          {BackendKind::kCheck, "check", true,
           std::string(cuda.usable ? "cuda" : "cpu") +
               " and naive side by side; tells where they disagree"}};
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
      try {
        return make_cuda();
      } catch (const Error& error) {
        if (error.status() != Status::kBackendUnavailable) throw;
        throw Error(error.status(),
                    std::string("backend \"cuda\" cannot be used: ") + error.what());
      }
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
