// A zeroed array whose pages the system only provides when they are touched: shadows of large
// allocations cost nothing where nothing happens.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

namespace gpu_emulator {

template <class T>
class LazyArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  LazyArray() = default;
  explicit LazyArray(std::size_t size) : data_(static_cast<T*>(std::calloc(size + 1, sizeof(T)))) {
    if (data_ == nullptr) throw std::bad_alloc();
  }

  [[nodiscard]] T* data() const { return data_.get(); }
  [[nodiscard]] T& operator[](std::size_t i) const { return data_.get()[i]; }
  explicit operator bool() const { return data_ != nullptr; }

 private:
  struct Free {
    void operator()(T* data) const { std::free(data); }
  };
  std::unique_ptr<T, Free> data_;
};

}  // namespace gpu_emulator
