// Stream capture and graphs. What the real runtime forbids while a stream is captured invalidates
// the capture here too.
#include <algorithm>
#include <set>
#include <utility>

#include "device/device.h"

namespace gpu_emulator {
namespace {

thread_local cudaStreamCaptureMode capture_mode_of_thread = cudaStreamCaptureModeGlobal;

/// The nodes behind which `tail` is, and those of `tail`.
std::set<std::size_t> ancestors(const Graph& graph, const std::vector<std::size_t>& tail) {
  std::set<std::size_t> found(tail.begin(), tail.end());
  std::vector<std::size_t> open = tail;
  while (!open.empty()) {
    const std::size_t node = open.back();
    open.pop_back();
    for (const std::size_t earlier : graph.nodes[node].behind) {
      if (found.insert(earlier).second) open.push_back(earlier);
    }
  }
  return found;
}

bool all_joined(const Capture& capture) {
  const std::set<std::size_t> known = ancestors(*capture.graph, capture.origin->capture_tail);
  for (const StreamPointer& stream : capture.streams) {
    const auto& tail = stream->capture_tail;
    if (!std::all_of(tail.begin(), tail.end(),
                     [&](std::size_t node) { return known.contains(node); })) {
      return false;
    }
  }
  return true;
}

}  // namespace

void Device::break_capture(Capture& capture, cudaError_t status) {
  capture.is_valid = false;
  throw ApiError{status};
}

void Device::expect_not_capturing(const StreamPointer& target) {
  if (target->capture != nullptr) {
    break_capture(*target->capture, cudaErrorStreamCaptureUnsupported);
  }
}

/// The legacy stream would wait for captured streams, unless they are cudaStreamNonBlocking.
void Device::expect_legacy_usable(const StreamPointer& target) {
  if (target != scheduler_.legacy()) return;
  for (const auto& capture : captures_) {
    for (const StreamPointer& stream : capture->streams) {
      if (stream->blocking) break_capture(*capture, cudaErrorStreamCaptureImplicit);
    }
  }
}

void Device::expect_unsafe_calls_allowed() {
  const cudaStreamCaptureMode own = capture_mode_of_thread;
  if (own == cudaStreamCaptureModeRelaxed) return;
  for (const auto& capture : captures_) {
    const bool is_own = capture->thread == std::this_thread::get_id();
    const bool forbids =
        is_own ? capture->mode != cudaStreamCaptureModeRelaxed
               : own == cudaStreamCaptureModeGlobal && capture->mode == cudaStreamCaptureModeGlobal;
    if (forbids) break_capture(*capture, cudaErrorStreamCaptureUnsupported);
  }
}

cudaStreamCaptureMode Device::exchange_capture_mode(cudaStreamCaptureMode mode) {
  return std::exchange(capture_mode_of_thread, mode);
}

void Device::begin_capture(cudaStream_t handle, cudaStreamCaptureMode mode) {
  const StreamPointer target = stream(handle);
  if (target == scheduler_.legacy()) throw ApiError{cudaErrorStreamCaptureUnsupported};
  if (target->capture != nullptr) {
    break_capture(*target->capture, cudaErrorIllegalState);
  }
  auto capture = std::make_shared<Capture>();
  capture->mode = mode;
  capture->thread = std::this_thread::get_id();
  capture->origin = target;
  capture->streams = {target};
  target->capture = capture;
  target->capture_tail.clear();
  captures_.push_back(std::move(capture));
}

void Device::leave_capture(Capture& capture) {
  capture.is_active = false;
  const std::vector<StreamPointer> streams = std::move(capture.streams);
  capture.streams.clear();
  // The streams hold the capture; keep it until this function is done.
  std::shared_ptr<Capture> self;
  for (const StreamPointer& stream : streams) {
    self = stream->capture;
    stream->capture = nullptr;
    stream->capture_tail.clear();
  }
  std::erase_if(captures_, [&](const auto& open) { return open.get() == &capture; });
}

cudaGraph_t Device::end_capture(cudaStream_t handle) {
  const StreamPointer target = stream(handle);
  const std::shared_ptr<Capture> capture = target->capture;
  if (capture == nullptr) throw ApiError{cudaErrorIllegalState};
  if (capture->origin != target) break_capture(*capture, cudaErrorStreamCaptureUnmatched);
  if (capture->mode != cudaStreamCaptureModeRelaxed &&
      capture->thread != std::this_thread::get_id()) {
    break_capture(*capture, cudaErrorStreamCaptureWrongThread);
  }
  const bool is_valid = capture->is_valid;
  const bool is_joined = all_joined(*capture);
  leave_capture(*capture);
  if (!is_valid) throw ApiError{cudaErrorStreamCaptureInvalidated};
  if (!is_joined) throw ApiError{cudaErrorStreamCaptureUnjoined};
  const auto graph = reinterpret_cast<cudaGraph_t>(capture->graph.get());
  graphs_[graph] = capture->graph;
  return graph;
}

cudaStreamCaptureStatus Device::capture_status(cudaStream_t handle) const {
  const StreamPointer target = stream(handle);
  if (target->capture == nullptr) return cudaStreamCaptureStatusNone;
  return target->capture->is_valid ? cudaStreamCaptureStatusActive
                                   : cudaStreamCaptureStatusInvalidated;
}

const Graph& Device::graph(cudaGraph_t handle) const {
  const auto found = graphs_.find(handle);
  if (found == graphs_.end()) throw ApiError{cudaErrorInvalidValue};
  return *found->second;
}

void Device::destroy_graph(cudaGraph_t handle) {
  if (graphs_.erase(handle) == 0) throw ApiError{cudaErrorInvalidValue};
}

cudaGraphExec_t Device::instantiate(cudaGraph_t handle) {
  auto copy = std::make_shared<const Graph>(graph(handle));
  const auto executable = reinterpret_cast<cudaGraphExec_t>(const_cast<Graph*>(copy.get()));
  executables_[executable] = std::move(copy);
  return executable;
}

bool Device::is_executable(cudaGraphExec_t handle) const { return executables_.contains(handle); }

void Device::launch_graph(cudaGraphExec_t handle, cudaStream_t stream_handle) {
  const auto found = executables_.find(handle);
  if (found == executables_.end()) throw ApiError{cudaErrorInvalidValue};
  submit(stream_handle, "graph",
         [this, graph = found->second] { run_graph(*graph, scheduler_.random()); });
}

void Device::destroy_executable(cudaGraphExec_t handle) {
  if (executables_.erase(handle) == 0) throw ApiError{cudaErrorInvalidValue};
}

}  // namespace gpu_emulator
