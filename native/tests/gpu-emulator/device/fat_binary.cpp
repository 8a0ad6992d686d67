// The layout of fat binaries, as nvcc 13 writes them.
#include "device/fat_binary.h"

#include <cstring>
#include <string>

#include "machine/fault.h"
#include "ptx/stop.h"

namespace gpu_emulator {
namespace {

constexpr std::uint32_t kWrapperMagic = 0x466243b1;
constexpr std::uint32_t kContainerMagic = 0xba55ed50;
constexpr std::uint16_t kPtx = 1;
constexpr std::uint64_t kCompressed = 0xa000;  // with either of two methods

struct Wrapper {
  std::uint32_t magic;
  std::uint32_t version;
  const char* data;
};

struct Container {
  std::uint32_t magic;
  std::uint16_t version;
  std::uint16_t header_bytes;
  std::uint64_t bytes;  // of all entries
};

struct Entry {
  std::uint16_t kind;
  std::uint16_t version;
  std::uint32_t header_bytes;
  std::uint64_t bytes;
  std::uint32_t unused[3];
  std::uint32_t target;
  std::uint64_t unused_too;
  std::uint64_t flags;
};

void expect_magic(std::uint32_t found, std::uint32_t wanted, const char* what) {
  if (found == wanted) return;
  stop(std::string(what) + " of a fat binary begins with " + hexadecimal(found) + ", not " +
       hexadecimal(wanted));
}

}  // namespace

std::vector<FatBinaryEntry> read_fat_binary(const void* address) {
  Wrapper wrapper;
  std::memcpy(&wrapper, address, sizeof wrapper);
  expect_magic(wrapper.magic, kWrapperMagic, "the wrapper");
  Container container;
  std::memcpy(&container, wrapper.data, sizeof container);
  expect_magic(container.magic, kContainerMagic, "the container");
  std::vector<FatBinaryEntry> entries;
  const char* at = wrapper.data + container.header_bytes;
  const char* const end = at + container.bytes;
  while (at < end) {
    Entry entry;
    std::memcpy(&entry, at, sizeof entry);
    FatBinaryEntry result;
    result.is_ptx = entry.kind == kPtx;
    result.is_compressed = (entry.flags & kCompressed) != 0;
    result.target = static_cast<int>(entry.target);
    result.text = std::string_view(at + entry.header_bytes, entry.bytes);
    entries.push_back(result);
    at += entry.header_bytes + entry.bytes;
  }
  return entries;
}

}  // namespace gpu_emulator
