#include "ops/cpu/peak.h"

#include <memory>

#include "core/host_memory.h"
#include "ops/best_rate.h"
#include "ops/cpu/instruction_sets.h"

namespace groklab::cpu {

namespace {

/// Of each of two arrays: far more than the caches hold.
constexpr std::int64_t kArrayBytes = std::int64_t{128} << 20;

/// Rounds of multiply-adds that make a unit of work, a few microseconds.
constexpr std::int64_t kRounds = 1000;

struct Release {
  void operator()(void* memory) const { release_host_memory(memory); }
};

template <class T>
double measure_flops(ThreadTeam& team, const PeakLoops<T>& loops, double seconds) {
  const double units = best_rate(seconds, std::int64_t{1} << 40, [&](std::int64_t n) {
    team.run([&](int) { loops.multiply_add(n * kRounds, T(0.5), T(0.5)); });
  });
  return units * static_cast<double>(kRounds) * loops.flops_a_round * team.size();
}

template <class T>
double measure_bandwidth(ThreadTeam& team, const PeakLoops<T>& loops, double seconds) {
  constexpr std::int64_t kElements = kArrayBytes / static_cast<std::int64_t>(sizeof(T));
  constexpr std::int64_t kCacheLine = 64 / static_cast<std::int64_t>(sizeof(T));
  // They lie where the engine's own buffers would: zeros, as one thread has written them.
  const std::unique_ptr<void, Release> x(allocate_host_memory(kArrayBytes));
  const std::unique_ptr<void, Release> y(allocate_host_memory(kArrayBytes));
  const double passes = best_rate(seconds, std::int64_t{1} << 20, [&](std::int64_t n) {
    team.run([&](int part) {
      const Range range = share(kElements, team.size(), part, kCacheLine);
      for (std::int64_t pass = 0; pass < n; ++pass) {
        loops.add_scaled(T(0.5), static_cast<const T*>(x.get()) + range.begin,
                         static_cast<T*>(y.get()) + range.begin, range.end - range.begin);
      }
    });
  });
  return passes * 3 * static_cast<double>(kArrayBytes);
}

template <class T>
Peak measure(ThreadTeam& team, const PeakLoops<T>& loops, double seconds) {
  return {measure_flops(team, loops, seconds / 2), measure_bandwidth(team, loops, seconds / 2)};
}

}  // namespace

Peak measure_peak(ThreadTeam& team, std::string_view instruction_set, Precision precision,
                  double seconds) {
  const PeakLoopsPair loops = make_peak_loops(instruction_set);
  return precision == Precision::kFp64 ? measure(team, loops.fp64, seconds)
                                       : measure(team, loops.fp32, seconds);
}

}  // namespace groklab::cpu
