#include "ops/cuda/peak.h"

#include <algorithm>
#include <vector>

#include "ops/best_rate.h"

namespace groklab::cuda {

namespace {

// Sizes grow until one piece of work takes so long that its launch counts for nothing, or up to a
// limit at which that is so on the fastest GPU: 8192³ multiply-adds, 1 GiB.
constexpr double kLongProduct = 10e-3;
constexpr double kLongCopy = 5e-3;
constexpr std::int64_t kFewestRows = 64;
constexpr std::int64_t kMostRows = 8192;
constexpr std::int64_t kFewestBytes = std::int64_t{1} << 20;
constexpr std::int64_t kMostBytes = std::int64_t{1} << 30;
constexpr std::int64_t kMostRepeats = 1024;

/// Memory of the GPU, filled with numbers of both signs: units that are fed zeros take less power,
/// and may run faster than they ever will at work.
template <class T>
class Numbers {
 public:
  Numbers(Backend& backend, CudaQueue& queue, std::int64_t size)
      : backend_(backend),
        data_(static_cast<T*>(backend.allocate(static_cast<std::size_t>(size) * sizeof(T)))) {
    std::vector<T> pattern(static_cast<std::size_t>(std::min<std::int64_t>(size, 4093)));
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      pattern[i] = static_cast<T>((i * 2654435761u >> 8) % 65536) / T(32768) - T(1);
    }
    backend.upload(data_, pattern.data(), pattern.size() * sizeof(T));
    for (auto filled = static_cast<std::int64_t>(pattern.size()); filled < size;) {
      const std::int64_t count = std::min(filled, size - filled);
      queue.copy(data_ + filled, data_, static_cast<std::size_t>(count) * sizeof(T));
      filled += count;
    }
    queue.wait();
  }
  Numbers(const Numbers&) = delete;
  Numbers& operator=(const Numbers&) = delete;
  ~Numbers() { backend_.release(data_); }

  [[nodiscard]] T* data() const { return data_; }

 private:
  Backend& backend_;
  T* data_;
};

/// Whether `bytes` leave at least as much to others.
bool fits(const Backend& backend, std::int64_t bytes) {
  const auto available = backend.available_memory();
  return !available || 2 * static_cast<std::uint64_t>(bytes) <= *available;
}

template <class T>
double measure_flops(Backend& backend, CudaQueue& queue, Products& products, double seconds) {
  double best = 0;
  for (std::int64_t n = kFewestRows; n <= kMostRows; n *= 2) {
    if (n > kFewestRows && !fits(backend, 3 * n * n * static_cast<std::int64_t>(sizeof(T)))) break;
    const Numbers<T> a(backend, queue, n * n);
    const Numbers<T> b(backend, queue, n * n);
    const Numbers<T> c(backend, queue, n * n);
    const double rate = best_rate(seconds / 8, kMostRepeats, [&](std::int64_t count) {
      for (std::int64_t i = 0; i < count; ++i) {
        products.multiply<T>(queue.stream().get(), contiguous<const T>(a.data(), 1, n, n), false,
                             contiguous<const T>(b.data(), 1, n, n), false,
                             contiguous(c.data(), 1, n, n), false);
      }
      queue.wait();
    });
    best = std::max(best, rate * 2 * static_cast<double>(n * n * n));
    if (1 / rate > kLongProduct) break;
  }
  return best;
}

double measure_bandwidth(Backend& backend, CudaQueue& queue, double seconds) {
  double best = 0;
  for (std::int64_t bytes = kFewestBytes; bytes <= kMostBytes; bytes *= 2) {
    if (bytes > kFewestBytes && !fits(backend, 2 * bytes)) break;
    const Numbers<float> x(backend, queue, bytes / 4);
    const Numbers<float> y(backend, queue, bytes / 4);
    const double rate = best_rate(seconds / 11, kMostRepeats, [&](std::int64_t count) {
      for (std::int64_t i = 0; i < count; ++i) {
        queue.copy(y.data(), x.data(), static_cast<std::size_t>(bytes));
      }
      queue.wait();
    });
    // Smaller ones may fit the caches: only the largest counts.
    best = rate * 2 * static_cast<double>(bytes);
    if (1 / rate > kLongCopy) break;
  }
  return best;
}

}  // namespace

Peak measure_peak(Backend& backend, CudaQueue& queue, Products& products, Precision precision,
                  double seconds) {
  const double flops = precision == Precision::kFp64
                           ? measure_flops<double>(backend, queue, products, seconds / 2)
                           : measure_flops<float>(backend, queue, products, seconds / 2);
  return {flops, measure_bandwidth(backend, queue, seconds / 2)};
}

}  // namespace groklab::cuda
