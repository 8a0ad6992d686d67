// The checks of memory accesses: bounds, alignment, memory never written, races. A warp that
// touches one allocation is checked at once; whatever fails is looked at lane by lane.
#include "machine/access.h"

#include <bit>
#include <cstring>
#include <string>

#include "machine/block.h"

namespace gpu_emulator {
namespace {

using Addresses = std::uint64_t[32];

struct Access {
  Warp& warp;
  Space space;
  const char* verb;  // "reads"
  std::size_t bytes;
};

std::string bytes_at(const Access& access) {
  return std::string(access.verb) + " " + std::to_string(access.bytes) + " bytes at ";
}

std::string describe(const Access& access, std::uint64_t address) {
  const Block& block = access.warp.block();
  if (address - kSharedWindow < kWindowBytes) {
    return block.describe_shared(address - kSharedWindow);
  }
  return block.memory().describe(address, access.bytes);
}

/// Generic addresses of the lanes; those not in `mask` get that of one that is.
void collect_addresses(Warp& warp, const Instruction& in, Space space, std::uint32_t mask,
                       Addresses& addresses) {
  Warp::require_defined(mask, warp.valid(in.a), "the address");
  const std::uint64_t window = space == Space::kShared      ? kSharedWindow
                               : space == Space::kLocal     ? kLocalWindow
                               : space == Space::kParameter ? kParameterWindow
                                                            : 0;
  const std::uint64_t offset = static_cast<std::uint64_t>(in.offset) + window;
  if (in.wide_address) {
    const auto* base = warp.in<std::uint64_t>(in.a);
    for (int lane = 0; lane < 32; ++lane) addresses[lane] = base[lane] + offset;
  } else {
    const auto* base = warp.in<std::uint32_t>(in.a);
    for (int lane = 0; lane < 32; ++lane) addresses[lane] = base[lane] + offset;
  }
  if (mask == kAllLanes) return;
  const std::uint64_t active = addresses[first_lane(mask)];
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    addresses[lane] = (mask >> lane & 1) != 0 ? addresses[lane] : active;
  }
}

template <std::size_t Bytes>
bool all_within(const Region& region, const Addresses& addresses) {
  if (region.size < Bytes) return false;
  const std::uint64_t last = region.size - Bytes;
  std::uint64_t bad = 0;
  for (int lane = 0; lane < 32; ++lane) {
    bad |= static_cast<std::uint64_t>(addresses[lane] - region.base > last) |
           (addresses[lane] & (Bytes - 1));
  }
  return bad == 0;
}

/// The region of one lane's access; a fault where there is none or the address is misaligned.
Region& locate(const Access& access, std::uint64_t address, int lane) {
  const Block& block = access.warp.block();
  Region* region = nullptr;
  if (access.space != Space::kGlobal && address - kSharedWindow < kWindowBytes) {
    region = block.find_shared(address - kSharedWindow);
  } else if (access.space != Space::kShared) {
    region = block.memory().find(address);
  }
  if (region == nullptr || !region->contains(address, access.bytes)) {
    throw Fault{FaultKind::kIllegalAddress, bytes_at(access) + describe(access, address), lane};
  }
  if (address % access.bytes != 0) {
    throw Fault{FaultKind::kMisalignedAddress,
                bytes_at(access) + hexadecimal(address) + ", which is not a multiple of " +
                    std::to_string(access.bytes),
                lane};
  }
  return *region;
}

[[noreturn]] void report_unwritten(const Access& access, std::uint64_t address, int lane) {
  throw Fault{FaultKind::kLaunchFailure,
              bytes_at(access) + describe(access, address) + ", which were never written", lane};
}

[[noreturn]] void report_race(const Access& access, std::uint64_t address, int lane,
                              Conflict conflict, const RaceCell& cell) {
  const bool other_wrote =
      conflict == Conflict::kWriteInBlock || conflict == Conflict::kWriteInGrid;
  std::string what = bytes_at(access) + describe(access, address) + ", which ";
  if (conflict == Conflict::kWriteInBlock || conflict == Conflict::kReadInBlock) {
    const std::uint32_t other = RaceDetector::thread(other_wrote ? cell.write : cell.read);
    // Of several readers the cell names only the last, which may be this very thread.
    const bool is_self = other == access.warp.first_thread() + static_cast<std::uint32_t>(lane);
    what += (is_self ? "another thread" : "thread " + access.warp.block().name_of_thread(other)) +
            (other_wrote ? " wrote" : " read") + " in the same barrier interval";
  } else {
    what += std::string("another block ") + (other_wrote ? "wrote" : "read") + " in this launch";
  }
  throw Fault{FaultKind::kLaunchFailure, what + ": a race", lane};
}

/// The cells of an access: from the first one's index on.
template <std::size_t Bytes>
constexpr std::size_t cells_of(int granule) {
  const std::size_t cells = Bytes >> granule;
  return cells == 0 ? 1 : cells;
}

template <std::size_t Bytes>
bool is_written(const std::uint8_t* written) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  std::uint64_t flags[2] = {kOnes, kOnes};
  std::memcpy(flags, written, Bytes);
  return flags[0] == kOnes && flags[1] == kOnes;
}

