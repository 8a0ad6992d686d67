// Streams as queues. Work takes effect only when something waits for it, and work of different
// streams in a random order, so that a missing synchronisation shows.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "device/work.h"

namespace gpu_emulator {

struct Capture;
struct Stream;
using StreamPointer = std::shared_ptr<Stream>;

/// The first `count` pieces of work of a stream.
struct Progress {
  StreamPointer stream;
  std::uint64_t count = 0;
};

struct Stream {
  struct Item {
    WorkPointer work;  ///< null: only waits
    std::vector<Progress> behind;
  };

  bool blocking = true;  ///< waits for the legacy stream, and it for this
  std::deque<Item> pending;
  std::uint64_t enqueued = 0;
  std::uint64_t completed = 0;

  std::shared_ptr<Capture> capture;       ///< null: work is queued, not captured
  std::vector<std::size_t> capture_tail;  ///< nodes that the next one is behind
};

class Scheduler {
 public:
  explicit Scheduler(std::uint64_t seed);

  cudaStream_t create(bool blocking);
  /// False where there is no such stream. What is queued on it stays queued.
  bool destroy(cudaStream_t handle);
  /// Null where there is no such stream.
  [[nodiscard]] StreamPointer find(cudaStream_t handle) const;
  [[nodiscard]] const StreamPointer& legacy() const { return legacy_; }
  [[nodiscard]] std::vector<StreamPointer> all() const;

  void enqueue(const StreamPointer& stream, WorkPointer work, std::vector<Progress> behind = {});
  /// Runs what is necessary for that, and nothing else.
  void complete(const std::vector<Progress>& wanted);
  void complete_all();
  /// Runs one piece of what is still necessary; false if nothing was.
  bool advance(const std::vector<Progress>& wanted);
  /// Forgets all work: the context is broken.
  void drop_all();

  std::mt19937_64& random() { return random_; }

 private:
  std::mt19937_64 random_;
  StreamPointer legacy_;
  std::map<cudaStream_t, StreamPointer> streams_;
  std::vector<StreamPointer> destroyed_;  // with work left
};

/// Runs a graph's nodes in a random order that respects their edges.
void run_graph(const Graph& graph, std::mt19937_64& random);

}  // namespace gpu_emulator
