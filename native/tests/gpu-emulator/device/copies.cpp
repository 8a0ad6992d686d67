// Copies and fills. Host memory is read when the copy runs if it is pinned, at the call if it is
// not, as the runtime promises; device memory keeps count of what was written.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "device/device.h"

namespace gpu_emulator {
namespace {

std::uint64_t address_of(const void* pointer) { return reinterpret_cast<std::uint64_t>(pointer); }

bool is_device_address(const void* pointer) {
  return address_of(pointer) - kDeviceWindow < kDeviceWindowBytes;
}

struct Span {
  std::byte* bytes;
  std::uint8_t* written;
};

Span span_of(DeviceMemory& memory, const void* pointer, std::size_t bytes, const char* call) {
  Region* region = memory.find(address_of(pointer));
  if (region == nullptr || !region->contains(address_of(pointer), bytes)) {
    throw LaunchFault{FaultKind::kIllegalAddress,
                      std::string(call) + ": " + memory.describe(address_of(pointer), bytes)};
  }
  const std::size_t offset = address_of(pointer) - region->base;
  return {region->bytes.data() + offset, region->written.data() + offset};
}

void to_device(DeviceMemory& memory, void* to, const void* from, std::size_t bytes) {
  const Span span = span_of(memory, to, bytes, "cudaMemcpy to the device");
  std::memcpy(span.bytes, from, bytes);
  std::memset(span.written, 1, bytes);
}

void to_host(DeviceMemory& memory, void* to, const void* from, std::size_t bytes) {
  const Span span = span_of(memory, from, bytes, "cudaMemcpy to the host");
  const auto* unwritten = std::find(span.written, span.written + bytes, std::uint8_t{0});
  if (unwritten != span.written + bytes) {
    const auto offset = static_cast<std::uint64_t>(unwritten - span.written);
    throw LaunchFault{FaultKind::kLaunchFailure,
                      "cudaMemcpy of " + std::to_string(bytes) + " bytes to the host: " +
                          memory.describe(address_of(from) + offset, 1) + ", was never written"};
  }
  std::memcpy(to, span.bytes, bytes);
}

void on_device(DeviceMemory& memory, void* to, const void* from, std::size_t bytes) {
  const Span target = span_of(memory, to, bytes, "cudaMemcpy on the device");
  const Span source = span_of(memory, from, bytes, "cudaMemcpy on the device");
  std::memmove(target.bytes, source.bytes, bytes);
  std::memmove(target.written, source.written, bytes);
}

}  // namespace

void Device::expect_device_range(const void* pointer, std::size_t bytes) const {
  const Region* region = memory_.find(address_of(pointer));
  if (region == nullptr || !region->contains(address_of(pointer), bytes)) {
    throw ApiError{cudaErrorInvalidValue};
  }
}

/// The kind that cudaMemcpyDefault stands for; throws where the pointers do not fit the kind.
cudaMemcpyKind Device::check_copy(const void* to, const void* from, std::size_t bytes,
                                  cudaMemcpyKind kind) const {
  const bool to_is_device = is_device_address(to);
  const bool from_is_device = is_device_address(from);
  const cudaMemcpyKind actual =
      to_is_device     ? from_is_device ? cudaMemcpyDeviceToDevice : cudaMemcpyHostToDevice
      : from_is_device ? cudaMemcpyDeviceToHost
                       : cudaMemcpyHostToHost;
  if (kind != cudaMemcpyDefault && kind != actual) throw ApiError{cudaErrorInvalidValue};
  if (to_is_device) expect_device_range(to, bytes);
  if (from_is_device) expect_device_range(from, bytes);
  return actual;
}

void Device::copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                  cudaStream_t handle, bool synchronous) {
  if (synchronous) expect_unsafe_calls_allowed();
  if (bytes == 0) return;
  kind = check_copy(to, from, bytes, kind);
  const bool captures = stream(handle)->capture != nullptr;
  // The call itself waits where pageable host memory would be written.
  bool waits = synchronous;
  switch (kind) {
    case cudaMemcpyHostToDevice:
      if (is_pinned(from) || captures) {
        submit(handle, "copy", [=, this] { to_device(memory_, to, from, bytes); });
      } else {
        const auto* first = static_cast<const std::byte*>(from);
        auto staged = std::make_shared<std::vector<std::byte>>(first, first + bytes);
        submit(handle, "copy", [=, this] { to_device(memory_, to, staged->data(), bytes); });
      }
      break;
    case cudaMemcpyDeviceToHost:
      submit(handle, "copy", [=, this] { to_host(memory_, to, from, bytes); });
      waits = waits || !is_pinned(to);
      break;
    case cudaMemcpyDeviceToDevice:
      submit(handle, "copy", [=, this] { on_device(memory_, to, from, bytes); });
      break;
    default:
      submit(handle, "copy", [=] { std::memmove(to, from, bytes); });
      waits = waits || !is_pinned(to) || !is_pinned(from);
      break;
  }
  if (waits && !captures) synchronise(handle);
}

void Device::set(void* to, int value, std::size_t bytes, cudaStream_t handle) {
  if (bytes == 0) return;
  expect_device_range(to, bytes);
  submit(handle, "memset", [=, this] {
    const Span span = span_of(memory_, to, bytes, "cudaMemset");
    std::memset(span.bytes, value, bytes);
    std::memset(span.written, 1, bytes);
  });
}

}  // namespace gpu_emulator
