#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "op_test/execute.h"
#include "op_test/modes.h"

namespace groklab::test {
namespace {

bool same_bits(double a, double b) {
  // NaNs may differ in sign and payload: nothing depends on them.
  return std::memcmp(&a, &b, sizeof a) == 0 || (std::isnan(a) && std::isnan(b));
}

/// Name of the first output in which replica `replica` of `whole` (-1: all of it) is not `part`.
std::string different_output(const OpCase& test, const Outcome& part, const Outcome& whole,
                             std::int64_t replica) {
  for (std::size_t i = 0; i < test.tensors.size(); ++i) {
    const Tensor& tensor = test.tensors[i];
    if (tensor.role != Role::kOutput && tensor.role != Role::kInOut) continue;
    const bool all = replica < 0 || tensor.shared;
    const auto begin = static_cast<std::size_t>(all ? 0 : replica * tensor.replica_values());
    for (std::size_t e = 0; e < part.results[i].size(); ++e) {
      if (!same_bits(part.results[i][e], whole.results[i][begin + e])) {
        return tensor.name + " differs at element " + std::to_string(e);
      }
    }
  }
  return "";
}

/// A backend, and what must give the same bits: other numbers of threads, or the same once more.
struct Teams {
  explicit Teams(const Target& target) : name(target.name), first(target.make(1)) {
    if (target.threaded) {
      others = {{"2 threads", target.make(2)}, {"3 threads", target.make(3)}};
    } else {
      others = {{"a second time", first}};
    }
  }

  std::string name;
  std::shared_ptr<Backend> first;
  std::vector<std::pair<std::string, std::shared_ptr<Backend>>> others;
};

/// Replicas that are tried alone: all, or where they are many, some from the first to the last.
std::vector<std::int64_t> tried_alone(std::int64_t replicas) {
  constexpr std::int64_t kMost = 5;
  std::vector<std::int64_t> tried;
  if (replicas <= 1) return tried;
  for (std::int64_t i = 0; i < std::min(replicas, kMost); ++i) {
    tried.push_back(replicas <= kMost ? i : i * (replicas - 1) / (kMost - 1));
  }
  return tried;
}

void check_case(const Teams& teams, const std::string& op, OpCase& test, Precision precision,
                Report& report) {
  const std::string what = teams.name + ' ' + op + ' ' + test.shape + ' ' + name_of(precision);
  const Outcome one = execute(teams.first, test, Layout::kContiguous, precision);
  for (const auto& [how, backend] : teams.others) {
    const Outcome other = execute(backend, test, Layout::kContiguous, precision);
    report.record(what + ' ' + how, different_output(test, other, one, -1));
  }
  const std::vector<Tensor> all = test.tensors;
  for (const std::int64_t r : tried_alone(test.replicas())) {
    test.tensors.clear();
    for (const Tensor& tensor : all) test.tensors.push_back(tensor.only(r));
    const Outcome alone =
        execute(teams.others.front().second, test, Layout::kContiguous, precision);
    report.record(what + " replica " + std::to_string(r) + " alone",
                  different_output(test, alone, one, r));
  }
  test.tensors = all;
}

}  // namespace

void run_threads(const Targets& targets, const std::vector<Entry<OpCase>>& entries,
                 Report& report) {
  const std::vector<Teams> teams(targets.begin(), targets.end());
  for (const auto& entry : entries) {
    const auto test = entry.make();
    if (report.leaves_out(*test)) continue;
    for (const Teams& team : teams) {
      for (const Precision precision : {Precision::kFp32, Precision::kFp64}) {
        check_case(team, entry.op, *test, precision, report);
      }
    }
  }
}

}  // namespace groklab::test
