#include "ops/cpu/kernels/cpu_ops.h"

#include "ops/cpu/instruction_sets.h"

namespace groklab::cpu {

namespace GROKLAB_ISA {

template <class T>
CpuOps<T>::CpuOps(ThreadTeam& team) : team_(team) {}

template <class T>
CpuOps<T>::~CpuOps() = default;

template class CpuOps<float>;
template class CpuOps<double>;

}  // namespace GROKLAB_ISA

// The one symbol of this instruction set that other units know.
template <>
Ops<float>* new_ops<float, InstructionSet::GROKLAB_ISA>(ThreadTeam& team) {
  return new GROKLAB_ISA::CpuOps<float>(team);
}

template <>
Ops<double>* new_ops<double, InstructionSet::GROKLAB_ISA>(ThreadTeam& team) {
  return new GROKLAB_ISA::CpuOps<double>(team);
}

}  // namespace groklab::cpu
