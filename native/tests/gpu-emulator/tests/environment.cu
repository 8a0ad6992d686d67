// The machines that the environment variables describe: environment WHAT ERROR expects that call
// to give that error, by its name.
#include <csignal>
#include <cstring>
#include <string>

#include "support.h"

namespace {

__global__ void increment(int* x) { x[threadIdx.x] += 1; }

/// An ordering that the emulator does not know; it must say so rather than guess.
__global__ void unknown_instruction(int* x) {
  int value;
  asm volatile("ld.acquire.gpu.global.s32 %0, [%1];" : "=r"(value) : "l"(x) : "memory");
  x[1] = value;
}

template <class Kernel>
cudaError_t launch(Kernel kernel) {
  int* x = nullptr;
  cudaError_t status = cudaMalloc(&x, 128);
  if (status == cudaSuccess) status = cudaMemset(x, 0, 128);
  if (status != cudaSuccess) return status;
  kernel<<<1, 32>>>(x);
  status = cudaGetLastError();
  return status == cudaSuccess ? cudaDeviceSynchronize() : status;
}

/// The second of three kernels.
cudaError_t launch_three() {
  OK(launch(increment));
  const cudaError_t status = launch(increment);
  EXPECT(launch(increment), status);
  return status;
}

cudaError_t count_devices() {
  int count = 7;
  const cudaError_t status = cudaGetDeviceCount(&count);
  CHECK(count == (status == cudaSuccess ? 1 : 0));
  return status;
}

/// A million bytes in all, given back and taken again.
cudaError_t allocate() {
  void* first = nullptr;
  OK(cudaMalloc(&first, 600000));
  std::size_t free = 0;
  std::size_t total = 0;
  OK(cudaMemGetInfo(&free, &total));
  CHECK(total == 1000000 && free == 400000);
  OK(cudaFree(first));
  OK(cudaMalloc(&first, 900000));
  void* second = nullptr;
  return cudaMalloc(&second, 200000);
}

cudaError_t properties() {
  cudaDeviceProp all = {};
  OK(cudaGetDeviceProperties(&all, 0));
  CHECK(all.major == 8 && all.minor == 6 && all.warpSize == 32);
  int minor = 0;
  OK(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, 0));
  CHECK(minor == 6);
  return cudaSuccess;
}

cudaError_t version() {
  int driver = 0;
  int runtime = 0;
  OK(cudaDriverGetVersion(&driver));
  OK(cudaRuntimeGetVersion(&runtime));
  CHECK(driver == 12000 && runtime == CUDART_VERSION);
  return count_devices();
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  // The emulator aborts; CTest looks for its sentence, and would take the signal for a crash.
  std::signal(SIGABRT, [](int) { std::_Exit(1); });
  const std::string what = arguments[1];
  const cudaError_t status = what == "count"        ? count_devices()
                             : what == "launch"     ? launch(increment)
                             : what == "three"      ? launch_three()
                             : what == "allocate"   ? allocate()
                             : what == "properties" ? properties()
                             : what == "version"    ? version()
                                                    : launch(unknown_instruction);
  if (std::strcmp(cudaGetErrorName(status), arguments[2]) != 0) {
    ++test::failures;
    std::printf("%s gives %s, not %s\n", arguments[1], cudaGetErrorName(status), arguments[2]);
  }
  return test::result();
}