template <std::size_t Bytes>
void check_written(const Access& access, const Region& region, const Addresses& addresses,
                   std::uint32_t mask) {
  for (std::uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const int lane = first_lane(rest);
    if (!is_written<Bytes>(region.written.data() + (addresses[lane] - region.base))) {
      report_unwritten(access, addresses[lane], lane);
    }
  }
}

bool all_ones(const std::uint8_t* flags, std::size_t count) {
  std::uint8_t all = 1;
  for (std::size_t i = 0; i < count; ++i) all &= flags[i];
  return all == 1;
}

enum class Pattern { kScattered, kSame, kConsecutive };

template <std::size_t Bytes>
Pattern pattern_of(const Addresses& addresses, std::uint32_t mask) {
  std::uint64_t differs = 0;
  std::uint64_t leaves_row = 0;
  for (std::uint64_t lane = 0; lane < 32; ++lane) {
    differs |= addresses[lane] ^ addresses[0];
    leaves_row |= addresses[lane] ^ (addresses[0] + lane * Bytes);
  }
  if (differs == 0) return Pattern::kSame;
  return leaves_row == 0 && mask == kAllLanes ? Pattern::kConsecutive : Pattern::kScattered;
}

template <std::size_t Bytes>
void find_read_races(const Access& access, Region& region, const Addresses& addresses,
                     std::uint32_t mask, Pattern pattern) {
  const Block& block = access.warp.block();
  if (!block.find_races() || region.read_only) return;
  const int granule = block.granule();
  const RaceDetector detector(block.interval_for(region), access.warp.order(),
                              access.warp.first_thread());
  RaceCell* cells = region.cells(granule);
  std::uint32_t* readers = region.readers(granule);
  for (std::uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const int lane = first_lane(rest);
    const std::size_t first = (addresses[lane] - region.base) >> granule;
    for (std::size_t i = first; i < first + cells_of<Bytes>(granule); ++i) {
      const Conflict conflict = pattern == Pattern::kSame
                                    ? detector.read_together(cells[i], readers[i], mask)
                                    : detector.read(cells[i], readers[i], lane);
      if (conflict != Conflict::kNone) {
        report_race(access, addresses[lane], lane, conflict, cells[i]);
      }
    }
    if (pattern == Pattern::kSame) return;
  }
}

template <std::size_t Bytes>
void find_write_races(const Access& access, Region& region, const Addresses& addresses,
                      std::uint32_t mask) {
  const Block& block = access.warp.block();
  if (!block.find_races()) return;
  const int granule = block.granule();
  const RaceDetector detector(block.interval_for(region), access.warp.order(),
                              access.warp.first_thread());
  RaceCell* cells = region.cells(granule);
  const std::uint32_t* readers = region.readers(granule);
  for (std::uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const int lane = first_lane(rest);
    const std::size_t first = (addresses[lane] - region.base) >> granule;
    for (std::size_t i = first; i < first + cells_of<Bytes>(granule); ++i) {
      const Conflict conflict = detector.write(cells[i], readers[i], lane);
      if (conflict != Conflict::kNone) {
        report_race(access, addresses[lane], lane, conflict, cells[i]);
      }
    }
  }
}

