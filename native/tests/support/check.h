// The smallest test harness that serves: named tests, and checks that say where they failed.
#pragma once

#include <functional>
#include <sstream>
#include <string>

namespace groklab::test {

/// Registers a test; `TEST` does it.
struct Registration {
  Registration(const char* name, std::function<void()> body);
};

/// An option `--name VALUE` that a test program takes.
class Option {
 public:
  /// @param name static text.
  explicit Option(const char* name);
  Option(const Option&) = delete;
  Option& operator=(const Option&) = delete;

  /// Empty unless it is given.
  [[nodiscard]] const std::string& value() const { return value_; }

 private:
  friend bool set_option(const std::string& name, const std::string& value);
  const char* name_;
  std::string value_;
};

/// Counts and prints a failed check of the running test.
void fail(const char* file, int line, const std::string& message);

/// Text of any value with a stream operator.
template <class T>
std::string to_text(const T& value) {
  std::ostringstream stream;
  stream.precision(17);
  stream << value;
  return stream.str();
}

template <class A, class B>
void check_equal(const A& actual, const B& expected, const char* expression, const char* file,
                 int line) {
  if (actual == expected) return;
  fail(file, line,
       std::string(expression) + " is " + to_text(actual) + " instead of " + to_text(expected));
}

}  // namespace groklab::test

/// A test with the name of an identifier.
#define TEST(name)                                                             \
  static void name();                                                          \
  static const ::groklab::test::Registration name##_registration{#name, name}; \
  static void name()

#define CHECK(condition)                                                     \
  do {                                                                       \
    if (!(condition)) ::groklab::test::fail(__FILE__, __LINE__, #condition); \
  } while (false)

#define CHECK_EQUAL(actual, expected) \
  ::groklab::test::check_equal(actual, expected, #actual, __FILE__, __LINE__)
