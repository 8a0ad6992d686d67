#include "ops/naive/naive_peak.h"

#include <array>
#include <numeric>
#include <vector>

#include "ops/best_rate.h"

namespace groklab::naive {

namespace {

constexpr std::int64_t kMostUnits = std::int64_t{1} << 40;

/// Scalar chains that are independent of each other.
double measure_flops(double seconds) {
  constexpr std::int64_t kRounds = 1000;
  std::array<double, 8> sums{};
  volatile double factor = 0.5;  // unknown to the compiler, as is who reads the result
  volatile double result = 0;
  const double units = best_rate(seconds, kMostUnits, [&](std::int64_t n) {
    const double f = factor;
    for (std::int64_t round = 0; round < n * kRounds; ++round) {
      for (double& sum : sums) sum = sum * f + f;
    }
    result = std::accumulate(sums.begin(), sums.end(), 0.0);
  });
  return units * kRounds * 2 * static_cast<double>(sums.size());
}

double measure_bandwidth(double seconds) {
  std::vector<double> x(std::size_t{16} << 20);
  std::vector<double> y(x.size());
  const double passes = best_rate(seconds, kMostUnits, [&](std::int64_t n) {
    for (std::int64_t pass = 0; pass < n; ++pass) {
      for (std::size_t i = 0; i < x.size(); ++i) y[i] += 0.5 * x[i];
    }
  });
  return passes * 3 * static_cast<double>(x.size() * sizeof(double));
}

}  // namespace

Peak measure_peak(double seconds) {
  return {measure_flops(seconds / 2), measure_bandwidth(seconds / 2)};
}

}  // namespace groklab::naive
