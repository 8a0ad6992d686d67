// Memory with shadows: which bytes were ever written, and the cells of the race detection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "machine/lazy_array.h"
#include "machine/races.h"

namespace gpu_emulator {

// Generic addresses. Nothing of the host lies here, so a kernel that is given a host pointer, and
// host code that follows a device pointer, are both found out.
inline constexpr std::uint64_t kDeviceWindow = 0x300000000000;
inline constexpr std::uint64_t kDeviceWindowBytes = 1ULL << 44;
inline constexpr std::uint64_t kSharedWindow = 0x200000000000;
inline constexpr std::uint64_t kLocalWindow = 0x210000000000;
inline constexpr std::uint64_t kParameterWindow = 0x220000000000;
inline constexpr std::uint64_t kWindowBytes = 1ULL << 32;

/// One allocation, or one variable.
struct Region {
  Region(std::uint64_t base, std::size_t size, std::string name);

  /// Cells by granule: 2 for words of four bytes, 0 for bytes; allocated when first asked for.
  [[nodiscard]] RaceCell* cells(int granule);
  [[nodiscard]] std::uint32_t* readers(int granule);
  void forget_races();

  [[nodiscard]] bool contains(std::uint64_t address, std::size_t bytes) const {
    return address >= base && bytes <= size && address - base <= size - bytes;
  }

  std::uint64_t base;
  std::size_t size;
  std::string name;  ///< for messages: "allocation", "variable table"
  LazyArray<std::byte> bytes;
  LazyArray<std::uint8_t> written;  ///< 1 for each byte that was written
  bool read_only = false;

 private:
  struct Races {
    LazyArray<RaceCell> cells;
    LazyArray<std::uint32_t> readers;
  };
  Races words_;
  Races single_bytes_;
};

/// The memory of a device. Addresses are never used again, so that freed memory stays known.
class DeviceMemory {
 public:
  explicit DeviceMemory(std::size_t capacity) : capacity_(capacity) {}

  /// Null where there is not so much memory left.
  Region* allocate(std::size_t bytes, std::string name);
  bool release(std::uint64_t address);

  [[nodiscard]] Region* find(std::uint64_t address) const;
  /// Why `bytes` at `address` may not be touched.
  [[nodiscard]] std::string describe(std::uint64_t address, std::size_t bytes) const;
  void forget_races();

  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::size_t used() const { return used_; }

 private:
  std::size_t capacity_;
  std::size_t used_ = 0;
  std::uint64_t next_ = kDeviceWindow;
  std::map<std::uint64_t, std::unique_ptr<Region>> regions_;
  std::map<std::uint64_t, std::size_t> freed_;
};

}  // namespace gpu_emulator
