// The device's life, its memory and its kernels.
#include "device/device.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include "device/environment.h"
#include "device/limits.h"

namespace gpu_emulator {
namespace {

struct Holder {
  std::optional<Device> device;
  bool is_gone = false;

  ~Holder() {
    device.reset();
    is_gone = true;
  }
};

Holder& holder() {
  static Holder instance;
  return instance;
}

std::string extent_text(const Extent3& extent) {
  return std::to_string(extent.x) + "x" + std::to_string(extent.y) + "x" + std::to_string(extent.z);
}

cudaError_t status_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::kIllegalAddress:
      return cudaErrorIllegalAddress;
    case FaultKind::kMisalignedAddress:
      return cudaErrorMisalignedAddress;
    default:
      return cudaErrorLaunchFailure;
  }
}

}  // namespace

std::recursive_mutex& device_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

Modules& modules() {
  static Modules instance;
  return instance;
}

Device* device() {
  Holder& owner = holder();
  if (owner.is_gone) return nullptr;
  if (!owner.device) owner.device.emplace();
  return &*owner.device;
}

Device* device_if_made() {
  Holder& owner = holder();
  return owner.device ? &*owner.device : nullptr;
}

Device::Device()
    : memory_(environment().memory),
      machine_(memory_, environment().seed, environment().races),
      scheduler_(environment().seed) {}

Device::~Device() {
  if (environment().trace) {
    std::fprintf(stderr, "gpu-emulator: %llu kernels, %llu instructions of threads\n",
                 static_cast<unsigned long long>(kernels_run_),
                 static_cast<unsigned long long>(machine_.instructions()));
  }
}

void Device::fail(const LaunchFault& fault) {
  std::fflush(stdout);
  std::fprintf(stderr, "gpu-emulator: %s\n", fault.sentence.c_str());
  sticky_ = status_of(fault.kind);
  scheduler_.drop_all();
}

void* Device::allocate(std::size_t bytes) {
  expect_unsafe_calls_allowed();
  if (bytes == 0) return nullptr;
  Region* region = memory_.allocate(bytes, "allocation");
  if (region == nullptr) throw ApiError{cudaErrorMemoryAllocation};
  return reinterpret_cast<void*>(region->base);
}

void Device::release(void* pointer) {
  expect_unsafe_calls_allowed();
  if (pointer == nullptr) return;
  scheduler_.complete_all();
  const auto address = reinterpret_cast<std::uint64_t>(pointer);
  const Region* region = memory_.find(address);
  if (region == nullptr || region->base != address || region->name != "allocation") {
    throw ApiError{cudaErrorInvalidValue};
  }
  memory_.release(address);
}

void* Device::allocate_host(std::size_t bytes) {
  expect_unsafe_calls_allowed();
  constexpr std::size_t kPage = 4096;
  void* pointer = std::aligned_alloc(kPage, (bytes + kPage - 1) / kPage * kPage);
  if (pointer == nullptr) throw ApiError{cudaErrorMemoryAllocation};
  pinned_[pointer] = bytes;
  return pointer;
}

void Device::release_host(void* pointer) {
  expect_unsafe_calls_allowed();
  if (pointer == nullptr) return;
  scheduler_.complete_all();
  if (pinned_.erase(pointer) == 0) throw ApiError{cudaErrorInvalidValue};
  std::free(pointer);
}

bool Device::is_pinned(const void* pointer) const {
  const auto behind = pinned_.upper_bound(pointer);
  if (behind == pinned_.begin()) return false;
  const auto& [base, size] = *std::prev(behind);
  return static_cast<const char*>(pointer) < static_cast<const char*>(base) + size;
}

Program& Device::load(Kernel& kernel) {
  const cudaError_t status = modules().load(kernel, memory_, environment().compute);
  if (status != cudaSuccess) throw ApiError{status};
  return *kernel.program;
}

