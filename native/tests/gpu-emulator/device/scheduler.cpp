// Queues and their order.
#include "device/scheduler.h"

#include <algorithm>
#include <set>
#include <utility>

namespace gpu_emulator {
namespace {

/// The streams whose next piece of work is necessary for `wanted` and need not wait itself.
void collect_ready(const Progress& wanted, std::set<Stream*>& seen,
                   std::vector<StreamPointer>& ready) {
  Stream& stream = *wanted.stream;
  if (stream.completed >= wanted.count || !seen.insert(&stream).second) return;
  bool waits = false;
  for (const Progress& earlier : stream.pending.front().behind) {
    if (earlier.stream->completed >= earlier.count) continue;
    waits = true;
    collect_ready(earlier, seen, ready);
  }
  if (!waits) ready.push_back(wanted.stream);
}

}  // namespace

Scheduler::Scheduler(std::uint64_t seed) : random_(seed), legacy_(std::make_shared<Stream>()) {}

cudaStream_t Scheduler::create(bool blocking) {
  auto stream = std::make_shared<Stream>();
  stream->blocking = blocking;
  const auto handle = reinterpret_cast<cudaStream_t>(stream.get());
  streams_[handle] = std::move(stream);
  return handle;
}

bool Scheduler::destroy(cudaStream_t handle) {
  const auto found = streams_.find(handle);
  if (found == streams_.end()) return false;
  if (!found->second->pending.empty()) destroyed_.push_back(found->second);
  streams_.erase(found);
  return true;
}

StreamPointer Scheduler::find(cudaStream_t handle) const {
  if (handle == nullptr || handle == cudaStreamLegacy) return legacy_;
  const auto found = streams_.find(handle);
  return found != streams_.end() ? found->second : nullptr;
}

std::vector<StreamPointer> Scheduler::all() const {
  std::vector<StreamPointer> result = destroyed_;
  result.push_back(legacy_);
  for (const auto& [handle, stream] : streams_) result.push_back(stream);
  return result;
}

void Scheduler::enqueue(const StreamPointer& stream, WorkPointer work,
                        std::vector<Progress> behind) {
  if (stream == legacy_) {
    for (const StreamPointer& other : all()) {
      if (other != legacy_ && other->blocking) behind.push_back({other, other->enqueued});
    }
  } else if (stream->blocking) {
    behind.push_back({legacy_, legacy_->enqueued});
  }
  std::erase_if(behind, [](const Progress& progress) {
    return progress.stream->completed >= progress.count;
  });
  stream->pending.push_back({std::move(work), std::move(behind)});
  ++stream->enqueued;
}

bool Scheduler::advance(const std::vector<Progress>& wanted) {
  std::set<Stream*> seen;
  std::vector<StreamPointer> ready;
  for (const Progress& progress : wanted) collect_ready(progress, seen, ready);
  if (ready.empty()) return false;
  const StreamPointer stream = ready[random_() % ready.size()];
  const WorkPointer work = stream->pending.front().work;
  stream->pending.pop_front();
  ++stream->completed;
  if (work != nullptr) work->run();
  return true;
}

void Scheduler::complete(const std::vector<Progress>& wanted) {
  while (advance(wanted)) {
  }
}

void Scheduler::complete_all() {
  std::vector<Progress> wanted;
  for (const StreamPointer& stream : all()) wanted.push_back({stream, stream->enqueued});
  complete(wanted);
  destroyed_.clear();
}

void Scheduler::drop_all() {
  for (const StreamPointer& stream : all()) {
    stream->pending.clear();
    stream->completed = stream->enqueued;
  }
  destroyed_.clear();
}

void run_graph(const Graph& graph, std::mt19937_64& random) {
  std::vector<std::size_t> waits_for(graph.nodes.size());
  std::vector<std::vector<std::size_t>> followers(graph.nodes.size());
  std::vector<std::size_t> ready;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    waits_for[i] = graph.nodes[i].behind.size();
    for (const std::size_t earlier : graph.nodes[i].behind) followers[earlier].push_back(i);
    if (waits_for[i] == 0) ready.push_back(i);
  }
  while (!ready.empty()) {
    std::swap(ready[random() % ready.size()], ready.back());
    const std::size_t node = ready.back();
    ready.pop_back();
    graph.nodes[node].work->run();
    for (const std::size_t follower : followers[node]) {
      if (--waits_for[follower] == 0) ready.push_back(follower);
    }
  }
}

}  // namespace gpu_emulator
