// The one exception type of the engine: a status of the C ABI and a sentence for a person.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace groklab {

/// The statuses of groklab.h, so that everything below the ABI need not include it.
enum class Status : std::int32_t {
  kOk = 0,
  kInvalidArgument = 1,
  kInvalidHandle = 2,
  kUnsupported = 3,
  kBackendUnavailable = 4,
  kOutOfMemory = 5,
  kBusy = 6,
  kDeviceError = 7,
  kInternalError = 8,
  kDisagreement = 9,
};

/// Thrown anywhere in the engine; src/abi turns it into a status code and a message.
class Error : public std::runtime_error {
 public:
  Error(Status status, const std::string& message) : std::runtime_error(message), status_(status) {}

  [[nodiscard]] Status status() const noexcept { return status_; }

 private:
  Status status_;
};

}  // namespace groklab
