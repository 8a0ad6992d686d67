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

// One region, in units of its parts.
constexpr std::uint64_t kRegion = std::uint64_t{1} << 32;

void relax() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

ThreadTeam::ThreadTeam(int size) : size_(size), scratch_(static_cast<std::size_t>(size) + 1) {
  helpers_.reserve(static_cast<std::size_t>(size - 1));
  try {
    for (int helper = 1; helper < size; ++helper) helpers_.emplace_back([this] { help(); });
  } catch (...) {
    end_helpers();  // a destructor does not run for a half-built team
    throw;
  }
}

ThreadTeam::~ThreadTeam() { end_helpers(); }

void ThreadTeam::end_helpers() {
  stop_ = true;
  open_ += kRegion;
  open_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

void ThreadTeam::run_region(Region region, void* context) {
  region_ = region;
  context_ = context;
  unfinished_.store(size_, std::memory_order_relaxed);
  const std::uint64_t number = open_.load(std::memory_order_relaxed) / kRegion + 1;
  open_.store(number * kRegion + static_cast<std::uint64_t>(size_), std::memory_order_release);
  if (size_ > 1) open_.notify_all();
  while (claim_and_call()) {
  }
  for (int spin = 0; unfinished_.load(std::memory_order_acquire) != 0; ++spin) {
    if (spin < kSpins) {
      relax();
    } else {
      std::this_thread::yield();
    }
  }
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

bool ThreadTeam::claim_and_call() {
  std::uint64_t open = open_.load(std::memory_order_acquire);
  do {
    if (open % kRegion == 0) return false;
  } while (!open_.compare_exchange_weak(open, open - 1, std::memory_order_acquire));
  // The region stays while a part of it is unfinished.
  try {
    region_(context_, size_ - static_cast<int>(open % kRegion));
  } catch (...) {
    const std::scoped_lock lock(failure_mutex_);
    failure_ = std::current_exception();
  }
  unfinished_.fetch_sub(1, std::memory_order_release);
  return true;
}

void ThreadTeam::help() {
  while (!stop_) {
    if (claim_and_call()) continue;
    const std::uint64_t seen = open_.load(std::memory_order_acquire);
    int spin = 0;
    while (seen % kRegion == 0 && open_.load(std::memory_order_acquire) == seen && !stop_) {
      if (++spin < kSpins) {
        relax();
      } else {
        open_.wait(seen, std::memory_order_acquire);
      }
    }
  }
}

void* ThreadTeam::scratch(int part, std::size_t bytes) {
  Scratch& own = scratch_[static_cast<std::size_t>(part)];
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
