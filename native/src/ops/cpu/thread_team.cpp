#include "ops/cpu/thread_team.h"

#include <new>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace groklab::cpu {

namespace {

// Tens of microseconds: longer than the gaps inside a step, too short to keep a core from others.
constexpr int kSpins = 1000;

void relax() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

ThreadTeam::ThreadTeam(int size) : size_(size), scratch_(static_cast<std::size_t>(size)) {
  helpers_.reserve(static_cast<std::size_t>(size - 1));
  try {
    for (int member = 1; member < size; ++member) {
      helpers_.emplace_back([this, member] { help(member); });
    }
  } catch (...) {
    // A destructor does not run for a half-built team: end the helpers that did start.
    stop_ = true;
    ++generation_;
    generation_.notify_all();
    for (std::thread& helper : helpers_) helper.join();
    throw;
  }
}

ThreadTeam::~ThreadTeam() {
  stop_ = true;
  ++generation_;
  generation_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

void ThreadTeam::run_region(Region region, void* context) {
  region_ = region;
  context_ = context;
  if (size_ > 1) {
    unfinished_.store(size_ - 1, std::memory_order_relaxed);
    generation_.fetch_add(1, std::memory_order_release);
    generation_.notify_all();
  }
  call(0);
  for (int spin = 0; unfinished_.load(std::memory_order_acquire) != 0; ++spin) {
    if (spin < kSpins) {
      relax();
    } else {
      std::this_thread::yield();
    }
  }
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void ThreadTeam::call(int member) noexcept {
  try {
    region_(context_, member);
  } catch (...) {
    const std::scoped_lock lock(failure_mutex_);
    failure_ = std::current_exception();
  }
}

void ThreadTeam::help(int member) {
  std::uint32_t seen = 0;
  while (true) {
    int spin = 0;
    while (generation_.load(std::memory_order_acquire) == seen) {
      if (++spin < kSpins) {
        relax();
      } else {
        generation_.wait(seen, std::memory_order_acquire);
      }
    }
    ++seen;
    if (stop_) return;
    call(member);
    unfinished_.fetch_sub(1, std::memory_order_release);
  }
}

void* ThreadTeam::scratch(int member, std::size_t bytes) {
  Scratch& own = scratch_[static_cast<std::size_t>(member)];
  if (own.bytes < bytes) {
    constexpr std::align_val_t kAlignment{64};
    own.bytes = 0;
    own.memory = {static_cast<std::byte*>(::operator new(bytes, kAlignment)),
                  [](std::byte* memory) { ::operator delete(memory, kAlignment); }};
    own.bytes = bytes;
  }
  return own.memory.get();
}

}  // namespace groklab::cpu
