// Events: moments of a stream's work.
#include <utility>

#include "device/device.h"

namespace gpu_emulator {

cudaEvent_t Device::create_event(bool timed) {
  auto event = std::make_unique<Event>();
  event->timed = timed;
  const auto handle = reinterpret_cast<cudaEvent_t>(event.get());
  events_[handle] = std::move(event);
  return handle;
}

void Device::destroy_event(cudaEvent_t handle) {
  static_cast<void>(event(handle));
  events_.erase(handle);
}

Event& Device::event(cudaEvent_t handle) const {
  const auto found = events_.find(handle);
  if (found == events_.end()) throw ApiError{cudaErrorInvalidResourceHandle};
  return *found->second;
}

void Device::record(cudaEvent_t handle, cudaStream_t stream_handle) {
  Event& recorded = event(handle);
  const StreamPointer target = stream(stream_handle);
  expect_legacy_usable(target);
  recorded.capture = target->capture;
  if (target->capture != nullptr) {
    if (!target->capture->is_valid) throw ApiError{cudaErrorStreamCaptureInvalidated};
    recorded.capture_nodes = target->capture_tail;
    return;
  }
  auto moment = std::make_shared<Event::Moment>();
  recorded.moment = moment;
  scheduler_.enqueue(
      target, std::make_shared<const Work>(Work{"event", [moment] {
                                                  moment->passed = true;
                                                  moment->time = std::chrono::steady_clock::now();
                                                }}));
  recorded.position = {target, target->enqueued};
}

void Device::wait(cudaStream_t stream_handle, cudaEvent_t handle) {
  const Event& awaited = event(handle);
  const StreamPointer target = stream(stream_handle);
  expect_legacy_usable(target);
  if (awaited.capture != nullptr && awaited.capture->is_active) {
    Capture& capture = *awaited.capture;
    if (target->capture != nullptr && target->capture != awaited.capture) {
      break_capture(capture, cudaErrorStreamCaptureMerge);
    }
    if (target == scheduler_.legacy()) break_capture(capture, cudaErrorStreamCaptureImplicit);
    if (!capture.is_valid) throw ApiError{cudaErrorStreamCaptureInvalidated};
    if (target->capture == nullptr) {
      target->capture = awaited.capture;
      capture.streams.push_back(target);
    }
    for (const std::size_t node : awaited.capture_nodes) target->capture_tail.push_back(node);
    return;
  }
  if (target->capture != nullptr) {
    // An event that was never recorded is no obstacle; one from outside the capture is.
    if (awaited.moment == nullptr) return;
    break_capture(*target->capture, cudaErrorStreamCaptureIsolation);
  }
  if (awaited.moment != nullptr) scheduler_.enqueue(target, nullptr, {awaited.position});
}

void Device::synchronise_event(cudaEvent_t handle) {
  const Event& awaited = event(handle);
  if (awaited.capture != nullptr && awaited.capture->is_active) {
    break_capture(*awaited.capture, cudaErrorCapturedEvent);
  }
  if (awaited.moment != nullptr) scheduler_.complete({awaited.position});
}

float Device::elapsed(cudaEvent_t start, cudaEvent_t end) const {
  const Event& first = event(start);
  const Event& second = event(end);
  if (!first.timed || !second.timed || first.moment == nullptr || second.moment == nullptr) {
    throw ApiError{cudaErrorInvalidResourceHandle};
  }
  if (!first.moment->passed || !second.moment->passed) throw ApiError{cudaErrorNotReady};
  const std::chrono::duration<float, std::milli> time = second.moment->time - first.moment->time;
  return time.count();
}

}  // namespace gpu_emulator
