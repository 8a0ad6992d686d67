// The emulated device: memory, streams, captures, kernels, and whether its context still works.
#pragma once

#include <cuda_runtime_api.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "device/modules.h"
#include "device/scheduler.h"
#include "device/work.h"
#include "machine/launch.h"
#include "machine/memory.h"

namespace gpu_emulator {

/// Thrown by what the device does for a call; the call returns it.
struct ApiError {
  cudaError_t status;
};

struct Event {
  /// When the work before a record was done; shared with the queued record.
  struct Moment {
    bool passed = false;
    std::chrono::steady_clock::time_point time;
  };
  bool timed = true;
  std::shared_ptr<Moment> moment;  ///< null: never recorded
  Progress position;
  std::shared_ptr<Capture> capture;  ///< recorded while capturing
  std::vector<std::size_t> capture_nodes;
};

struct Capture {
  cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal;
  std::thread::id thread;
  StreamPointer origin;
  std::vector<StreamPointer> streams;  ///< the origin, and those that joined
  std::shared_ptr<Graph> graph = std::make_shared<Graph>();
  bool is_valid = true;
  bool is_active = true;
};

class Device {
 public:
  Device();
  ~Device();

  // --- the context

  [[nodiscard]] cudaError_t sticky() const { return sticky_; }
  /// Breaks the context, as a fault on hardware does.
  void fail(const LaunchFault& fault);

  // --- memory

  [[nodiscard]] DeviceMemory& memory() { return memory_; }
  void* allocate(std::size_t bytes);
  void release(void* pointer);
  void* allocate_host(std::size_t bytes);
  void release_host(void* pointer);
  [[nodiscard]] bool is_pinned(const void* pointer) const;

  void copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream,
            bool synchronous);
  void set(void* to, int value, std::size_t bytes, cudaStream_t stream);

  // --- kernels

  Program& load(Kernel& kernel);
  void launch(Kernel& kernel, const Extent3& grid, const Extent3& block, void** arguments,
              std::size_t dynamic_shared_bytes, cudaStream_t stream);
  /// Each kernel that runs, also a library's, says so first.
  void begin_kernel(const std::string& name);

  // --- streams

  [[nodiscard]] Scheduler& scheduler() { return scheduler_; }
  [[nodiscard]] StreamPointer stream(cudaStream_t handle) const;
  /// Queues or captures work.
  void submit(cudaStream_t stream, std::string name, std::function<void()> run);
  void synchronise(cudaStream_t stream);
  void synchronise_device();
  /// One piece of work less; false when none was left.
  bool query(cudaStream_t stream);
  void destroy_stream(cudaStream_t stream);

  // --- events

  cudaEvent_t create_event(bool timed);
  void destroy_event(cudaEvent_t event);
  void record(cudaEvent_t event, cudaStream_t stream);
  void wait(cudaStream_t stream, cudaEvent_t event);
  void synchronise_event(cudaEvent_t event);
  float elapsed(cudaEvent_t start, cudaEvent_t end) const;

  // --- capture and graphs

  void begin_capture(cudaStream_t stream, cudaStreamCaptureMode mode);
  cudaGraph_t end_capture(cudaStream_t stream);
  [[nodiscard]] cudaStreamCaptureStatus capture_status(cudaStream_t stream) const;
  /// For calls such as cudaMalloc, which some captures forbid.
  void expect_unsafe_calls_allowed();
  cudaStreamCaptureMode exchange_capture_mode(cudaStreamCaptureMode mode);

  [[nodiscard]] const Graph& graph(cudaGraph_t handle) const;
  void destroy_graph(cudaGraph_t handle);
  cudaGraphExec_t instantiate(cudaGraph_t graph);
  void launch_graph(cudaGraphExec_t handle, cudaStream_t stream);
  [[nodiscard]] bool is_executable(cudaGraphExec_t handle) const;
  void destroy_executable(cudaGraphExec_t handle);

 private:
  void run_launch(const Launch& launch);
  [[nodiscard]] cudaMemcpyKind check_copy(const void* to, const void* from, std::size_t bytes,
                                          cudaMemcpyKind kind) const;
  void expect_device_range(const void* pointer, std::size_t bytes) const;
  [[nodiscard]] Event& event(cudaEvent_t handle) const;
  [[noreturn]] void break_capture(Capture& capture, cudaError_t status);
  void expect_not_capturing(const StreamPointer& stream);
  void expect_legacy_usable(const StreamPointer& stream);
  void leave_capture(Capture& capture);

  DeviceMemory memory_;
  Machine machine_;
  Scheduler scheduler_;
  cudaError_t sticky_ = cudaSuccess;
  std::uint64_t kernels_run_ = 0;
  std::map<const void*, std::size_t> pinned_;
  std::map<cudaEvent_t, std::unique_ptr<Event>> events_;
  std::map<cudaGraph_t, std::shared_ptr<Graph>> graphs_;
  std::map<cudaGraphExec_t, std::shared_ptr<const Graph>> executables_;
  std::vector<std::shared_ptr<Capture>> captures_;
};

/// All calls run one at a time.
[[nodiscard]] std::recursive_mutex& device_mutex();
/// The kernels of the program, registered before there is a device.
[[nodiscard]] Modules& modules();
/// Made at the first use; null when the program is ending.
[[nodiscard]] Device* device();
/// Null also before the first use.
[[nodiscard]] Device* device_if_made();

}  // namespace gpu_emulator
