// Work of other libraries in streams.
#include "cudart/library_work.h"

#include "cudart/api.h"

namespace gpu_emulator::exported {

cudaError_t submit_library_work(
    cudaStream_t stream, const std::string& name,
    const std::function<std::optional<LaunchFault>(DeviceMemory&)>& run) {
  return call([&](Device& device) {
    device.submit(stream, name, [&device, name, run] {
      device.begin_kernel(name);
      if (const auto fault = run(device.memory())) throw *fault;
    });
  });
}

cudaError_t device_status() {
  return call([](Device&) {});
}

}  // namespace gpu_emulator::exported
