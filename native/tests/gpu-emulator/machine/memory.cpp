// Allocation, look-up and words about addresses.
#include "machine/memory.h"

#include <cstdio>
#include <iterator>
#include <utility>

#include "machine/fault.h"

namespace gpu_emulator {
namespace {

// cudaMalloc promises 256 bytes of alignment. Every address is odd in these units, so that code
// which relies on more fails.
constexpr std::uint64_t kAlignment = 256;
constexpr std::uint64_t kGuardBytes = 4096;

std::string place(std::uint64_t address, std::uint64_t base, std::size_t size,
                  const std::string& name) {
  const std::string what =
      " the " + std::to_string(size) + "-byte " + name + " at " + hexadecimal(base);
  if (address < base) return std::to_string(base - address) + " bytes before" + what;
  const std::uint64_t offset = address - base;
  if (offset < size) return "byte " + std::to_string(offset) + " of" + what;
  return std::to_string(offset - size) + " bytes behind" + what;
}

}  // namespace

std::string hexadecimal(std::uint64_t address) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(address));
  return text;
}

Region::Region(std::uint64_t base_address, std::size_t byte_count, std::string region_name)
    : base(base_address),
      size(byte_count),
      name(std::move(region_name)),
      bytes(byte_count),
      written(byte_count) {}

RaceCell* Region::cells(int granule) {
  Races& races = granule == 0 ? single_bytes_ : words_;
  if (!races.cells) {
    const std::size_t count = (size >> granule) + 1;
    races.cells = LazyArray<RaceCell>(count);
    races.readers = LazyArray<std::uint32_t>(count);
  }
  return races.cells.data();
}

std::uint32_t* Region::readers(int granule) {
  return (granule == 0 ? single_bytes_ : words_).readers.data();
}

void Region::forget_races() {
  words_ = {};
  single_bytes_ = {};
}

Region* DeviceMemory::allocate(std::size_t bytes, std::string name) {
  if (bytes > capacity_ - used_) return nullptr;
  const std::uint64_t base = next_ + kAlignment;
  next_ += (bytes + kGuardBytes + 2 * kAlignment - 1) / (2 * kAlignment) * (2 * kAlignment);
  auto region = std::make_unique<Region>(base, bytes, std::move(name));
  Region* result = region.get();
  regions_[base] = std::move(region);
  used_ += bytes;
  return result;
}

bool DeviceMemory::release(std::uint64_t address) {
  const auto found = regions_.find(address);
  if (found == regions_.end()) return false;
  used_ -= found->second->size;
  freed_[address] = found->second->size;
  regions_.erase(found);
  return true;
}

Region* DeviceMemory::find(std::uint64_t address) const {
  const auto behind = regions_.upper_bound(address);
  if (behind == regions_.begin()) return nullptr;
  Region* region = std::prev(behind)->second.get();
  return address - region->base < region->size ? region : nullptr;
}

std::string DeviceMemory::describe(std::uint64_t address, std::size_t bytes) const {
  std::string text = hexadecimal(address);
  if (address < kDeviceWindow || address >= next_ + kGuardBytes) {
    return text + ", which is not device memory";
  }
  const auto freed = freed_.upper_bound(address);
  if (freed != freed_.begin()) {
    const auto& [base, size] = *std::prev(freed);
    if (address - base < size) return text + ", " + place(address, base, size, "freed allocation");
  }
  const auto behind = regions_.upper_bound(address);
  const Region* nearest = behind != regions_.begin() ? std::prev(behind)->second.get() : nullptr;
  const Region* next = behind != regions_.end() ? behind->second.get() : nullptr;
  // An address just below an allocation was meant for it.
  if (next != nullptr && next->base - address <= kGuardBytes / 2) nearest = next;
  if (nearest == nullptr) return text + ", where nothing is allocated";
  text += ", " + place(address, nearest->base, nearest->size, nearest->name);
  if (nearest->contains(address, 1) && !nearest->contains(address, bytes))
    text += ", across its end";
  return text;
}

void DeviceMemory::forget_races() {
  for (auto& [base, region] : regions_) region->forget_races();
}

}  // namespace gpu_emulator
