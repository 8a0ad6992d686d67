// The functions of cuDNN.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <string>

#include "cudart/library_work.h"
#include "cudnn/descriptor.h"
#include "cudnn/handle.h"
#include "device/environment.h"

using gpu_emulator::ConvolutionMemory;
using gpu_emulator::ConvolutionOperation;
using gpu_emulator::ConvolutionTensor;
using gpu_emulator::Descriptor;
using gpu_emulator::DescriptorPointer;
using gpu_emulator::refuse;

namespace {

struct Handles {
  std::mutex mutex;
  std::map<cudnnHandle_t, cudaStream_t> streams;
  std::uintptr_t made = 0;
};

Handles& handles() {
  static Handles instance;
  return instance;
}

struct NamedStatus {
  cudnnStatus_t status;
  const char* name;
};

constexpr std::array<NamedStatus, 12> kStatuses = {{
    {CUDNN_STATUS_SUCCESS, "CUDNN_STATUS_SUCCESS"},
    {CUDNN_STATUS_NOT_INITIALIZED, "CUDNN_STATUS_NOT_INITIALIZED"},
    {CUDNN_STATUS_BAD_PARAM, "CUDNN_STATUS_BAD_PARAM"},
    {CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "CUDNN_STATUS_BAD_PARAM_NULL_POINTER"},
    {CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER, "CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER"},
    {CUDNN_STATUS_BAD_PARAM_DUPLICATED_ENTRIES, "CUDNN_STATUS_BAD_PARAM_DUPLICATED_ENTRIES"},
    {CUDNN_STATUS_BAD_PARAM_ATTRIBUTE_TYPE, "CUDNN_STATUS_BAD_PARAM_ATTRIBUTE_TYPE"},
    {CUDNN_STATUS_NOT_SUPPORTED_SHAPE, "CUDNN_STATUS_NOT_SUPPORTED_SHAPE"},
    {CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE, "CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE"},
    {CUDNN_STATUS_NOT_SUPPORTED_LAYOUT, "CUDNN_STATUS_NOT_SUPPORTED_LAYOUT"},
    {CUDNN_STATUS_NOT_SUPPORTED_RUNTIME_PREREQUISITE_MISSING,
     "CUDNN_STATUS_NOT_SUPPORTED_RUNTIME_PREREQUISITE_MISSING"},
    {CUDNN_STATUS_EXECUTION_FAILED, "CUDNN_STATUS_EXECUTION_FAILED"},
}};

/// The pointer of a tensor in a variant pack, if it names just one, and that as it was promised.
cudnnStatus_t find_pointer(const Descriptor& pack, const ConvolutionTensor& tensor,
                           std::uint64_t& address) {
  const auto ids = gpu_emulator::elements<std::int64_t>(pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS);
  const auto pointers = gpu_emulator::elements<void*>(pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS);
  const auto found = std::find(ids.begin(), ids.end(), tensor.id);
  if (found == ids.end()) {
    return refuse(CUDNN_STATUS_BAD_PARAM, "the variant pack lacks a tensor of the plan");
  }
  if (std::count(ids.begin(), ids.end(), tensor.id) > 1) {
    return refuse(CUDNN_STATUS_BAD_PARAM_DUPLICATED_ENTRIES,
                  "the variant pack has a tensor of the plan twice");
  }
  address =
      reinterpret_cast<std::uint64_t>(pointers[static_cast<std::size_t>(found - ids.begin())]);
  if (address == 0) return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "a tensor has no memory");
  if (address % static_cast<std::uint64_t>(tensor.alignment) != 0) {
    return refuse(CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER,
                  "a tensor is not aligned as its descriptor promises");
  }
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t find_workspace(const Descriptor& pack, ConvolutionMemory& at) {
  constexpr std::uint64_t kAlignment = 256;  // what cudaMalloc gives
  if (at.workspace_bytes == 0) return CUDNN_STATUS_SUCCESS;
  at.workspace = reinterpret_cast<std::uint64_t>(
      gpu_emulator::elements<void*>(pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE).at(0));
  if (at.workspace == 0) {
    return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "the plan needs a workspace");
  }
  if (at.workspace % kAlignment != 0) {
    return refuse(CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER, "the workspace is not aligned");
  }
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t execute(const Descriptor& plan, const Descriptor& pack, cudaStream_t stream) {
  const ConvolutionOperation& operation = *plan.operation;
  ConvolutionMemory at;
  at.workspace_bytes = workspace_bytes(*plan.engine, operation);
  for (const cudnnStatus_t status :
       {find_pointer(pack, operation.x, at.x), find_pointer(pack, operation.filter, at.filter),
        find_pointer(pack, operation.y, at.y), find_workspace(pack, at)}) {
    if (status != CUDNN_STATUS_SUCCESS) return status;
  }
  const cudaError_t error = gpu_emulator::exported::submit_library_work(
      stream, "cudnnBackendExecute",
      [operation, arithmetic = plan.engine->arithmetic, at](gpu_emulator::DeviceMemory& memory) {
        static std::atomic<std::uint64_t> runs{0};
        return convolve(operation, arithmetic, at, gpu_emulator::environment().seed + runs++,
                        memory);
      });
  return error == cudaSuccess ? CUDNN_STATUS_SUCCESS
                              : refuse(CUDNN_STATUS_EXECUTION_FAILED, "CUDA refused the kernel");
}

}  // namespace

