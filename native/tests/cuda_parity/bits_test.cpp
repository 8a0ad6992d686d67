// The same bits for a replica alone and among others, in another order, beside ones that rest, and
// in other chunks.
#include <algorithm>
#include <string>
#include <vector>

#include "cuda_parity/runs.h"
#include "support/check.h"

namespace groklab::test {
namespace {

constexpr int64_t kFew = 6;

void check_same(Run& actual, uint32_t a, Run& expected, uint32_t e, const std::string& what) {
  if (actual.losses(a) != expected.losses(e)) fail(__FILE__, __LINE__, what + ": other losses");
  if (actual.state(a) != expected.state(e)) fail(__FILE__, __LINE__, what + ": other weights");
  if (actual.evaluate(a) != expected.evaluate(e)) {
    fail(__FILE__, __LINE__, what + ": other evaluations");
  }
}

/// Calls check(configuration, engine, a run of all replicas that has made kFew steps).
template <class Check>
void for_each_configuration(const Check& check) {
  const EngineHandle engine = open_engine(backend_under_test(), 0);
  for (const Configuration& configuration : configurations()) {
    Run together(engine.get(), configuration);
    together.train(kFew);
    check(configuration, engine.get(), together);
  }
}

}  // namespace

TEST(replicas_alone_and_among_others) {
  for_each_configuration(
      [](const Configuration& configuration, groklab_engine* engine, Run& together) {
        for (uint32_t r = 0; r < together.replicas(); ++r) {
          Run alone(engine, configuration, {r});
          alone.train(kFew);
          check_same(alone, 0, together, r,
                     configuration.name + ", replica " + std::to_string(r) + " alone");
        }
      });
}

TEST(replicas_in_another_order) {
  for_each_configuration(
      [](const Configuration& configuration, groklab_engine* engine, Run& together) {
        std::vector<uint64_t> numbers;
        for (uint32_t r = together.replicas(); r-- > 0;) numbers.push_back(r);
        Run reversed(engine, configuration, numbers);
        reversed.train(kFew);
        for (uint32_t r = 0; r < together.replicas(); ++r) {
          check_same(reversed, together.replicas() - 1 - r, together, r,
                     configuration.name + ", replica " + std::to_string(r) + " in another order");
        }
      });
}

TEST(chunks_and_looks_on_the_way) {
  for_each_configuration(
      [](const Configuration& configuration, groklab_engine* engine, Run& together) {
        Run divided(engine, configuration);
        divided.train(1);
        for (uint32_t r = 0; r < divided.replicas(); ++r) {
          divided.evaluate(r);
          divided.logits(r);
          divided.gradient(r);
        }
        divided.train(0);
        divided.train(kFew - 1);
        for (uint32_t r = 0; r < together.replicas(); ++r) {
          check_same(divided, r, together, r,
                     configuration.name + ", replica " + std::to_string(r) + " in other chunks");
        }
      });
}

TEST(resting_neighbours) {
  for_each_configuration(
      [](const Configuration& configuration, groklab_engine* engine, Run& together) {
        Run one_by_one(engine, configuration);
        for (uint32_t r = one_by_one.replicas(); r-- > 0;) {
          std::vector<uint8_t> active(one_by_one.replicas());
          active[r] = 1;
          one_by_one.train(kFew, active);
        }
        for (uint32_t r = 0; r < together.replicas(); ++r) {
          check_same(one_by_one, r, together, r,
                     configuration.name + ", replica " + std::to_string(r) + " while others rest");
        }
      });
}

}  // namespace groklab::test
