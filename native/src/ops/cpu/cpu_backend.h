// The CPU backend: runs everywhere, the default where there is no GPU.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "ops/backend.h"

namespace groklab::cpu {

/// @param threads 1 … 1024; 0 takes every processor that this process may use.
/// @param instruction_set one of cpu_instruction_sets(); empty takes the best.
/// Throws Error(kBackendUnavailable) for an instruction set that cannot run here.
std::shared_ptr<Backend> make_cpu_backend(std::uint32_t threads, std::string_view instruction_set);

}  // namespace groklab::cpu