namespace gpu_emulator {

bool is_handle(cudnnHandle_t handle) {
  const std::lock_guard lock(handles().mutex);
  return handles().streams.contains(handle);
}

}  // namespace gpu_emulator

extern "C" {

size_t cudnnGetVersion(void) { return CUDNN_VERSION; }

size_t cudnnGetCudartVersion(void) {
  return static_cast<size_t>(gpu_emulator::environment().cudnn_cuda);
}

const char* cudnnGetErrorString(cudnnStatus_t status) {
  for (const NamedStatus& known : kStatuses) {
    if (known.status == status) return known.name;
  }
  return "CUDNN_UNKNOWN_STATUS";
}

void cudnnGetLastErrorString(char* message, size_t size) {
  if (message == nullptr || size == 0) return;
  std::strncpy(message, gpu_emulator::last_refusal(), size - 1);
  message[size - 1] = '\0';
}

cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
  if (handle == nullptr)
    return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no place for a handle");
  if (gpu_emulator::exported::device_status() != cudaSuccess) {
    return refuse(CUDNN_STATUS_NOT_INITIALIZED, "there is no device that works");
  }
  Handles& all = handles();
  const std::lock_guard lock(all.mutex);
  *handle = reinterpret_cast<cudnnHandle_t>(++all.made);
  all.streams[*handle] = nullptr;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) {
  const std::lock_guard lock(handles().mutex);
  return handles().streams.erase(handle) == 1 ? CUDNN_STATUS_SUCCESS
                                              : refuse(CUDNN_STATUS_BAD_PARAM, "no such handle");
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream) {
  const std::lock_guard lock(handles().mutex);
  const auto found = handles().streams.find(handle);
  if (found == handles().streams.end()) return refuse(CUDNN_STATUS_BAD_PARAM, "no such handle");
  found->second = stream;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t type,
                                           cudnnBackendDescriptor_t* descriptor) {
  if (descriptor == nullptr) {
    return refuse(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "no place for a descriptor");
  }
  *descriptor = gpu_emulator::add_descriptor(type);
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor) {
  return gpu_emulator::remove_descriptor(descriptor)
             ? CUDNN_STATUS_SUCCESS
             : refuse(CUDNN_STATUS_BAD_PARAM, "no such descriptor");
}

cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor,
                                       cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, int64_t count,
                                       const void* values) {
  const DescriptorPointer found = gpu_emulator::find_descriptor(descriptor);
  if (found == nullptr) return refuse(CUDNN_STATUS_BAD_PARAM, "no such descriptor");
  return gpu_emulator::set_attribute(*found, name, type, count, values);
}

cudnnStatus_t cudnnBackendGetAttribute(cudnnBackendDescriptor_t descriptor,
                                       cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, int64_t most,
                                       int64_t* count, void* values) {
  const DescriptorPointer found = gpu_emulator::find_descriptor(descriptor);
  if (found == nullptr) return refuse(CUDNN_STATUS_BAD_PARAM, "no such descriptor");
  return gpu_emulator::get_attribute(*found, name, type, most, count, values);
}

cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t descriptor) {
  const DescriptorPointer found = gpu_emulator::find_descriptor(descriptor);
  if (found == nullptr) return refuse(CUDNN_STATUS_BAD_PARAM, "no such descriptor");
  return gpu_emulator::finalize(*found);
}

cudnnStatus_t cudnnBackendExecute(cudnnHandle_t handle, cudnnBackendDescriptor_t plan,
                                  cudnnBackendDescriptor_t pack) {
  const DescriptorPointer found_plan = gpu_emulator::find_descriptor(plan);
  const DescriptorPointer found_pack = gpu_emulator::find_descriptor(pack);
  if (found_plan == nullptr || found_pack == nullptr || !found_plan->is_finalized ||
      !found_pack->is_finalized || found_plan->type != CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR ||
      found_pack->type != CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR) {
    return refuse(CUDNN_STATUS_BAD_PARAM, "no plan and variant pack that are finalized");
  }
  cudaStream_t stream = nullptr;
  {
    const std::lock_guard lock(handles().mutex);
    const auto known = handles().streams.find(handle);
    if (known == handles().streams.end()) return refuse(CUDNN_STATUS_BAD_PARAM, "no such handle");
    stream = known->second;
  }
  return execute(*found_plan, *found_pack, stream);
}
}
