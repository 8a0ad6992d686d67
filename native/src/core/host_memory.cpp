#include "core/host_memory.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>

#include "core/error.h"

namespace groklab {

namespace {

constexpr std::uint64_t kUnknown = std::numeric_limits<std::uint64_t>::max();

/// The number at the start of a file of one line, as the kernel shows its limits.
std::uint64_t read_number(const char* path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  return file >> number ? number : kUnknown;
}

/// Bytes that this process can still have: the machine's, or its container's, whichever is less.
/// A kernel that overcommits would grant more, and kill the process when it touches them.
std::uint64_t available_memory() {
  std::uint64_t available = kUnknown;
  std::ifstream meminfo("/proc/meminfo");
  std::string name;
  std::uint64_t kibibytes = 0;
  std::string unit;
  while (meminfo >> name >> kibibytes) {
    if (name == "MemAvailable:") available = kibibytes * 1024;
    std::getline(meminfo, unit);
  }
  const std::uint64_t limit = read_number("/sys/fs/cgroup/memory.max");
  const std::uint64_t used = read_number("/sys/fs/cgroup/memory.current");
  if (limit != kUnknown && used != kUnknown) {
    available = std::min(available, limit > used ? limit - used : 0);
  }
  return available;
}

[[noreturn]] void refuse(std::size_t bytes, std::uint64_t available) {
  std::string message = "out of memory: " + std::to_string(bytes) + " bytes are needed";
  if (available != kUnknown) message += ", " + std::to_string(available) + " are available";
  throw Error(Status::kOutOfMemory, message);
}

}  // namespace

void* allocate_host_memory(std::size_t bytes) {
  constexpr std::size_t kAlignment = 64;
  constexpr std::size_t kWorthAsking = std::size_t{16} << 20;
  const std::uint64_t available = bytes < kWorthAsking ? kUnknown : available_memory();
  const std::size_t rounded =
      std::max(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment);
  if (rounded < bytes || rounded > available) refuse(bytes, available);
  void* const memory = std::aligned_alloc(kAlignment, rounded);
  if (memory == nullptr) refuse(bytes, available);
  std::memset(memory, 0, rounded);
  return memory;
}

std::optional<std::uint64_t> available_host_memory() {
  const std::uint64_t available = available_memory();
  if (available == kUnknown) return std::nullopt;
  return available;
}

void release_host_memory(void* memory) noexcept { std::free(memory); }

}  // namespace groklab
