// Philox 4x32-10, a counter-based random number generator (Salmon, Moraes, Dror and Shaw,
// "Parallel random numbers: as easy as 1, 2, 3", SC 2011). A number is a pure function of key and
// counter, so any thread or backend can make any of them, in any order, with the same bits.
#pragma once

#include <array>
#include <cstdint>

namespace groklab {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

/// What a stream of random numbers is for; keeps streams apart that share a user's seed.
enum class RandomPurpose : std::uint32_t { kInitialWeights = 0x1A17u, kDropout = 0xD201u };

/// One block: four independent 32-bit numbers, ten rounds.
constexpr PhiloxCounter philox4x32_10(PhiloxCounter counter, PhiloxKey key) {
  constexpr std::uint64_t kMultiplier0 = 0xD2511F53u;
  constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57u;
  constexpr std::uint32_t kWeyl0 = 0x9E3779B9u;
  constexpr std::uint32_t kWeyl1 = 0xBB67AE85u;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = kMultiplier0 * counter[0];
    const std::uint64_t product1 = kMultiplier1 * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(product0)};
    key = {key[0] + kWeyl0, key[1] + kWeyl1};
  }
  return counter;
}

/// Key of a stream: the user's seed, the purpose mixed into its high word.
constexpr PhiloxKey philox_key(std::uint64_t seed, RandomPurpose purpose) {
  return {static_cast<std::uint32_t>(seed),
          static_cast<std::uint32_t>(seed >> 32) ^ static_cast<std::uint32_t>(purpose)};
}

/// Uniform in (0, 1): the centre of one of 2^32 equal cells, exact in double.
constexpr double uniform_open(std::uint32_t bits) {
  return (static_cast<double>(bits) + 0.5) * 0x1p-32;
}

/// Dropout keeps an element where its 32 bits are at or above this.
constexpr std::uint64_t dropout_threshold(double rate) {
  return static_cast<std::uint64_t>(rate * 0x1p32);
}

/// Bits that decide over elements 4·block … 4·block+3 of a dropout site at a step.
constexpr PhiloxCounter dropout_bits(std::uint64_t seed, std::int64_t step, std::uint32_t site,
                                     std::uint32_t block) {
  const auto s = static_cast<std::uint64_t>(step);
  return philox4x32_10(
      {block, site, static_cast<std::uint32_t>(s), static_cast<std::uint32_t>(s >> 32)},
      philox_key(seed, RandomPurpose::kDropout));
}

}  // namespace groklab
