// Elementary functions on vectors.
#pragma once

#include <cmath>

#include "ops/cpu/kernels/simd.h"

namespace groklab::cpu::GROKLAB_ISA {

inline constexpr double kFactorials[] = {
    1, 1, 2, 6, 24, 120, 720, 5040, 40320, 362880, 3628800, 39916800, 479001600, 6227020800.0};

/// e^x to about one unit in the last place; 0 below the smallest normal result, x clamped above at
/// the largest finite one. NaN stays NaN. By x = n ln 2 + r, |r| ≤ ln 2 / 2, and a Taylor polynomial.
template <class T>
[[gnu::always_inline]] inline Vec<T> exp(Vec<T> x) {
  constexpr bool kSingle = sizeof(T) == 4;
  constexpr T kLargest = kSingle ? T(88.37) : T(709.4);
  constexpr T kSmallest = kSingle ? T(-87.33) : T(-708.39);
  // ln 2 in two parts, the first with trailing zeros, so that n · kLn2High is exact.
  constexpr T kLn2High = kSingle ? T(0x1.62e4p-1) : T(0x1.62e42fee00000p-1);
  constexpr T kLn2Low = kSingle ? T(0x1.7f7d1cp-20) : T(0x1.a39ef35793c76p-33);
  // Adding and subtracting 1.5 · 2^mantissa rounds to the nearest integer and leaves it, as an
  // integer, in the low bits.
  constexpr T kRound = kSingle ? T(0x1.8p23) : T(0x1.8p52);
  constexpr int kMantissa = kSingle ? 23 : 52;
  constexpr int kDegree = kSingle ? 7 : 13;

  const Vec<T> clamped = x > kLargest ? broadcast(kLargest) : x;
  const Vec<T> shifted = clamped * T(1.4426950408889634) + kRound;
  const Vec<T> n = shifted - kRound;
  const Vec<T> r = (clamped - n * kLn2High) - n * kLn2Low;
  Vec<T> sum = broadcast(static_cast<T>(1 / kFactorials[kDegree]));
#pragma GCC unroll 16
  for (int k = kDegree - 1; k >= 0; --k) sum = sum * r + static_cast<T>(1 / kFactorials[k]);
  BitsVec<T> bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  BitsVec<T> scaled;
  std::memcpy(&scaled, &sum, sizeof scaled);
  scaled += bits << kMantissa;
  Vec<T> result;
  std::memcpy(&result, &scaled, sizeof result);
  result = x < kSmallest ? Vec<T>{} : result;
  return x == x ? result : x;
}

/// Square roots, correctly rounded.
template <class T>
[[gnu::always_inline]] inline Vec<T> sqrt(Vec<T> x) {
  for (int i = 0; i < kLanes<T>; ++i) x[i] = std::sqrt(x[i]);
  return x;
}

/// The logistic function 1/(1 + e^−x).
template <class T>
[[gnu::always_inline]] inline Vec<T> sigmoid(Vec<T> x) {
  return T{1} / (T{1} + exp<T>(-x));
}

template <class T>
[[gnu::always_inline]] inline Vec<T> tanh(Vec<T> x);

/// Single precision: x + x³ P(x²) near 0, P of degree 5 fitted here for the least relative error of
/// tanh (1.6e-10) up to 0.625; 1 − 2/(e^2x + 1) beyond, which loses no digits there.
template <>
[[gnu::always_inline]] inline Vec<float> tanh<float>(Vec<float> x) {
  constexpr float kCoefficients[] = {-0.33333330802721434f,  0.13333206007850118f,
                                     -0.053946762987841526f, 0.021700702793571093f,
                                     -0.008177397140241845f, 0.0021429608114661046f};
  constexpr float kNear = 0.625f;
  const Vec<float> magnitude = x < 0.0f ? -x : x;
  const Vec<float> square = x * x;
  Vec<float> p = broadcast(kCoefficients[5]);
#pragma GCC unroll 5
  for (int k = 4; k >= 0; --k) p = p * square + kCoefficients[k];
  const Vec<float> near = x + x * square * p;
  const Vec<float> far = 1.0f - 2.0f / (exp<float>(2.0f * magnitude) + 1.0f);
  return magnitude < kNear ? near : x < 0.0f ? -far : far;
}

/// Double precision: the C library's, lane by lane, as for the normal distribution below.
template <>
[[gnu::always_inline]] inline Vec<double> tanh<double>(Vec<double> x) {
  Vec<double> result;
  for (int i = 0; i < kLanes<double>; ++i) result[i] = ::tanh(x[i]);
  return result;
}

/// Φ(x), the standard normal distribution function, and φ(x), its density.
template <class T>
struct Normal {
  Vec<T> distribution;
  Vec<T> density;
};

template <class T>
[[gnu::always_inline]] inline Normal<T> normal(Vec<T> x);

/// Single precision: erfc(z) = t P(t) exp(−z²) with t = 1/(1 + 0.3 z), the form of Hastings
/// (Abramowitz & Stegun 7.1.26); P of degree 8 fitted here for the least relative error, 2.2e-8.
template <>
[[gnu::always_inline]] inline Normal<float> normal<float>(Vec<float> x) {
  constexpr float kCoefficients[] = {
      0.16918935581765185f, 0.17069089561756823f,  0.14852151013804407f,
      0.21418033180626234f, -0.09282324652385832f, 0.5449625321863593f,
      -0.5097681877018078f, 0.4842995328916206f,   -0.12925273290378597f};
  constexpr float kSqrtHalf = 0.70710678118654752f;
  constexpr float kDensityAtZero = 0.39894228040143268f;
  const Vec<float> magnitude = x < 0.0f ? -x : x;
  const Vec<float> gauss = exp<float>(-0.5f * x * x);
  const Vec<float> t = 1.0f / (1.0f + (0.3f * kSqrtHalf) * magnitude);
  Vec<float> p = broadcast(kCoefficients[8]);
#pragma GCC unroll 8
  for (int k = 7; k >= 0; --k) p = p * t + kCoefficients[k];
  const Vec<float> upper_tail = 0.5f * t * p * gauss;
  return {x < 0.0f ? upper_tail : 1.0f - upper_tail, kDensityAtZero * gauss};
}

/// Double precision is for research on numerics: the C library's erfc, lane by lane.
template <>
[[gnu::always_inline]] inline Normal<double> normal<double>(Vec<double> x) {
  Normal<double> result;
  for (int i = 0; i < kLanes<double>; ++i) {
    result.distribution[i] = 0.5 * ::erfc(-x[i] * 0.70710678118654752440);
    result.density[i] = 0.39894228040143267794 * ::exp(-0.5 * x[i] * x[i]);
  }
  return result;
}

}  // namespace groklab::cpu::GROKLAB_ISA
