// Runs a case on a backend.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "op_test/op_case.h"
#include "ops/backend.h"

namespace groklab::test {

enum class Precision { kFp32, kFp64 };

struct Outcome {
  Results results;                  ///< contents of every tensor afterwards
  std::vector<std::string> faults;  ///< forbidden writes
};

/// Calls the op with the given argument memory, spread over the lanes of the backend.
template <class T>
void call_op(Backend& backend, const OpCase& test, const Arguments<T>& arguments) {
  const std::int64_t replicas = test.replicas();
  backend.for_each_group(test.divisible ? replicas : 1, [&](const Group& group) {
    test.call(group.ops.get<T>(), test.divisible ? Call<T>(arguments, group.first, group.count)
                                                 : Call<T>(arguments, 0, replicas));
  });
}

/// The arguments of a case in the backend's memory, and the scratch memory that the op wants there.
template <class T>
Arguments<T> place(const std::shared_ptr<Backend>& backend, const OpCase& test, Layout layout) {
  Arguments<T> arguments(backend, test.tensors, layout);
  std::int64_t scratch = 0;
  backend->for_each_group(1, [&](const Group& group) {
    scratch = test.scratch_size(group.ops.get<T>(), Call<T>(arguments, 0, test.replicas()));
  });
  if (scratch > 0) arguments.add_scratch(scratch);
  return arguments;
}

template <class T>
Outcome execute(const std::shared_ptr<Backend>& backend, const OpCase& test, Layout layout) {
  const Arguments<T> arguments = place<T>(backend, test, layout);
  call_op(*backend, test, arguments);
  Outcome outcome;
  outcome.results = arguments.collect(outcome.faults);
  return outcome;
}

inline Outcome execute(const std::shared_ptr<Backend>& backend, const OpCase& test, Layout layout,
                       Precision precision) {
  return precision == Precision::kFp32 ? execute<float>(backend, test, layout)
                                       : execute<double>(backend, test, layout);
}

constexpr const char* name_of(Precision precision) {
  return precision == Precision::kFp32 ? "fp32" : "fp64";
}

constexpr const char* name_of(Layout layout) {
  return layout == Layout::kContiguous ? "contiguous" : "strided";
}

}  // namespace groklab::test
