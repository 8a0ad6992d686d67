// What a kernel did wrong. The interpreter throws it; the device turns it into a broken context.
#pragma once

#include <cstdint>
#include <string>

namespace gpu_emulator {

enum class FaultKind { kIllegalAddress, kMisalignedAddress, kLaunchFailure };

struct Fault {
  FaultKind kind = FaultKind::kLaunchFailure;
  std::string what;
  int lane = -1;  ///< of the thread at fault; −1: the block as a whole
};

/// An address as messages write it.
[[nodiscard]] std::string hexadecimal(std::uint64_t address);

}  // namespace gpu_emulator
