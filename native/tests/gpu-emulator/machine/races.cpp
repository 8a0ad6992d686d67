// The uncommon paths of race detection.
#include "machine/races.h"

#include <algorithm>
#include <bit>

#include "ptx/stop.h"

namespace gpu_emulator {

void WarpOrder::reset() {
  time_ = 1;
  whole_ = 0;
  if (partial_) known_ = {};
  partial_ = false;
}

void WarpOrder::synchronise(std::uint32_t mask, bool whole_warp) {
  if (time_ == RaceDetector::kMostTime) {
    stop("more bar.warp.sync in one barrier interval than the race detection can count");
  }
  if (whole_warp) {
    whole_ = time_++;
    return;
  }
  // What any of them knew all know, and what each did until now.
  partial_ = true;
  std::array<std::uint32_t, 32> known{};
  for (std::size_t lane = 0; lane < 32; ++lane) {
    if ((mask >> lane & 1) == 0) continue;
    for (std::size_t i = 0; i < 32; ++i) known[i] = std::max(known[i], known_[lane][i]);
  }
  for (std::size_t i = 0; i < 32; ++i) {
    if ((mask >> i & 1) != 0) known[i] = time_;
  }
  for (std::size_t lane = 0; lane < 32; ++lane) {
    if ((mask >> lane & 1) != 0) known_[lane] = known;
  }
  ++time_;
}

Conflict RaceDetector::conflict_with_write(std::uint64_t write, int lane, bool is_atomic) const {
  if (is_atomic && (write & kAtomic) != 0) return Conflict::kNone;
  if (others(write) != 0) return Conflict::kWriteInGrid;
  if (serial(write) != interval_.now) return Conflict::kNone;
  const std::uint32_t other = thread(write);
  const bool several = (write & (kLanes | kWarps)) != 0;
  if (!several && other == first_thread_ + static_cast<std::uint32_t>(lane)) {
    return Conflict::kNone;
  }
  if ((write & kWarps) != 0 || other / 32 != first_thread_ / 32) return Conflict::kWriteInBlock;
  const bool ordered = order_.ordered(static_cast<int>(other % 32), time(write), lane);
  return ordered ? Conflict::kNone : Conflict::kWriteInBlock;
}

/// Whether what the lanes, but for `lane` itself, did at `time` happened before the present.
bool RaceDetector::all_ordered(std::uint32_t lanes, std::uint32_t time, int lane) const {
  for (std::uint32_t rest = lanes & ~(1U << lane); rest != 0; rest &= rest - 1) {
    if (!order_.ordered(std::countr_zero(rest), time, lane)) return false;
  }
  return true;
}

Conflict RaceDetector::conflict_with_read(std::uint64_t read, std::uint32_t readers,
                                          int lane) const {
  if (others(read) != 0) return Conflict::kReadInGrid;
  if (serial(read) != interval_.now) return Conflict::kNone;
  const std::uint32_t other = thread(read);
  if ((read & kWarps) != 0 || other / 32 != first_thread_ / 32) return Conflict::kReadInBlock;
  const std::uint32_t lanes = (read & kLanes) != 0 ? readers : 1U << (other % 32);
  return all_ordered(lanes, time(read), lane) ? Conflict::kNone : Conflict::kReadInBlock;
}

void RaceDetector::join_readers(RaceCell& cell, std::uint32_t& readers, std::uint64_t mine,
                                int lane) const {
  const std::uint64_t before = cell.read;
  if (thread(before) / 32 != thread(mine) / 32) {
    cell.read = before | kWarps;
    return;
  }
  const std::uint32_t lanes = (before & kLanes) != 0 ? readers : 1U << (thread(before) % 32);
  // Whoever is ordered after this read is ordered after the reads that it is itself ordered after.
  if (all_ordered(lanes, time(before), lane)) {
    cell.read = mine | (before & kOthers);
  } else {
    readers = lanes | 1U << lane;
    cell.read = mine | kLanes | (before & kOthers);
  }
}

Conflict RaceDetector::read_together(RaceCell& cell, std::uint32_t& readers,
                                     std::uint32_t mask) const {
  const std::uint64_t before = cell.read;
  const bool first_in_interval = serial(before) != interval_.now;
  if (first_in_interval && is_past(cell.write) && std::popcount(mask) > 1) {
    cell.read = stamp(std::countr_zero(mask)) | kLanes | others(before);
    readers = mask;
    return Conflict::kNone;
  }
  for (std::uint32_t rest = mask; rest != 0; rest &= rest - 1) {
    const Conflict conflict = read(cell, readers, std::countr_zero(rest));
    if (conflict != Conflict::kNone) return conflict;
  }
  return Conflict::kNone;
}

Conflict RaceDetector::atomic(RaceCell& cell, std::uint32_t readers, int lane) const {
  Conflict conflict = conflict_with_write(cell.write, lane, true);
  if (conflict == Conflict::kNone) conflict = conflict_with_read(cell.read, readers, lane);
  if (conflict != Conflict::kNone) return conflict;
  const std::uint64_t mine = stamp(lane);
  const std::uint64_t before = cell.write;
  std::uint64_t flags = kAtomic | others(before);
  if (serial(before) == interval_.now && thread(before) != thread(mine)) {
    flags |= thread(before) / 32 != thread(mine) / 32 ? kWarps : kLanes;
  }
  if (serial(before) == interval_.now) flags |= before & (kLanes | kWarps);
  cell.write = mine | flags;
  return Conflict::kNone;
}

}  // namespace gpu_emulator
