// Limits by compute capability.
#include "device/limits.h"

namespace gpu_emulator {

Limits limits_of(int compute) {
  if (compute < 80) return {64 << 10, 64 << 10, 1024, 16};
  if (compute == 80) return {163 << 10, 164 << 10, 2048, 32};
  if (compute < 90) return {99 << 10, 100 << 10, 1536, compute == 89 ? 24 : 16};
  if (compute < 120) return {227 << 10, 228 << 10, 2048, 32};
  return {99 << 10, 100 << 10, 1536, 24};
}

}  // namespace gpu_emulator
