// Planted faults, each beside its correct neighbour: faults NAME planted|correct.
// A planted fault must break the context with the right error, which every later call repeats.
#include <cstring>
#include <string>

#include "support.h"

namespace {

constexpr int kThreads = 64;

__device__ unsigned in_block() { return threadIdx.x; }

template <bool Planted>
__global__ void bounds_global(const float* x, float* y) {
  y[in_block()] = x[in_block() + (Planted ? 1 : 0)];
}

template <bool Planted>
__global__ void bounds_shared(const float* x, float* y) {
  __shared__ float buffer[kThreads];
  buffer[in_block() + (Planted ? 1 : 0)] = x[in_block()];
  __syncthreads();
  y[in_block()] = buffer[kThreads / 2];
}

template <bool Planted>
__global__ void bounds_dynamic_shared(const float* x, float* y) {
  extern __shared__ float dynamic[];
  dynamic[in_block() + (Planted ? kThreads : 0)] = x[in_block()];
  y[in_block()] = dynamic[in_block() + (Planted ? kThreads : 0)];
}

template <bool Planted>
__global__ void bounds_local(const float* x, float* y) {
  float own[8];
  for (int i = 0; i < 8; ++i) own[i] = x[i];
  y[in_block()] = own[(in_block() % 8) + (Planted ? static_cast<int>(x[3]) + 5 : 0)];
}

template <bool Planted>
__global__ void misaligned(const float* x, float* y) {
  const char* bytes = reinterpret_cast<const char*>(x) + (Planted ? 2 : 0);
  y[in_block()] = *reinterpret_cast<const float*>(bytes);
}

template <bool Planted>
__global__ void misaligned_vector(const float* x, float* y) {
  const float4 v = *reinterpret_cast<const float4*>(x + (Planted ? 2 : 4));
  y[in_block()] = v.x + v.y + v.z + v.w;
}

template <bool Planted>
__global__ void unwritten_global(const float* x, float* y) {
  if (!Planted) y[in_block()] = x[in_block()];
  y[in_block()] += 1;
}

template <bool Planted>
__global__ void unwritten_shared(const float* x, float* y) {
  __shared__ float buffer[kThreads];
  if (!Planted || in_block() % 2 == 0) buffer[in_block()] = x[in_block()];
  __syncthreads();
  y[in_block()] = buffer[kThreads - 1 - in_block()];
}

template <bool Planted>
__global__ void unwritten_local(const float* x, float* y) {
  float own[8];
  for (int i = 0; i < static_cast<int>(x[0]) + (Planted ? 6 : 7); ++i) own[i % 8] = x[i];
  y[in_block()] = own[in_block() % 8];
}

template <bool Planted>
__global__ void unwritten_register(const float* x, float* y) {
  float value = x[in_block()];
  // The compiler would not leave a register unwritten of itself.
  if (Planted) asm volatile("{ .reg .f32 t; add.f32 %0, t, 0f3F800000; }" : "=f"(value));
  y[in_block()] = value;
}

template <bool Planted>
__global__ void race_shared(const float* x, float* y) {
  __shared__ float buffer[kThreads];
  buffer[in_block()] = 0;
  __syncthreads();
  buffer[in_block()] = x[in_block()];
  if (!Planted) __syncthreads();
  y[in_block()] = buffer[kThreads - 1 - in_block()];
}

template <bool Planted>
__global__ void race_shared_reuse(const float* x, float* y) {
  __shared__ float buffer[kThreads];
  float sum = 0;
  for (int i = 0; i < 3; ++i) {
    buffer[in_block()] = x[in_block()];
    __syncthreads();
    sum += buffer[kThreads - 1 - in_block()];
    if (!Planted) __syncthreads();
  }
  y[in_block()] = sum;
}

template <bool Planted>
__global__ void race_same_value(const float* x, float* y) {
  __shared__ float flag;
  if (Planted || in_block() == 0) flag = x[0];
  __syncthreads();
  y[in_block()] = x[in_block()] * flag;
}

template <bool Planted>
__global__ void race_in_warp(const float* x, float* y) {
  __shared__ float buffer[kThreads];
  buffer[in_block()] = x[in_block()];
  if (!Planted) __syncwarp();
  y[in_block()] = buffer[in_block() ^ 1];
}

/// A tree of halves of a warp, each synchronised with its own mask.
template <bool Planted>
__global__ void race_in_half_warp(const float* x, float* y) {
  __shared__ float buffer[kThreads];
  const unsigned half = in_block() % 32 < 16 ? 0x0000ffffU : 0xffff0000U;
  const unsigned in_half = in_block() % 16;
  buffer[in_block()] = x[in_block()];
  __syncwarp(half);
  for (unsigned step = 8; step > 0; step /= 2) {
    const float other = in_half < step ? buffer[in_block() + step] : 0;
    __syncwarp(half);
    if (in_half < step) buffer[in_block()] += other;
    if (!Planted) __syncwarp(half);
  }
  y[in_block()] = buffer[in_block() - in_half];
}

template <bool Planted>
__global__ void race_global(const float* x, float* y) {
  y[in_block()] = 0;
  __syncthreads();
  y[in_block()] = x[in_block()];
  if (!Planted) __syncthreads();
  const float other = y[kThreads - 1 - in_block()];
  __syncthreads();
  y[in_block()] = other;
}

template <bool Planted>
__global__ void race_bytes(const float* x, float* y) {
  auto* bytes = reinterpret_cast<unsigned char*>(y);
  // Neighbouring bytes of one word are different memory.
  bytes[in_block() + (Planted ? in_block() % 2 : 0)] = static_cast<unsigned char>(x[in_block()]);
}

template <bool Planted>
__global__ void race_between_blocks(const float* x, float* y) {
  const unsigned block = Planted ? 0 : blockIdx.x;
  y[block * kThreads + in_block()] = x[in_block()];
}

template <bool Planted>
__global__ void race_atomic(const float* x, float* y) {
  auto* counter = reinterpret_cast<unsigned*>(y);
  if (blockIdx.x == 0 && in_block() == 0) counter[1] = 0;
  if (Planted && in_block() == 3) {
    counter[0] = static_cast<unsigned>(x[0]);
  } else {
    atomicAdd(counter, 1U);
  }
}

template <bool Planted>
__global__ void barrier_after_exit(const float* x, float* y) {
  if (Planted && in_block() == 5) return;
  __syncthreads();
  y[in_block()] = x[in_block()];
}

template <bool Planted>
__global__ void barrier_in_branch(const float* x, float* y) {
  float value = x[in_block()];
  if (Planted ? in_block() < 32 : value < 1000) {
    value = sqrtf(value);
    __syncthreads();
    value += 1;
  } else {
    value = value * value;
    __syncthreads();
    value -= 1;
  }
  y[in_block()] = value;
}

template <bool Planted>
__global__ void shuffle_incomplete_mask(const float* x, float* y) {
  y[in_block()] = __shfl_xor_sync(Planted ? 0x0000ffffU : 0xffffffffU, x[in_block()], 1);
}

template <bool Planted>
__global__ void shuffle_divergent(const float* x, float* y) {
  float value = x[in_block()];
  if (!Planted || in_block() % 32 < 16) value += __shfl_xor_sync(0xffffffffU, value, 1);
  __syncthreads();
  y[in_block()] = value;
}

template <bool Planted>
__global__ void shuffle_after_exit(const float* x, float* y) {
  if (Planted && in_block() % 32 >= 16) return;
  y[in_block()] = __shfl_xor_sync(0xffffffffU, x[in_block()], 1);
}

template <bool Planted>
__global__ void shuffle_inactive_lane(const float* x, float* y) {
  float value = x[in_block()];
  if (in_block() % 32 < 16) value = __shfl_down_sync(0x0000ffffU, value, 1, Planted ? 32 : 16);
  y[in_block()] = value;
}

template <bool Planted>
__global__ void vote_divergent(const float* x, float* y) {
  unsigned votes = 0;
  if (in_block() % 2 == 0) votes = __ballot_sync(Planted ? 0xffffffffU : 0x55555555U, x[0] > 0);
  y[in_block()] = static_cast<float>(votes);
}

using Kernel = void (*)(const float*, float*);

struct Case {
  const char* name;
  Kernel planted;
  Kernel correct;
  cudaError_t error;
  unsigned blocks;
};

#define CASE(name, error, blocks) \
  { #name, name < true>, name < false>, error, blocks }

const Case kCases[] = {
    CASE(bounds_global, cudaErrorIllegalAddress, 1),
    CASE(bounds_shared, cudaErrorIllegalAddress, 1),
    CASE(bounds_dynamic_shared, cudaErrorIllegalAddress, 1),
    CASE(bounds_local, cudaErrorIllegalAddress, 1),
    CASE(misaligned, cudaErrorMisalignedAddress, 1),
    CASE(misaligned_vector, cudaErrorMisalignedAddress, 1),
    CASE(unwritten_global, cudaErrorLaunchFailure, 1),
    CASE(unwritten_shared, cudaErrorLaunchFailure, 1),
    CASE(unwritten_local, cudaErrorLaunchFailure, 1),
    CASE(unwritten_register, cudaErrorLaunchFailure, 1),
    CASE(race_shared, cudaErrorLaunchFailure, 1),
    CASE(race_shared_reuse, cudaErrorLaunchFailure, 1),
    CASE(race_same_value, cudaErrorLaunchFailure, 1),
    CASE(race_in_warp, cudaErrorLaunchFailure, 1),
    CASE(race_in_half_warp, cudaErrorLaunchFailure, 1),
    CASE(race_global, cudaErrorLaunchFailure, 1),
    CASE(race_bytes, cudaErrorLaunchFailure, 1),
    CASE(race_between_blocks, cudaErrorLaunchFailure, 3),
    CASE(race_atomic, cudaErrorLaunchFailure, 3),
    CASE(barrier_after_exit, cudaErrorLaunchFailure, 1),
    CASE(barrier_in_branch, cudaErrorLaunchFailure, 1),
    CASE(shuffle_incomplete_mask, cudaErrorLaunchFailure, 1),
    CASE(shuffle_divergent, cudaErrorLaunchFailure, 1),
    CASE(shuffle_after_exit, cudaErrorLaunchFailure, 1),
    CASE(shuffle_inactive_lane, cudaErrorLaunchFailure, 1),
    CASE(vote_divergent, cudaErrorLaunchFailure, 1),
};

/// What is wrong with the pointers, not with the kernel.
int run_pointer_case(const std::string& name, bool planted) {
  float* x = nullptr;
  OK(cudaMalloc(&x, kThreads * sizeof(float)));
  OK(cudaMemset(x, 0, kThreads * sizeof(float)));
  const test::DeviceArray<float> y(kThreads);
  std::vector<float> host(kThreads);
  const float* given = x;
  if (planted && name == "host_pointer") given = host.data();
  if (planted && name == "freed_memory") OK(cudaFree(x));
  bounds_global<false><<<1, kThreads>>>(given, y.data());
  EXPECT(cudaDeviceSynchronize(), planted ? cudaErrorIllegalAddress : cudaSuccess);
  return test::result();
}

int run_case(const Case& chosen, bool planted) {
  const test::DeviceArray<float> x(std::vector<float>(kThreads, 1));
  float* y = nullptr;
  OK(cudaMalloc(&y, 3 * kThreads * sizeof(float)));
  if (std::strcmp(chosen.name, "race_atomic") == 0) OK(cudaMemset(y, 0, 8));
  const Kernel kernel = planted ? chosen.planted : chosen.correct;
  kernel<<<chosen.blocks, kThreads, kThreads * sizeof(float)>>>(x.data(), y);
  OK(cudaGetLastError());
  const cudaError_t wanted = planted ? chosen.error : cudaSuccess;
  EXPECT(cudaDeviceSynchronize(), wanted);
  // A broken context stays broken.
  void* more = nullptr;
  EXPECT(cudaMalloc(&more, 64), wanted);
  EXPECT(cudaGetLastError(), wanted);
  EXPECT(cudaGetLastError(), wanted);
  EXPECT(cudaFree(y), wanted);
  return test::result();
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const std::string name = arguments[1];
  const bool planted = std::string(arguments[2]) == "planted";
  if (name == "host_pointer" || name == "freed_memory") return run_pointer_case(name, planted);
  for (const Case& candidate : kCases) {
    if (name == candidate.name) return run_case(candidate, planted);
  }
  std::printf("there is no case %s\n", name.c_str());
  return 2;
}
