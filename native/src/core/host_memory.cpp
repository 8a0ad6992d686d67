#include "core/host_memory.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

#include "core/error.h"

namespace groklab {

namespace {

/// Bytes of memory that this machine has in all. A kernel that overcommits would grant more and
/// kill the process when it is touched.
std::size_t physical_memory() {
#if defined(_SC_PHYS_PAGES)
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_size = sysconf(_SC_PAGE_SIZE);
  if (pages > 0 && page_size > 0) {
    return static_cast<std::size_t>(pages) * static_cast<std::size_t>(page_size);
  }
#endif
  return SIZE_MAX;
}

}  // namespace

void* allocate_host_memory(std::size_t bytes) {
  constexpr std::size_t kAlignment = 64;
  const std::size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  const bool possible = rounded >= bytes && rounded <= physical_memory();
  void* memory =
      possible ? std::aligned_alloc(kAlignment, rounded == 0 ? kAlignment : rounded) : nullptr;
  if (memory == nullptr) {
    throw Error(Status::kOutOfMemory, "out of memory: " + std::to_string(bytes) +
                                          " bytes were needed at once; this machine has " +
                                          std::to_string(physical_memory()) + " in all");
  }
  std::memset(memory, 0, rounded);
  return memory;
}

void release_host_memory(void* memory) noexcept { std::free(memory); }

}  // namespace groklab
