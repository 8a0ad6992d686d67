// What the emulator's tests share: checks that count failures, and arrays on the device.
#pragma once

#include <cuda_runtime.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace test {

inline int failures = 0;

inline void check(bool holds, const char* what, const char* file, int line) {
  if (holds) return;
  ++failures;
  std::printf("%s:%d: %s\n", file, line, what);
}

inline void expect(cudaError_t status, cudaError_t wanted, const char* what, const char* file,
                   int line) {
  if (status == wanted) return;
  ++failures;
  std::printf("%s:%d: %s is %s, not %s\n", file, line, what, cudaGetErrorName(status),
              cudaGetErrorName(wanted));
}

/// The exit status of a test program.
inline int result() {
  if (failures == 0) std::printf("all passed\n");
  return failures == 0 ? 0 : 1;
}

}  // namespace test

#define CHECK(condition) test::check((condition), #condition, __FILE__, __LINE__)
#define EXPECT(call, status) test::expect((call), (status), #call, __FILE__, __LINE__)
#define OK(call) EXPECT(call, cudaSuccess)

namespace test {

template <class T>
class DeviceArray {
 public:
  explicit DeviceArray(std::size_t size) : size_(size) { OK(cudaMalloc(&data_, size * sizeof(T))); }
  explicit DeviceArray(const std::vector<T>& values) : DeviceArray(values.size()) {
    OK(cudaMemcpy(data_, values.data(), size_ * sizeof(T), cudaMemcpyHostToDevice));
  }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;
  // After a planted fault nothing can be freed.
  ~DeviceArray() { static_cast<void>(cudaFree(data_)); }

  T* data() const { return data_; }
  std::vector<T> get() const {
    std::vector<T> values(size_);
    OK(cudaMemcpy(values.data(), data_, size_ * sizeof(T), cudaMemcpyDeviceToHost));
    return values;
  }

 private:
  T* data_ = nullptr;
  std::size_t size_;
};

/// Whether x is within `ulps` units in the last place of the exact value.
template <class T>
bool near(T x, double exact, double ulps) {
  const T wanted = static_cast<T>(exact);
  if (x == wanted || (x != x && wanted != wanted)) return true;
  const T next = std::nextafter(std::fabs(wanted), static_cast<T>(INFINITY));
  const double ulp = static_cast<double>(next) - std::fabs(static_cast<double>(wanted));
  return std::fabs(static_cast<double>(x) - exact) <= ulps * ulp;
}

}  // namespace test
