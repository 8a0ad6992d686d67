#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>

#include "op_test/execute.h"
#include "op_test/modes.h"
#include "op_test/peaks.h"

namespace groklab::test {
namespace {

using Clock = std::chrono::steady_clock;

/// Seconds of `calls` calls. A device gets them all before it is waited for, as in training, where
/// the host's part in a call is no part of its time either.
template <class T>
double time_calls(Backend& backend, Queue* queue, const OpCase& test, const Arguments<T>& arguments,
                  int calls) {
  const auto begin = Clock::now();
  for (int i = 0; i < calls; ++i) {
    if (queue == nullptr) {
      call_op(backend, test, arguments);
    } else {
      test.call(queue->ops().template get<T>(), Call<T>(arguments, 0, test.replicas()));
    }
  }
  if (queue != nullptr) queue->wait();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// Seconds of one call: the best of several, each of enough calls to be measured.
template <class T>
double seconds(const std::shared_ptr<Backend>& backend, const OpCase& test) {
  const Arguments<T> arguments = place<T>(backend, test, Layout::kContiguous);
  const std::unique_ptr<Queue> queue = backend->make_queue();
  const auto time = [&](int calls) {
    return time_calls(*backend, queue.get(), test, arguments, calls);
  };
  int calls = 1;
  while (time(calls) < 0.02) calls *= 2;
  double best = std::numeric_limits<double>::infinity();
  for (int repeat = 0; repeat < 7; ++repeat) best = std::min(best, time(calls) / calls);
  return best;
}

template <class T>
double bytes(const OpCase& test) {
  double sum = 0;
  for (const Tensor& tensor : test.tensors) {
    const double passes = tensor.role == Role::kInOut ? 2 : 1;
    const auto size = tensor.element == Element::kIndex  ? sizeof(std::int32_t)
                      : tensor.element == Element::kReal ? sizeof(T)
                                                         : sizeof(double);
    sum += passes * static_cast<double>(tensor.size()) * static_cast<double>(size);
  }
  return sum;
}

template <class T>
void measure(const Target& target, const char* precision, const std::shared_ptr<Backend>& backend,
             const Entry<OpCase>& entry) {
  const auto test = entry.make();
  const double time = seconds<T>(backend, *test);
  const bool arithmetic = test->flops > 0;
  const double rate = (arithmetic ? test->flops : bytes<T>(*test)) / time;
  std::printf("%-12s %-23s %-36s %s %9.1f us %8.1f %s", target.name.c_str(), entry.op.c_str(),
              test->shape.c_str(), precision, time * 1e6, rate * 1e-9,
              arithmetic ? "GFLOP/s" : "GB/s");
  if (const auto peak = peak_of(backend->description().device)) {
    const double most = !arithmetic ? peak->bandwidth : sizeof(T) == 4 ? peak->fp32 : peak->fp64;
    std::printf(" %5.1f %% of peak", 100 * rate / most);
  }
  std::puts("");
}

}  // namespace

void run_perf(const Targets& targets, const std::vector<Entry<OpCase>>& entries) {
  for (const Target& target : targets) {
    const auto backend = target.make(0);
    for (const auto& entry : entries) {
      measure<float>(target, "fp32", backend, entry);
      measure<double>(target, "fp64", backend, entry);
    }
  }
}

}  // namespace groklab::test
