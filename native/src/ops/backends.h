// The backends this library knows, by name: what can be used here, and how to make one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ops/backend.h"

namespace groklab {

enum class BackendKind : std::uint32_t { kAuto = 0, kCpu = 1, kCuda = 2, kNaive = 3, kCheck = 4 };

struct BackendStatus {
  BackendKind kind = BackendKind::kCpu;
  std::string name;
  bool usable = false;
  std::string detail;  ///< what it would use, or why it cannot be used
};

/// All backends but kAuto, best first.
std::vector<BackendStatus> backend_statuses();

struct ChosenBackend {
  BackendKind kind = BackendKind::kCpu;
  std::shared_ptr<Backend> backend;
  std::string notice;                  ///< for kAuto, kCheck: why a better one was passed over
  std::shared_ptr<Backend> reference;  ///< for kCheck: what `backend` is held against

  /// Of the backend, or of both.
  [[nodiscard]] BackendDescription description() const;
};

/// @param threads CPU threads, 0 for all. The environment variable GROKLAB_INSTRUCTION_SET forces
/// the CPU's instruction set. Throws Error(kBackendUnavailable) with the reason in words.
ChosenBackend make_backend(BackendKind kind, std::uint32_t threads);

}  // namespace groklab
