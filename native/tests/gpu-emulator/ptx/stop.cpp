// Prints one sentence and aborts.
#include "ptx/stop.h"

#include <cstdio>
#include <cstdlib>

namespace gpu_emulator {

void stop(const std::string& sentence) {
  std::fflush(stdout);
  std::fprintf(stderr, "gpu-emulator: %s\n", sentence.c_str());
  std::fflush(stderr);
  std::abort();
}

}  // namespace gpu_emulator