void Device::launch(Kernel& kernel, const Extent3& grid, const Extent3& block, void** arguments,
                    std::size_t dynamic_shared_bytes, cudaStream_t stream) {
  const Program& program = load(kernel);
  const bool grid_is_allowed = grid.x > 0 && grid.x < 1U << 31 && grid.y > 0 && grid.y < 1U << 16 &&
                               grid.z > 0 && grid.z < 1U << 16;
  const bool block_is_allowed =
      block.count() > 0 && block.count() <= kThreadsPerBlock && block.z <= 64;
  if (!grid_is_allowed || !block_is_allowed) throw ApiError{cudaErrorInvalidConfiguration};
  if (program.max_threads != 0 && block.count() > program.max_threads) {
    throw ApiError{cudaErrorInvalidValue};
  }
  const std::size_t limit = kernel.dynamic_shared_limit != 0 ? kernel.dynamic_shared_limit
                            : program.shared_bytes < kSharedPerBlock
                                ? kSharedPerBlock - program.shared_bytes
                                : 0;
  if (dynamic_shared_bytes > limit) throw ApiError{cudaErrorInvalidValue};
  Launch launch;
  launch.program = &program;
  launch.grid = grid;
  launch.block = block;
  launch.dynamic_shared_bytes = dynamic_shared_bytes;
  launch.arguments.resize(program.parameter_bytes);
  for (std::size_t i = 0; i < program.parameters.size(); ++i) {
    std::memcpy(launch.arguments.data() + program.parameter_offsets[i], arguments[i],
                program.parameters[i].bytes);
  }
  submit(stream, program.name, [this, launch = std::move(launch)] { run_launch(launch); });
}

void Device::begin_kernel(const std::string& name) {
  ++kernels_run_;
  if (kernels_run_ == environment().fault_at) {
    throw LaunchFault{FaultKind::kLaunchFailure,
                      name + ": fails, because it is the kernel that GPU_EMULATOR_FAULT_AT names"};
  }
}

void Device::run_launch(const Launch& launch) {
  begin_kernel(launch.program->name);
  const std::uint64_t before = machine_.instructions();
  const auto start = std::chrono::steady_clock::now();
  machine_.run(launch);
  if (!environment().trace) return;
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
  std::fprintf(stderr,
               "gpu-emulator: %s, grid %s, block %s, %llu instructions of threads, %.3f ms\n",
               launch.program->name.c_str(), extent_text(launch.grid).c_str(),
               extent_text(launch.block).c_str(),
               static_cast<unsigned long long>(machine_.instructions() - before), time.count());
}

StreamPointer Device::stream(cudaStream_t handle) const {
  StreamPointer result = scheduler_.find(handle);
  if (result == nullptr) throw ApiError{cudaErrorInvalidResourceHandle};
  return result;
}

void Device::submit(cudaStream_t handle, std::string name, std::function<void()> run) {
  const StreamPointer target = stream(handle);
  expect_legacy_usable(target);
  auto work = std::make_shared<const Work>(Work{std::move(name), std::move(run)});
  if (target->capture == nullptr) {
    scheduler_.enqueue(target, std::move(work));
    return;
  }
  if (!target->capture->is_valid) throw ApiError{cudaErrorStreamCaptureInvalidated};
  Graph& graph = *target->capture->graph;
  graph.nodes.push_back({std::move(work), target->capture_tail});
  target->capture_tail = {graph.nodes.size() - 1};
}

void Device::synchronise(cudaStream_t handle) {
  const StreamPointer target = stream(handle);
  expect_not_capturing(target);
  expect_legacy_usable(target);
  // The legacy stream also waits for the streams that wait for it.
  if (target == scheduler_.legacy()) scheduler_.enqueue(target, nullptr);
  scheduler_.complete({{target, target->enqueued}});
}

void Device::synchronise_device() {
  for (const auto& capture : captures_) {
    if (capture->is_active) break_capture(*capture, cudaErrorStreamCaptureUnsupported);
  }
  scheduler_.complete_all();
}

bool Device::query(cudaStream_t handle) {
  const StreamPointer target = stream(handle);
  expect_not_capturing(target);
  expect_legacy_usable(target);
  return scheduler_.advance({{target, target->enqueued}});
}

void Device::destroy_stream(cudaStream_t handle) {
  const StreamPointer target = stream(handle);
  if (target == scheduler_.legacy()) throw ApiError{cudaErrorInvalidResourceHandle};
  if (target->capture != nullptr) {
    target->capture->is_valid = false;
    leave_capture(*target->capture);
  }
  scheduler_.destroy(handle);
}

}  // namespace gpu_emulator
