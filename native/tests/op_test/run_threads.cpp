#include <cmath>
#include <cstring>

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
    const auto begin =
        static_cast<std::size_t>(replica < 0 ? 0 : replica * tensor.replica_values());
    for (std::size_t e = 0; e < part.results[i].size(); ++e) {
      if (!same_bits(part.results[i][e], whole.results[i][begin + e])) {
        return tensor.name + " differs at element " + std::to_string(e);
      }
    }
  }
  return "";
}

/// A backend with one, two and three threads.
struct Teams {
  explicit Teams(const Target& target)
      : name(target.name), threads{target.make(1), target.make(2), target.make(3)} {}

  std::string name;
  std::shared_ptr<Backend> threads[3];
};

void check_case(const Teams& teams, const std::string& op, OpCase& test, Precision precision,
                Report& report) {
  const std::string what = teams.name + ' ' + op + ' ' + test.shape + ' ' + name_of(precision);
  const Outcome one = execute(teams.threads[0], test, Layout::kContiguous, precision);
  for (const std::size_t more : {1, 2}) {
    const Outcome other = execute(teams.threads[more], test, Layout::kContiguous, precision);
    report.record(what + ' ' + std::to_string(more + 1) + " threads",
                  different_output(test, other, one, -1));
  }
  const std::vector<Tensor> all = test.tensors;
  const std::int64_t replicas = all.front().replicas;
  for (std::int64_t r = 0; r < replicas && replicas > 1; ++r) {
    test.tensors.clear();
    for (const Tensor& tensor : all) test.tensors.push_back(tensor.only(r));
    const Outcome alone = execute(teams.threads[1], test, Layout::kContiguous, precision);
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
    for (const Teams& team : teams) {
      for (const Precision precision : {Precision::kFp32, Precision::kFp64}) {
        check_case(team, entry.op, *test, precision, report);
      }
    }
  }
}

}  // namespace groklab::test
