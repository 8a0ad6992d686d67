#include "ops/cpu/cpu_backend.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <new>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif

#include "core/error.h"
#include "core/host_memory.h"
#include "ops/cpu/instruction_sets.h"
#include "ops/cpu/peak.h"
#include "ops/cpu/thread_team.h"

namespace groklab::cpu {

namespace {

/// Processors that this process may use (a container or taskset may allow fewer than there are).
std::uint32_t usable_processors() {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    return static_cast<std::uint32_t>(std::max(1, CPU_COUNT(&set)));
  }
#endif
  return std::max(1u, std::thread::hardware_concurrency());
}

std::string choose_instruction_set(std::string_view wanted) {
  const std::vector<std::string> sets = cpu_instruction_sets();
  if (wanted.empty()) return sets.front();
  std::string known;
  for (const std::string& set : sets) {
    if (set == wanted) return set;
    known += (known.empty() ? "" : ", ") + set;
  }
  throw Error(Status::kBackendUnavailable, "instruction set \"" + std::string(wanted) +
                                               "\" cannot be used: this processor runs " + known);
}

/// Threads that replicas are dealt out to, one replica at a time; where there are fewer replicas
/// than threads, all threads work on one replica after another.
class CpuBackend final : public Backend {
 public:
  CpuBackend(std::uint32_t threads, std::string_view instruction_set)
      : team_(static_cast<int>(threads == 0 ? usable_processors() : threads)),
        team_ops_(make_ops(instruction_set, team_)) {
    for (int lane = 0; lane < team_.size(); ++lane) {
      single_teams_.push_back(std::make_unique<ThreadTeam>(1));
      single_ops_.push_back(make_ops(instruction_set, *single_teams_.back()));
    }
    description_ = {"cpu", std::string(instruction_set), processor_name(),
                    static_cast<std::uint32_t>(team_.size())};
  }

  [[nodiscard]] const BackendDescription& description() const override { return description_; }

  [[nodiscard]] void* allocate(std::size_t bytes) override { return allocate_host_memory(bytes); }
  void release(void* memory) noexcept override { release_host_memory(memory); }

  [[nodiscard]] std::optional<std::uint64_t> available_memory() const override {
    return available_host_memory();
  }

  [[nodiscard]] bool uses_host_memory() const override { return true; }

  void upload(void* to, const void* from, std::size_t bytes) override { copy(to, from, bytes); }
  void download(void* to, const void* from, std::size_t bytes) override { copy(to, from, bytes); }

  void clear(void* memory, std::size_t bytes) override { std::memset(memory, 0, bytes); }

  [[nodiscard]] std::int64_t lanes() const override { return team_.size(); }

  void for_each_group(std::int64_t items, const std::function<void(const Group&)>& body) override {
    // Trainers on several threads may share the engine; its threads serve one at a time.
    const std::scoped_lock lock(mutex_);
    const std::int64_t threads = team_.size();
    // As many as come out even are dealt out; the rest would leave threads idle.
    const std::int64_t dealt = threads == 1 ? 0 : items / threads * threads;
    if (dealt > 0) {
      std::atomic<std::int64_t> next{0};
      team_.run([&](int lane) {
        const OpsPair& ops = single_ops_[static_cast<std::size_t>(lane)];
        for (std::int64_t item = next++; item < dealt; item = next++) {
          body({lane, item, 1, {ops.fp32.get(), ops.fp64.get()}});
        }
      });
    }
    for (std::int64_t item = dealt; item < items; ++item) {
      body({0, item, 1, {team_ops_.fp32.get(), team_ops_.fp64.get()}});
    }
  }

  [[nodiscard]] Peak measure_peak(Precision precision, double seconds) override {
    const std::scoped_lock lock(mutex_);
    return cpu::measure_peak(team_, description_.instruction_set, precision, seconds);
  }

  [[nodiscard]] std::unique_ptr<Queue> make_queue() override { return nullptr; }
  [[nodiscard]] void* allocate_staging(std::size_t bytes) override { return allocate(bytes); }
  void release_staging(void* memory) noexcept override { release(memory); }

 private:
  /// Nothing may be null, which memcpy does not allow.
  static void copy(void* to, const void* from, std::size_t bytes) {
    if (bytes > 0) std::memcpy(to, from, bytes);
  }

  BackendDescription description_;
  std::mutex mutex_;
  ThreadTeam team_;
  OpsPair team_ops_;
  std::vector<std::unique_ptr<ThreadTeam>> single_teams_;
  std::vector<OpsPair> single_ops_;
};

}  // namespace

std::shared_ptr<Backend> make_cpu_backend(std::uint32_t threads, std::string_view instruction_set) {
  return std::make_shared<CpuBackend>(threads, choose_instruction_set(instruction_set));
}

}  // namespace groklab::cpu
