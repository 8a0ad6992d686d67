// A fixed team of threads that carries out one parallel region after another.
//
// A region is a number of parts. Threads claim them one by one, so a helper that the machine's other
// work keeps from running delays nobody: the caller does its part too. Between regions the helpers
// spin for a short while, then sleep: regions inside a training step follow each other within
// microseconds, and a step has dozens of them.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace groklab::cpu {

/// Half-open range of items.
struct Range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// Share `part` of `parts` of n items; borders are multiples of `grain`, sizes as even as can be.
constexpr Range share(std::int64_t n, std::int64_t parts, std::int64_t part,
                      std::int64_t grain = 1) {
  const std::int64_t grains = (n + grain - 1) / grain;
  const std::int64_t begin = grains * part / parts * grain;
  const std::int64_t end = grains * (part + 1) / parts * grain;
  return {begin < n ? begin : n, end < n ? end : n};
}

class ThreadTeam {
 public:
  /// `size` − 1 helpers are started; the calling thread is the last.
  explicit ThreadTeam(int size);
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;
  ~ThreadTeam();

  [[nodiscard]] int size() const { return size_; }

  /// Calls f(part) once for every part 0 … size − 1, on the team's threads, each part on one of
  /// them; returns when all are done. If calls throw, one of their exceptions is rethrown here. Not
  /// reentrant.
  template <class F>
  void run(F&& f) {
    run_region([](void* context, int part) { (*static_cast<F*>(context))(part); }, &f);
  }

  /// Calls f(begin, end, part) for ranges that together cover n items, each of which costs about
  /// `cost` arithmetic operations; stays on this thread where a meeting would cost more than it
  /// saves. Borders lie at multiples of `grain`.
  template <class F>
  void for_ranges(std::int64_t n, std::int64_t cost, std::int64_t grain, F&& f) {
    const std::int64_t parts =
        std::min<std::int64_t>({size_, (n + grain - 1) / grain, n * cost / kWorthMeeting});
    if (parts <= 1) {
      if (n > 0) call(f, {0, n}, 0);
      return;
    }
    run([&](int part) {
      if (part >= parts) return;
      const Range range = share(n, parts, part, grain);
      if (range.begin < range.end) call(f, range, part);
    });
  }

  /// Scratch memory of a part, at least `bytes`, 64-byte aligned; its contents last until the next
  /// call for the same part.
  void* scratch(int part, std::size_t bytes);

  /// The same for what all parts read.
  void* shared_scratch(std::size_t bytes) { return scratch(size_, bytes); }

 private:
  using Region = void (*)(void*, int);
  static constexpr std::int64_t kWorthMeeting = 20000;

  // The one copy of a body. Inlined into for_ranges, GCC forgets which pointers of the caller are
  // restricted, and does not vectorise it there.
  template <class F>
  [[gnu::noinline]] static void call(F& f, Range range, int part) {
    f(range.begin, range.end, part);
  }

  struct Scratch {
    std::unique_ptr<std::byte, void (*)(std::byte*)> memory{nullptr, nullptr};
    std::size_t bytes = 0;
  };

  void run_region(Region region, void* context);
  bool claim_and_call();
  void help();
  void end_helpers();

  int size_;
  std::vector<Scratch> scratch_;
  std::vector<std::thread> helpers_;

  Region region_ = nullptr;
  void* context_ = nullptr;
  std::mutex failure_mutex_;
  std::exception_ptr failure_;

  // Number of the region (high half) and parts of it not yet claimed (low half), in one word: a part
  // is claimed only of the region that is under way.
  alignas(64) std::atomic<std::uint64_t> open_{0};
  alignas(64) std::atomic<int> unfinished_{0};
  alignas(64) std::atomic<bool> stop_{false};
};

}  // namespace groklab::cpu
