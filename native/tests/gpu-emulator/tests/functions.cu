// Mathematical functions as nvcc expands them, against the host's in double.
#include <cmath>
#include <string>

#include "support.h"

namespace {

template <class T>
struct Bound {
  const char* name;
  double (*exact)(double);
  double ulps;  // of T, what the CUDA manual promises, and a little for the host's own
};

// Where the host would lose digits on the way, it computes in long double.
double erfcx_of(double x) {
  const long double wide = x;
  return static_cast<double>(std::exp(wide * wide) * std::erfc(wide));
}
double normcdf_of(double x) {
  return static_cast<double>(0.5L * std::erfc(-static_cast<long double>(x) / std::sqrt(2.0L)));
}
double rsqrt_of(double x) { return 1 / std::sqrt(std::fabs(x)); }
double power_of(double x) { return std::pow(std::fabs(x), 1.7); }
double reciprocal_of(double x) { return 1 / x; }
double root_of(double x) { return std::sqrt(std::fabs(x)); }
double log_of(double x) { return std::log(std::fabs(x)); }
double remainder_of(double x) { return std::fmod(x, 0.75); }
double sine_of_large(double x) { return std::sin(x * 1048576.0); }

template <class T>
__device__ T evaluate(int function, T x) {
  switch (function) {
    case 0:
      return exp(x);
    case 1:
      return erf(x);
    case 2:
      return erfc(x);
    case 3:
      return erfcx(x);
    case 4:
      return tanh(x);
    case 5:
      return log(fabs(x));
    case 6:
      return normcdf(x);
    case 7:
      return rsqrt(fabs(x));
    case 8:
      return pow(fabs(x), T(1.7));
    case 9:
      return T(1) / x;
    case 10:
      return sqrt(fabs(x));
    case 11:
      return sin(x);
    case 12:
      return cos(x);
    case 13:
      return fmod(x, T(0.75));
    case 14:
      return cbrt(x);
    case 15:
      return expm1(x);
    case 16:
      return log1p(fabs(x));
    default:
      return sin(x * T(1048576));
  }
}

template <class T>
__global__ void apply(int function, const T* x, T* y, int n) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < n) y[i] = evaluate(function, x[i]);
}

double log1p_of(double x) { return std::log1p(std::fabs(x)); }

template <class T>
void test_functions() {
  const Bound<T> bounds[] = {
      {"exp", std::exp, 3},        {"erf", std::erf, 3},      {"erfc", std::erfc, 6},
      {"erfcx", erfcx_of, 6},      {"tanh", std::tanh, 3},    {"log", log_of, 2},
      {"normcdf", normcdf_of, 8},  {"rsqrt", rsqrt_of, 3},    {"pow", power_of, 5},
      {"1/x", reciprocal_of, 0.5}, {"sqrt", root_of, 0.5},    {"sin", std::sin, 3},
      {"cos", std::cos, 3},        {"fmod", remainder_of, 0}, {"cbrt", std::cbrt, 2},
      {"expm1", std::expm1, 3},    {"log1p", log1p_of, 3},    {"sin large", sine_of_large, 3}};
  std::vector<T> x;
  for (int i = -300; i <= 300; ++i) x.push_back(static_cast<T>(i) / T(37) + T(0.001));
  const test::DeviceArray<T> input(x);
  for (int function = 0; function < 18; ++function) {
    const test::DeviceArray<T> output(x.size());
    apply<<<5, 128>>>(function, input.data(), output.data(), static_cast<int>(x.size()));
    const std::vector<T> y = output.get();
    const Bound<T>& bound = bounds[function];
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double exact = bound.exact(static_cast<double>(x[i]));
      // One unit for what the host itself may be off in double.
      if (test::near(y[i], exact, bound.ulps + (sizeof(T) == 8 ? 1 : 0.01))) continue;
      ++test::failures;
      std::printf("%s(%.17g) in %s: %.17g, not %.17g\n", bound.name, static_cast<double>(x[i]),
                  sizeof(T) == 8 ? "double" : "float", static_cast<double>(y[i]), exact);
    }
  }
}

}  // namespace

int main() {
  test_functions<float>();
  test_functions<double>();
  return test::result();
}
