// Stream capture and graphs.
#include "cudart/api.h"

using gpu_emulator::ApiError;
using gpu_emulator::call;
using gpu_emulator::Device;
using gpu_emulator::given;

extern "C" {

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  return call([&](Device& device) { device.begin_capture(stream, mode); });
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  return call([&](Device& device) {
    given(graph) = nullptr;
    *graph = device.end_capture(stream);
  });
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  return call([&](Device& device) { given(status) = device.capture_status(stream); });
}

cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode* mode) {
  return call([&](Device& device) { *mode = device.exchange_capture_mode(given(mode)); });
}

/// Nodes have no handles here: only their number can be asked for.
cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, size_t* count) {
  return call([&](Device& device) {
    if (nodes != nullptr) throw ApiError{cudaErrorNotSupported};
    given(count) = device.graph(graph).nodes.size();
  });
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long flags) {
  return call([&](Device& device) {
    if (flags != 0) throw ApiError{cudaErrorNotSupported};
    given(executable) = device.instantiate(graph);
  });
}

cudaError_t cudaGraphUpload(cudaGraphExec_t executable, cudaStream_t stream) {
  return call([&](Device& device) {
    static_cast<void>(device.stream(stream));
    if (!device.is_executable(executable)) throw ApiError{cudaErrorInvalidValue};
  });
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  return call([&](Device& device) { device.launch_graph(executable, stream); });
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return call([&](Device& device) { device.destroy_graph(graph); });
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  return call([&](Device& device) { device.destroy_executable(executable); });
}
}
