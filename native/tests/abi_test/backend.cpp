#include "abi_test/backend.h"

#include "support/check.h"

namespace groklab::test {
namespace {

Option backend("backend");

}  // namespace

std::vector<Compute> asked_or(std::vector<Compute> otherwise) {
  if (backend.value().empty()) return otherwise;
  return {compute_named(backend.value())};
}

}  // namespace groklab::test
