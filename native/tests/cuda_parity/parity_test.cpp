// The same trainings on the backend under test and on the CPU.
#include <algorithm>
#include <cmath>
#include <vector>

#include "cuda_parity/runs.h"
#include "support/check.h"

namespace groklab::test {
namespace {

/// How far numbers may lie apart, relative to the greater of 1 and the expected one.
double tolerance(const Configuration& configuration) {
  return configuration.setup.precision == GROKLAB_FP32 ? 1e-5 : 1e-9;
}

void check_close(const std::vector<double>& actual, const std::vector<double>& expected,
                 double bound, const std::string& what) {
  CHECK_EQUAL(actual.size(), expected.size());
  for (std::size_t i = 0; i < std::min(actual.size(), expected.size()); ++i) {
    const double scale = std::max(1.0, std::abs(expected[i]));
    if (std::abs(actual[i] - expected[i]) <= bound * scale) continue;
    fail(__FILE__, __LINE__,
         what + '[' + std::to_string(i) + "]: " + to_text(actual[i]) + " instead of " +
             to_text(expected[i]));
    return;
  }
}

/// Calls check(actual, expected, replica, its name) after both have been trained.
template <class Check>
void for_each_replica(const Check& check) {
  const EngineHandle device = open_engine(backend_under_test(), 0);
  const EngineHandle cpu = open_engine(Compute{}, 2);
  for (const Configuration& configuration : configurations()) {
    Run actual(device.get(), configuration);
    Run expected(cpu.get(), configuration);
    train_with_rests(actual);
    train_with_rests(expected);
    for (uint32_t r = 0; r < actual.replicas(); ++r) {
      check(configuration, actual, expected, r,
            configuration.name + ", replica " + std::to_string(r));
    }
  }
}

}  // namespace

/// Losses of every step tell of masks, rates, batches and updates alike: a wrong one shows at once.
TEST(training_follows_the_cpu) {
  for_each_replica([](const Configuration& configuration, Run& actual, Run& expected, uint32_t r,
                      const std::string& what) {
    const double bound = tolerance(configuration);
    check_close(actual.losses(r), expected.losses(r), bound, what + ", loss");
    for (const uint32_t buffer : actual.trainer().kept_buffers(r)) {
      check_close(actual.trainer().values(r, buffer), expected.trainer().values(r, buffer), bound,
                  what + ", buffer " + std::to_string(buffer));
    }
    check_close(actual.evaluate(r), expected.evaluate(r), bound, what + ", evaluation");
    check_close(actual.logits(r), expected.logits(r), 10 * bound, what + ", logits");
    check_close(actual.gradient(r), expected.gradient(r), bound, what + ", gradient");
  });
}

}  // namespace groklab::test
