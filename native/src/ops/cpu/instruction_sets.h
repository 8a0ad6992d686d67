// The instruction sets that the kernels are compiled for, and which of them this processor has.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ops/cpu/thread_team.h"
#include "ops/ops.h"

namespace groklab::cpu {

/// `generic` is 16-byte vectors of the architecture's baseline (SSE2); on aarch64 the baseline has
/// a name of its own.
enum class InstructionSet { generic, avx2, avx512, neon };

/// Ops compiled for an instruction set; defined once in each set's own copy of the kernels.
template <class T, InstructionSet kSet>
Ops<T>* new_ops(ThreadTeam& team);

/// Names of the instruction sets in this library that the processor can run, best first.
std::vector<std::string> cpu_instruction_sets();

/// Both precisions' ops on a team, for an instruction set of the list above.
struct OpsPair {
  std::unique_ptr<Ops<float>> fp32;
  std::unique_ptr<Ops<double>> fp64;
};
OpsPair make_ops(std::string_view instruction_set, ThreadTeam& team);

/// The processor's name in its maker's words, or its architecture.
std::string processor_name();

}  // namespace groklab::cpu
