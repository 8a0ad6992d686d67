#include "ops/cpu/instruction_sets.h"

#include <fstream>

#include "core/error.h"

namespace groklab::cpu {

namespace {

struct Entry {
  std::string_view name;
  bool runnable;
  OpsPair (*make_ops)(ThreadTeam&);
  PeakLoopsPair (*make_peak_loops)();
};

template <InstructionSet kSet>
Entry entry(std::string_view name, bool runnable) {
  return {name, runnable,
          [](ThreadTeam& team) -> OpsPair {
            return {std::unique_ptr<Ops<float>>(new_ops<float, kSet>(team)),
                    std::unique_ptr<Ops<double>>(new_ops<double, kSet>(team))};
          },
          []() -> PeakLoopsPair {
            return {peak_loops<float, kSet>(), peak_loops<double, kSet>()};
          }};
}

/// All instruction sets in this library, best first.
std::vector<Entry> entries() {
#if defined(__x86_64__)
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl");
  return {entry<InstructionSet::avx512>("avx512", avx512),
          entry<InstructionSet::avx2>("avx2", avx2),
          entry<InstructionSet::generic>("generic", true)};
#elif defined(__aarch64__)
  return {entry<InstructionSet::neon>("neon", true)};
#else
  return {entry<InstructionSet::generic>("generic", true)};
#endif
}

Entry runnable(std::string_view name) {
  for (const Entry& entry : entries()) {
    if (entry.runnable && entry.name == name) return entry;
  }
  throw Error(Status::kInternalError,
              "no CPU ops for the instruction set \"" + std::string(name) + "\"");
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
  return runnable(instruction_set).make_ops(team);
}

PeakLoopsPair make_peak_loops(std::string_view instruction_set) {
  return runnable(instruction_set).make_peak_loops();
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