template <std::size_t Bytes>
void load_from(const Access& access, Region& region, const Addresses& addresses, std::uint32_t mask,
               std::byte (&raw)[32][Bytes]) {
  const Pattern pattern = pattern_of<Bytes>(addresses, mask);
  const std::size_t first = addresses[first_lane(mask)] - region.base;
  if (pattern == Pattern::kConsecutive) {
    if (!all_ones(region.written.data() + first, sizeof raw)) {
      check_written<Bytes>(access, region, addresses, mask);
    }
    std::memcpy(raw, region.bytes.data() + first, sizeof raw);
  } else if (pattern == Pattern::kSame) {
    check_written<Bytes>(access, region, addresses, mask & (0 - mask));
    for (auto& lane : raw) std::memcpy(lane, region.bytes.data() + first, Bytes);
  } else {
    check_written<Bytes>(access, region, addresses, mask);
    for (std::uint32_t rest = mask; rest != 0; rest &= rest - 1) {
      const int lane = first_lane(rest);
      std::memcpy(raw[lane], region.bytes.data() + (addresses[lane] - region.base), Bytes);
    }
  }
  find_read_races<Bytes>(access, region, addresses, mask, pattern);
}

template <std::size_t Bytes>
void store_to(const Access& access, Region& region, const Addresses& addresses, std::uint32_t mask,
              const std::byte (&raw)[32][Bytes]) {
  if (region.read_only) {
    throw Fault{FaultKind::kIllegalAddress, "writes to " + region.name + ", which is constant",
                first_lane(mask)};
  }
  find_write_races<Bytes>(access, region, addresses, mask);
  if (pattern_of<Bytes>(addresses, mask) == Pattern::kConsecutive) {
    const std::size_t first = addresses[0] - region.base;
    std::memset(region.written.data() + first, 1, sizeof raw);
    std::memcpy(region.bytes.data() + first, raw, sizeof raw);
    return;
  }
  for (std::uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const int lane = first_lane(rest);
    const std::size_t offset = addresses[lane] - region.base;
    std::memset(region.written.data() + offset, 1, Bytes);
    std::memcpy(region.bytes.data() + offset, raw[lane], Bytes);
  }
}

template <std::size_t Bytes>
std::uint32_t lanes_within(const Region& region, const Addresses& addresses) {
  std::uint32_t lanes = 0;
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    const bool within = region.contains(addresses[lane], Bytes) && addresses[lane] % Bytes == 0;
    lanes |= static_cast<std::uint32_t>(within) << lane;
  }
  return lanes;
}

/// Calls body(region, lanes) for each region that the lanes of `mask` touch.
template <std::size_t Bytes, class Body>
void for_each_region(const Access& access, const Addresses& addresses, std::uint32_t mask,
                     Body body) {
  Region*& last = access.warp.last_region();
  if (last != nullptr && all_within<Bytes>(*last, addresses)) {
    body(*last, mask);
    return;
  }
  for (std::uint32_t rest = mask; rest != 0;) {
    const int first = first_lane(rest);
    Region& region = locate(access, addresses[first], first);
    const std::uint32_t together = rest & lanes_within<Bytes>(region, addresses);
    body(region, together);
    rest &= ~together;
    last = &region;
  }
}

/// A lane's own memory: the offset of an access there.
std::size_t local_offset(const Access& access, std::uint64_t address, int lane) {
  const std::uint64_t offset = address - kLocalWindow - kLocalOffset;
  const std::size_t size = access.warp.local_bytes();
  if (size < access.bytes || offset > size - access.bytes) {
    throw Fault{FaultKind::kIllegalAddress,
                bytes_at(access) + "byte " + std::to_string(static_cast<std::int64_t>(offset)) +
                    " of the thread's " + std::to_string(size) + " bytes of local memory",
                lane};
  }
  if (address % access.bytes != 0) {
    throw Fault{FaultKind::kMisalignedAddress,
                bytes_at(access) + "byte " + std::to_string(offset) +
                    " of local memory, which is not a multiple of " + std::to_string(access.bytes),
                lane};
  }
  return offset;
}

