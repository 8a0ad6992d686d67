#include "ops/cpu/instruction_sets.h"

#include <fstream>

#include "core/error.h"

namespace groklab::cpu {

namespace {

using Maker = OpsPair (*)(ThreadTeam&);

struct Entry {
  std::string_view name;
  bool runnable;
  Maker make;
};

template <InstructionSet kSet>
OpsPair make(ThreadTeam& team) {
  return {std::unique_ptr<Ops<float>>(new_ops<float, kSet>(team)),
          std::unique_ptr<Ops<double>>(new_ops<double, kSet>(team))};
}

/// All instruction sets in this library, best first.
std::vector<Entry> entries() {
#if defined(__x86_64__)
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl");
  return {{"avx512", avx512, make<InstructionSet::avx512>},
          {"avx2", avx2, make<InstructionSet::avx2>},
          {"generic", true, make<InstructionSet::generic>}};
#elif defined(__aarch64__)
  return {{"neon", true, make<InstructionSet::neon>}};
#else
  return {{"generic", true, make<InstructionSet::generic>}};
#endif
}

}  // namespace

std::vector<std::string> cpu_instruction_sets() {
  std::vector<std::string> names;
  for (const Entry& entry : entries()) {
    if (entry.runnable) names.emplace_back(entry.name);
  }
  return names;
}

OpsPair make_ops(std::string_view instruction_set, ThreadTeam& team) {
  for (const Entry& entry : entries()) {
    if (entry.runnable && entry.name == instruction_set) return entry.make(team);
  }
  throw Error(Status::kInternalError,
              "no CPU ops for the instruction set \"" + std::string(instruction_set) + "\"");
}

std::string processor_name() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  std::string line;
  while (std::getline(cpuinfo, line)) {
    if (line.starts_with("model name")) {
      const std::size_t colon = line.find(": ");
      if (colon != std::string::npos) return line.substr(colon + 2);
    }
  }
#if defined(__x86_64__)
  return "x86-64 processor";
#elif defined(__aarch64__)
  return "aarch64 processor";
#else
  return "processor";
#endif
}

}  // namespace groklab::cpu
