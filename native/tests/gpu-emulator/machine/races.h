// Finds races. Every word of memory that threads share (every byte where a kernel uses parts of
// words) has a cell, which remembers who last wrote and who read it, and when. "When" is a serial
// number of the barrier interval, never used twice, and within it the warp's time, which
// bar.warp.sync advances; so cells need no clearing between intervals, blocks or launches.
#pragma once

#include <array>
#include <cstdint>

namespace gpu_emulator {

/// Serial numbers of barrier intervals: the launch's first, the block's first, and the present.
struct Interval {
  std::uint32_t launch = 1;
  std::uint32_t block = 1;
  std::uint32_t now = 1;
};

/// Which accesses of a warp's lanes bar.warp.sync has ordered before which.
class WarpOrder {
 public:
  /// A new barrier interval: nothing before it matters.
  void reset();
  /// The lanes of `mask` wait for each other; `whole_warp`: they are all there are.
  void synchronise(std::uint32_t mask, bool whole_warp);

  [[nodiscard]] std::uint32_t time() const { return time_; }
  /// Whether what lane `earlier` did at `time` happened before what lane `later` does now.
  [[nodiscard]] bool ordered(int earlier, std::uint32_t time, int later) const {
    return time <= whole_ ||
           (partial_ &&
            known_[static_cast<std::size_t>(later)][static_cast<std::size_t>(earlier)] >= time);
  }

 private:
  std::uint32_t time_ = 1;
  std::uint32_t whole_ = 0;  // time of the last synchronisation of the whole warp
  bool partial_ = false;
  std::array<std::array<std::uint32_t, 32>, 32> known_{};  // [later][earlier]
};

struct RaceCell {
  std::uint64_t write = 0;
  std::uint64_t read = 0;
};

enum class Conflict { kNone, kWriteInBlock, kReadInBlock, kWriteInGrid, kReadInGrid };

/// One warp's view of the cells, at one moment.
class RaceDetector {
 public:
  RaceDetector(const Interval& interval, const WarpOrder& order, std::uint32_t first_thread)
      : interval_(interval),
        order_(order),
        first_thread_(first_thread),
        stamp_(static_cast<std::uint64_t>(interval.now) << kSerialShift |
               static_cast<std::uint64_t>(order.time()) << kTimeShift |
               static_cast<std::uint64_t>(first_thread) << kThreadShift) {}

  /// `readers` is the cell's mask of lanes, used only while several lanes of a warp have read.
  [[nodiscard]] Conflict read(RaceCell& cell, std::uint32_t& readers, int lane) const {
    const std::uint64_t mine = stamp(lane);
    const std::uint64_t before = cell.read;
    if (!is_past(cell.write) && !is_own(cell.write, mine)) {
      const Conflict conflict = conflict_with_write(cell.write, lane, false);
      if (conflict != Conflict::kNone) return conflict;
    }
    if (serial(before) != interval_.now) {
      cell.read = mine | others(before);
    } else if (is_own(before & ~kOthers, mine)) {
      cell.read = mine | (before & kOthers);
    } else if ((before & kWarps) == 0) {
      join_readers(cell, readers, mine, lane);
    }
    return Conflict::kNone;
  }

  /// All lanes of `mask` read the same cell.
  [[nodiscard]] Conflict read_together(RaceCell& cell, std::uint32_t& readers,
                                       std::uint32_t mask) const;

  [[nodiscard]] Conflict write(RaceCell& cell, std::uint32_t readers, int lane) const {
    const std::uint64_t mine = stamp(lane);
    if (!is_past(cell.write) && !is_own(cell.write, mine)) {
      const Conflict conflict = conflict_with_write(cell.write, lane, false);
      if (conflict != Conflict::kNone) return conflict;
    }
    if (!is_past(cell.read) && !is_own(cell.read, mine)) {
      const Conflict conflict = conflict_with_read(cell.read, readers, lane);
      if (conflict != Conflict::kNone) return conflict;
    }
    cell.write = mine;
    return Conflict::kNone;
  }

  [[nodiscard]] Conflict atomic(RaceCell& cell, std::uint32_t readers, int lane) const;

  /// Number in its block of the thread that a cell's last write or read came from.
  static std::uint32_t thread(std::uint64_t stamp) {
    return static_cast<std::uint32_t>(stamp >> kThreadShift) & 0x3ff;
  }

  static constexpr std::uint32_t kMostTime = (1U << 18) - 1;

 private:
  // A stamp: serial 32 bits | time 18 | thread 10 | flags 4.
  static constexpr int kSerialShift = 32;
  static constexpr int kTimeShift = 14;
  static constexpr int kThreadShift = 4;
  static constexpr std::uint64_t kLanes = 1;   // several lanes of one warp, in this interval
  static constexpr std::uint64_t kWarps = 2;   // several warps, in this interval
  static constexpr std::uint64_t kOthers = 4;  // also other blocks of this launch
  static constexpr std::uint64_t kAtomic = 8;

  static std::uint32_t serial(std::uint64_t stamp) {
    return static_cast<std::uint32_t>(stamp >> kSerialShift);
  }
  static std::uint32_t time(std::uint64_t stamp) {
    return static_cast<std::uint32_t>(stamp >> kTimeShift) & kMostTime;
  }
  [[nodiscard]] std::uint64_t stamp(int lane) const {
    return stamp_ + (static_cast<std::uint64_t>(lane) << kThreadShift);
  }

  /// Earlier launches, and earlier intervals of this block where no other block took part.
  [[nodiscard]] bool is_past(std::uint64_t stamp) const {
    const std::uint32_t when = serial(stamp);
    return when < interval_.launch ||
           (when >= interval_.block && when < interval_.now && (stamp & kOthers) == 0);
  }
  /// This very thread in this very interval, and nobody else.
  static bool is_own(std::uint64_t stamp, std::uint64_t mine) {
    constexpr std::uint64_t kTime = static_cast<std::uint64_t>(kMostTime) << kTimeShift;
    return ((stamp ^ mine) & ~kTime & ~kAtomic) == 0;
  }
  /// The flag kOthers where `stamp` tells of another block of this launch.
  [[nodiscard]] std::uint64_t others(std::uint64_t stamp) const {
    const std::uint32_t when = serial(stamp);
    if (when < interval_.launch) return 0;
    return when < interval_.block ? kOthers : stamp & kOthers;
  }

  [[nodiscard]] Conflict conflict_with_write(std::uint64_t write, int lane, bool is_atomic) const;
  [[nodiscard]] Conflict conflict_with_read(std::uint64_t read, std::uint32_t readers,
                                            int lane) const;
  [[nodiscard]] bool all_ordered(std::uint32_t lanes, std::uint32_t time, int lane) const;
  void join_readers(RaceCell& cell, std::uint32_t& readers, std::uint64_t mine, int lane) const;

  const Interval interval_;
  const WarpOrder& order_;
  std::uint32_t first_thread_;
  std::uint64_t stamp_;
};

}  // namespace gpu_emulator