template <std::size_t Bytes>
void load_local(const Access& access, const Addresses& addresses, std::uint32_t mask,
                std::byte (&raw)[32][Bytes]) {
  for (std::uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const int lane = first_lane(rest);
    const std::size_t offset = local_offset(access, addresses[lane], lane);
    if (!is_written<Bytes>(access.warp.local_written(lane) + offset)) {
      throw Fault{FaultKind::kLaunchFailure,
                  bytes_at(access) + "byte " + std::to_string(offset) +
                      " of local memory, which were never written",
                  lane};
    }
    std::memcpy(raw[lane], access.warp.local(lane) + offset, Bytes);
  }
}

template <std::size_t Bytes>
void store_local(const Access& access, const Addresses& addresses, std::uint32_t mask,
                 const std::byte (&raw)[32][Bytes]) {
  for (std::uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const int lane = first_lane(rest);
    const std::size_t offset = local_offset(access, addresses[lane], lane);
    std::memset(access.warp.local_written(lane) + offset, 1, Bytes);
    std::memcpy(access.warp.local(lane) + offset, raw[lane], Bytes);
  }
}

/// The parameters' bytes from `offset` on.
const std::byte* locate_parameter(const Access& access, std::uint64_t offset, int lane) {
  const std::vector<std::byte>& arguments = access.warp.block().launch().arguments;
  if (arguments.size() < access.bytes || offset > arguments.size() - access.bytes ||
      offset % access.bytes != 0) {
    throw Fault{FaultKind::kIllegalAddress,
                bytes_at(access) + "byte " + std::to_string(static_cast<std::int64_t>(offset)) +
                    " of the " + std::to_string(arguments.size()) + " bytes of parameters",
                lane};
  }
  return arguments.data() + offset;
}

template <std::size_t Bytes>
void load_parameters(const Access& access, const Addresses& addresses, std::uint32_t mask,
                     std::byte (&raw)[32][Bytes]) {
  const std::byte* from = nullptr;
  std::uint64_t last = 0;
  for (std::uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const int lane = first_lane(rest);
    const std::uint64_t address = addresses[lane];
    // Mostly all lanes read the same.
    if (from == nullptr || address != last) {
      from = locate_parameter(access, address - kParameterWindow, lane);
      last = address;
    }
    std::memcpy(raw[lane], from, Bytes);
  }
}

/// The common case: one parameter, the same for all lanes.
template <std::size_t Bytes>
void load_named_parameter(Warp& warp, const Instruction& in, std::uint32_t mask,
                          std::byte (&raw)[32][Bytes]) {
  const Access access{warp, Space::kParameter, "reads", Bytes};
  const std::uint64_t offset =
      *warp.in<std::uint64_t>(in.a) + static_cast<std::uint64_t>(in.offset);
  const std::byte* from = locate_parameter(access, offset, first_lane(mask));
  for (auto& lane : raw) std::memcpy(lane, from, Bytes);
}

std::uint32_t lanes_in_window(const Addresses& addresses, std::uint32_t mask,
                              std::uint64_t window) {
  std::uint32_t lanes = 0;
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    lanes |= static_cast<std::uint32_t>(addresses[lane] - window < kWindowBytes) << lane;
  }
  return lanes & mask;
}

/// Lanes whose access goes to memory of their own, by space or by generic address.
std::uint32_t private_lanes(Space space, std::uint64_t window, const Addresses& addresses,
                            std::uint32_t mask) {
  if (space == Space::kGeneric) return lanes_in_window(addresses, mask, window);
  const bool is_private =
      window == kLocalWindow ? space == Space::kLocal : space == Space::kParameter;
  return is_private ? mask : 0;
}

}  // namespace

