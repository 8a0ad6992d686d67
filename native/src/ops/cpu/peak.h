// What a team of threads reaches at most.
#pragma once

#include <string_view>

#include "ops/backend.h"
#include "ops/cpu/thread_team.h"

namespace groklab::cpu {

/// Measures with an instruction set of cpu_instruction_sets() for about so many seconds, half of them
/// each for operations and bytes. Throws Error(kOutOfMemory).
Peak measure_peak(ThreadTeam& team, std::string_view instruction_set, Precision precision,
                  double seconds);

}  // namespace groklab::cpu
