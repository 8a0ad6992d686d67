// How fast a piece of work can be done: the best of several short repeats.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace groklab {

/// Units of work a second, of the fastest repeat.
/// @param work work(n) does n units and returns when they are done.
/// @param most units that a repeat may have.
/// @param seconds how long to go on; at least two repeats are made.
template <class Work>
double best_rate(double seconds, std::int64_t most, const Work& work) {
  using Clock = std::chrono::steady_clock;
  // Long against a clock's grain and the start of threads, short against what disturbs a machine.
  constexpr double kRepeat = 2e-3;
  constexpr int kFewest = 2;
  const auto begin = Clock::now();
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  std::int64_t units = 1;
  double best = 0;
  for (int repeats = 0; repeats < kFewest || since(begin) < seconds;) {
    const auto start = Clock::now();
    work(units);
    const double time = since(start);
    if (time < kRepeat && units < most) {
      units = std::min(2 * units, most);
      continue;
    }
    best = std::max(best, static_cast<double>(units) / time);
    ++repeats;
  }
  return best;
}

}  // namespace groklab