template <std::size_t Bytes>
void load(Warp& warp, const Instruction& in, Space space, std::uint32_t mask,
          std::byte (&raw)[32][Bytes]) {
  if (space == Space::kParameter && (in.a & kConstant) != 0) {
    load_named_parameter<Bytes>(warp, in, mask, raw);
    return;
  }
  alignas(64) Addresses addresses;
  collect_addresses(warp, in, space, mask, addresses);
  const Access access{warp, space, "reads", Bytes};
  const std::uint32_t local = private_lanes(space, kLocalWindow, addresses, mask);
  const std::uint32_t parameters = private_lanes(space, kParameterWindow, addresses, mask);
  if (local != 0) load_local<Bytes>(access, addresses, local, raw);
  if (parameters != 0) load_parameters<Bytes>(access, addresses, parameters, raw);
  const std::uint32_t rest = mask & ~local & ~parameters;
  if (rest == 0) return;
  for_each_region<Bytes>(access, addresses, rest, [&](Region& region, std::uint32_t lanes) {
    load_from<Bytes>(access, region, addresses, lanes, raw);
  });
}

template <std::size_t Bytes>
void store(Warp& warp, const Instruction& in, Space space, std::uint32_t mask,
           const std::byte (&raw)[32][Bytes]) {
  alignas(64) Addresses addresses;
  collect_addresses(warp, in, space, mask, addresses);
  const Access access{warp, space, "writes", Bytes};
  const std::uint32_t local = private_lanes(space, kLocalWindow, addresses, mask);
  if (local != 0) store_local<Bytes>(access, addresses, local, raw);
  const std::uint32_t rest = mask & ~local;
  if (rest == 0) return;
  for_each_region<Bytes>(access, addresses, rest, [&](Region& region, std::uint32_t lanes) {
    store_to<Bytes>(access, region, addresses, lanes, raw);
  });
}

std::byte* atomic_place(Warp& warp, const Instruction& in, Space space, int lane,
                        std::size_t bytes) {
  alignas(64) Addresses addresses;
  collect_addresses(warp, in, space, 1U << lane, addresses);
  const std::uint64_t address = addresses[lane];
  const Access access{warp, space, "changes", bytes};
  Region& region = locate(access, address, lane);
  const std::size_t offset = address - region.base;
  const bool written = bytes == 8 ? is_written<8>(region.written.data() + offset)
                                  : is_written<4>(region.written.data() + offset);
  if (!written) report_unwritten(access, address, lane);
  const Block& block = warp.block();
  if (block.find_races()) {
    const int granule = block.granule();
    const RaceDetector detector(block.interval_for(region), warp.order(), warp.first_thread());
    RaceCell* cells = region.cells(granule);
    for (std::size_t i = offset >> granule; i < (offset + bytes) >> granule; ++i) {
      const Conflict conflict = detector.atomic(cells[i], region.readers(granule)[i], lane);
      if (conflict != Conflict::kNone) report_race(access, address, lane, conflict, cells[i]);
    }
  }
  return region.bytes.data() + offset;
}

template void load<1>(Warp&, const Instruction&, Space, std::uint32_t, std::byte (&)[32][1]);
template void load<2>(Warp&, const Instruction&, Space, std::uint32_t, std::byte (&)[32][2]);
template void load<4>(Warp&, const Instruction&, Space, std::uint32_t, std::byte (&)[32][4]);
template void load<8>(Warp&, const Instruction&, Space, std::uint32_t, std::byte (&)[32][8]);
template void load<16>(Warp&, const Instruction&, Space, std::uint32_t, std::byte (&)[32][16]);
template void store<1>(Warp&, const Instruction&, Space, std::uint32_t, const std::byte (&)[32][1]);
template void store<2>(Warp&, const Instruction&, Space, std::uint32_t, const std::byte (&)[32][2]);
template void store<4>(Warp&, const Instruction&, Space, std::uint32_t, const std::byte (&)[32][4]);
template void store<8>(Warp&, const Instruction&, Space, std::uint32_t, const std::byte (&)[32][8]);
template void store<16>(Warp&, const Instruction&, Space, std::uint32_t,
                        const std::byte (&)[32][16]);

}  // namespace gpu_emulator
