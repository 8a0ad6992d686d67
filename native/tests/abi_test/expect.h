// Checks of a failing call: its status, and that its message says what was wrong.
#pragma once

#include <string>
#include <string_view>

#include "support/abi.h"
#include "support/check.h"

namespace groklab::test {

inline void check_fails(groklab_status actual, groklab_status expected, std::string_view words,
                        const char* call, const char* file, int line) {
  const std::string message = groklab_last_error();
  if (actual != expected) {
    fail(file, line,
         std::string(call) + " gave status " + std::to_string(actual) + " instead of " +
             std::to_string(expected) + "; the message is \"" + message + '"');
  } else if (message.find(words) == std::string::npos) {
    fail(file, line,
         std::string(call) + ": the message does not say \"" + std::string(words) + "\": \"" +
             message + '"');
  }
}

}  // namespace groklab::test

#define CHECK_FAILS(call, status, words) \
  ::groklab::test::check_fails(call, status, words, #call, __FILE__, __LINE__)

#define CHECK_OK(call) CHECK_EQUAL((call), GROKLAB_OK)
