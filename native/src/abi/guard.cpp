#include "abi/guard.h"

#include <algorithm>
#include <cstring>

namespace groklab::abi {

namespace {
// A plain buffer: reporting that memory ran out must not need memory.
thread_local char message[2048] = "";
}  // namespace

void set_last_error(std::string_view text) noexcept {
  const std::size_t size = std::min(text.size(), sizeof message - 1);
  std::memcpy(message, text.data(), size);
  message[size] = '\0';
}

const char* last_error() noexcept { return message; }

}  // namespace groklab::abi
