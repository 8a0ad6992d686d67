#include "support/check.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string_view>
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

std::vector<Option*>& options() {
  static std::vector<Option*> all;
  return all;
}

int failures_of_test = 0;

}  // namespace

Option::Option(const char* name) : name_(name) { options().push_back(this); }

/// False if the program has no such option.
bool set_option(const std::string& name, const std::string& value) {
  for (Option* option : options()) {
    if (option->name_ != name) continue;
    option->value_ = value;
    return true;
  }
  return false;
}

namespace {

/// Takes the options from the command line; what is left are parts of names of tests.
std::vector<std::string> read_arguments(const std::vector<std::string>& arguments) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!arguments[i].starts_with("--")) {
      names.push_back(arguments[i]);
      continue;
    }
    const std::string name = arguments[i].substr(2);
    if (++i == arguments.size()) throw std::invalid_argument("--" + name + " needs a value");
    if (!set_option(name, arguments[i])) throw std::invalid_argument("no option --" + name);
  }
  return names;
}

bool is_wanted(const char* test, const std::vector<std::string>& names) {
  return names.empty() || std::ranges::any_of(names, [&](const std::string& name) {
           return std::string_view(test).find(name) != std::string_view::npos;
         });
}

/// Exit status: 0 if some tests ran and all passed.
int run_tests(const std::vector<std::string>& names) {
  int passed = 0;
  int failed = 0;
  for (const NamedTest& test : tests()) {
    if (!is_wanted(test.name, names)) continue;
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

}  // namespace

Registration::Registration(const char* name, std::function<void()> body) {
  tests().push_back({name, std::move(body)});
}

void fail(const char* file, int line, const std::string& message) {
  ++failures_of_test;
  std::printf("%s:%d: %s\n", file, line, message.c_str());
}

}  // namespace groklab::test

/// Runs the tests whose names contain one of the arguments; all of them without any.
int main(int argc, char** argv) {
  using namespace groklab::test;
  try {
    return run_tests(read_arguments({argv + 1, argv + argc}));
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 2;
  }
}
