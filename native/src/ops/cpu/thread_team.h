// A fixed team of threads that carries out one parallel region after another.
//
// Between regions the helpers spin for a short while, then sleep: regions inside a training step
// follow each other within microseconds, and a step has dozens of them.
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
  /// The calling thread is member 0; `size` − 1 helpers are started.
  explicit ThreadTeam(int size);
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;
  ~ThreadTeam();

  [[nodiscard]] int size() const { return size_; }

  /// Calls f(member) once for every member, on its own thread; returns when all have. If calls
  /// throw, one of their exceptions is rethrown here. Not reentrant.
  template <class F>
  void run(F&& f) {
    run_region([](void* context, int member) { (*static_cast<F*>(context))(member); }, &f);
  }

  /// Calls f(begin, end, member) for ranges that together cover n items, each of which costs about
  /// `cost` arithmetic operations; stays on this thread where a meeting would cost more than it
  /// saves. Borders lie at multiples of `grain`.
  template <class F>
  void for_ranges(std::int64_t n, std::int64_t cost, std::int64_t grain, F&& f) {
    const std::int64_t parts =
        std::min<std::int64_t>({size_, (n + grain - 1) / grain, n * cost / kWorthMeeting});
    if (parts <= 1) {
      if (n > 0) f(std::int64_t{0}, n, 0);
      return;
    }
    run([&](int member) {
      if (member >= parts) return;
      const Range range = share(n, parts, member, grain);
      if (range.begin < range.end) f(range.begin, range.end, member);
    });
  }

  /// A member's own scratch memory of at least `bytes`, 64-byte aligned; its contents last until
  /// the member's next call.
  void* scratch(int member, std::size_t bytes);

 private:
  using Region = void (*)(void*, int);
  static constexpr std::int64_t kWorthMeeting = 20000;

  struct Scratch {
    std::unique_ptr<std::byte, void (*)(std::byte*)> memory{nullptr, nullptr};
    std::size_t bytes = 0;
  };

  void run_region(Region region, void* context);
  void call(int member) noexcept;
  void help(int member);

  int size_;
  std::vector<Scratch> scratch_;
  std::vector<std::thread> helpers_;

  Region region_ = nullptr;
  void* context_ = nullptr;
  std::mutex failure_mutex_;
  std::exception_ptr failure_;

  alignas(64) std::atomic<std::uint32_t> generation_{0};
  alignas(64) std::atomic<int> unfinished_{0};
  alignas(64) std::atomic<bool> stop_{false};
};

}  // namespace groklab::cpu
