#include "abi/check.h"

#include <cstdio>

namespace groklab::abi {

std::string text(double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.17g", value);
  // The shortest form that reads back as the same number.
  for (int digits = 1; digits < 17; ++digits) {
    char shorter[64];
    std::snprintf(shorter, sizeof shorter, "%.*g", digits, value);
    if (std::strtod(shorter, nullptr) == value) return shorter;
  }
  return buffer;
}

void invalid(const std::string& message) { throw Error(Status::kInvalidArgument, message); }

void check_interval(double value, double least, double bound, std::string_view name) {
  if (!(value >= least && value < bound)) {
    invalid(std::string(name) + " is " + text(value) + "; allowed are numbers from " + text(least) +
            " to below " + text(bound));
  }
}

void check_not_negative(double value, std::string_view name) {
  if (!(value >= 0 && std::isfinite(value))) {
    invalid(std::string(name) + " is " + text(value) +
            "; allowed are finite numbers that are not negative");
  }
}

std::int64_t checked_product(std::int64_t a, std::int64_t b, std::int64_t most,
                             std::string_view what) {
  if (b != 0 && a > most / b) {
    invalid(std::string(what) + " is " + text(a) + " times " + text(b) + ", beyond the " +
            text(most) + " that are allowed");
  }
  return a * b;
}

}  // namespace groklab::abi
