#include "support/check.h"

#include <cstdio>
#include <exception>
#include <utility>
#include <vector>

namespace groklab::test {
namespace {

struct NamedTest {
  const char* name;
  std::function<void()> body;
};

std::vector<NamedTest>& tests() {
  static std::vector<NamedTest> all;
  return all;
}

int failures_of_test = 0;

}  // namespace

Registration::Registration(const char* name, std::function<void()> body) {
  tests().push_back({name, std::move(body)});
}

void fail(const char* file, int line, const std::string& message) {
  ++failures_of_test;
  std::printf("%s:%d: %s\n", file, line, message.c_str());
}

}  // namespace groklab::test

/// Runs the tests whose names contain the first argument; all of them without one.
int main(int argc, char** argv) {
  using namespace groklab::test;
  const std::string wanted = argc > 1 ? argv[1] : "";
  int passed = 0;
  int failed = 0;
  for (const NamedTest& test : tests()) {
    if (std::string(test.name).find(wanted) == std::string::npos) continue;
    failures_of_test = 0;
    try {
      test.body();
    } catch (const std::exception& error) {
      fail(test.name, 0, std::string("threw: ") + error.what());
    }
    std::printf("%s %s\n", failures_of_test == 0 ? "passed" : "FAILED", test.name);
    std::fflush(stdout);
    ++(failures_of_test == 0 ? passed : failed);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}
