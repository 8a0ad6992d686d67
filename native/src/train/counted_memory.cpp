#include "train/counted_memory.h"

namespace groklab {

void* CountedBackend::taken(MemoryKind kind, void* memory, std::size_t bytes) {
  const auto size = static_cast<std::int64_t>(bytes);
  const std::scoped_lock lock(mutex_);
  sizes_[static_cast<std::size_t>(kind)].emplace(memory, size);
  bytes_[static_cast<std::size_t>(kind)] += size;
  return memory;
}

void CountedBackend::given_back(MemoryKind kind, void* memory) noexcept {
  const std::scoped_lock lock(mutex_);
  auto& sizes = sizes_[static_cast<std::size_t>(kind)];
  const auto found = sizes.find(memory);
  if (found == sizes.end()) return;
  bytes_[static_cast<std::size_t>(kind)] -= found->second;
  sizes.erase(found);
}

}  // namespace groklab
