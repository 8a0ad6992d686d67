// Opaque handles: numbers that look like pointers but are only ever looked up, so that a null,
// foreign or destroyed handle is an error instead of a crash.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "core/error.h"

namespace groklab::abi {

/// Handles `Tag*` for shared objects. Numbers are never used twice.
template <class Tag, class Object>
class Handles {
 public:
  /// @param kind "engine", "data set", …, for messages.
  /// @param first tells the kinds apart: 1 … 15.
  Handles(const char* kind, std::uintptr_t first) : kind_(kind), next_(first + kStride) {}

  Tag* put(std::shared_ptr<Object> object) {
    const std::scoped_lock lock(mutex_);
    const std::uintptr_t number = next_;
    objects_.emplace(number, std::move(object));
    next_ += kStride;
    return reinterpret_cast<Tag*>(number);
  }

  std::shared_ptr<Object> get(const Tag* handle) {
    const std::scoped_lock lock(mutex_);
    const auto found = objects_.find(reinterpret_cast<std::uintptr_t>(handle));
    if (found == objects_.end()) fail(handle);
    return found->second;
  }

  /// Takes the object out; the handle is invalid from now on.
  std::shared_ptr<Object> take(const Tag* handle) {
    const std::scoped_lock lock(mutex_);
    const auto found = objects_.find(reinterpret_cast<std::uintptr_t>(handle));
    if (found == objects_.end()) fail(handle);
    std::shared_ptr<Object> object = std::move(found->second);
    objects_.erase(found);
    return object;
  }

 private:
  static constexpr std::uintptr_t kStride = 16;

  [[noreturn]] void fail(const Tag* handle) const {
    if (handle == nullptr) {
      throw Error(Status::kInvalidHandle, std::string(kind_) + " handle is null");
    }
    throw Error(Status::kInvalidHandle, std::string(kind_) +
                                            " handle is not one of this library, is of another "
                                            "kind, or was destroyed");
  }

  const char* kind_;
  std::mutex mutex_;
  std::unordered_map<std::uintptr_t, std::shared_ptr<Object>> objects_;
  std::uintptr_t next_;
};

}  // namespace groklab::abi
