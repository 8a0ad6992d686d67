// Reads the environment variables.
#include "device/environment.h"

#include <cuda_runtime_api.h>

#include <cmath>
#include <cstdlib>
#include <string>

#include "ptx/stop.h"

namespace gpu_emulator {
namespace {

double number(const char* name, double otherwise) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return otherwise;
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  if (*end != '\0' || value < 0) {
    stop(std::string(name) + " is '" + text + "'; a number not below 0 is allowed");
  }
  return value;
}

Environment read() {
  Environment result;
  result.devices = number("GPU_EMULATOR_DEVICES", 1) > 0 ? 1 : 0;
  result.driver_version = static_cast<int>(number("GPU_EMULATOR_DRIVER", CUDART_VERSION));
  result.compute = static_cast<int>(std::lround(number("GPU_EMULATOR_COMPUTE", 12.0) * 10));
  result.memory = static_cast<std::size_t>(number("GPU_EMULATOR_MEMORY", 8.0 * (1ULL << 30)));
  result.fault_at = static_cast<std::uint64_t>(number("GPU_EMULATOR_FAULT_AT", 0));
  result.seed = static_cast<std::uint64_t>(number("GPU_EMULATOR_SEED", 0));
  result.races = number("GPU_EMULATOR_RACES", 1) != 0;
  result.trace = number("GPU_EMULATOR_TRACE", 0) != 0;
  result.cudnn_cuda = static_cast<int>(number("GPU_EMULATOR_CUDNN_CUDA", CUDART_VERSION));
  result.one_batch = number("GPU_EMULATOR_ONE_BATCH", 0) != 0;
  return result;
}

}  // namespace

const Environment& environment() {
  static const Environment instance = read();
  return instance;
}

}  // namespace gpu_emulator
