// The instruction sets that the kernels are compiled for, and which of them this processor has.
#pragma once

#include <cstdint>
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

/// Loops that show what the thread that runs them reaches at most.
template <class T>
struct PeakLoops {
  double flops_a_round = 0;  ///< of `multiply_add`

  /// Makes so many rounds of independent x = x · factor + term; returns a sum of the results.
  T (*multiply_add)(std::int64_t rounds, T factor, T term) = nullptr;

  /// y += scale · x, n elements each.
  void (*add_scaled)(T scale, const T* x, T* y, std::int64_t n) = nullptr;
};

/// The loops compiled for an instruction set; defined once in each set's own copy of the kernels.
template <class T, InstructionSet kSet>
PeakLoops<T> peak_loops();

/// Names of the instruction sets in this library that the processor can run, best first.
std::vector<std::string> cpu_instruction_sets();

/// Both precisions' ops on a team, for an instruction set of the list above.
struct OpsPair {
  std::unique_ptr<Ops<float>> fp32;
  std::unique_ptr<Ops<double>> fp64;
};
OpsPair make_ops(std::string_view instruction_set, ThreadTeam& team);

/// Both precisions' loops, for an instruction set of that list.
struct PeakLoopsPair {
  PeakLoops<float> fp32;
  PeakLoops<double> fp64;
};
PeakLoopsPair make_peak_loops(std::string_view instruction_set);

/// The processor's name in its maker's words, or its architecture.
std::string processor_name();

}  // namespace groklab::cpu
