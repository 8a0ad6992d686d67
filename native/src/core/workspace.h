// Scratch memory of one lane: activations and their gradients, taken in order and given back all
// at once. After the largest step has been seen, nothing is allocated any more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "core/views.h"

namespace groklab {

class Workspace {
 public:
  using Allocate = std::function<void*(std::size_t)>;
  using Release = std::function<void(void*)>;

  Workspace(Allocate allocate, Release release)
      : allocate_(std::move(allocate)), release_(std::move(release)) {}
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;
  ~Workspace() { release_all(); }

  /// Gives everything taken so far back. Where several blocks had to be allocated, they become one.
  void reset() {
    if (blocks_.size() > 1) {
      std::size_t total = 0;
      for (const Block& block : blocks_) total += block.bytes;
      release_all();
      add_block(total);
    }
    if (!blocks_.empty()) blocks_.back().used = 0;
    taken_ = 0;
  }

  /// Makes sure that `bytes` can be taken without a further allocation. Only after a reset.
  /// Returns whether the memory moved.
  bool reserve(std::size_t bytes) {
    if (!blocks_.empty() && blocks_.back().bytes >= bytes) return false;
    release_all();
    add_block(bytes);
    return true;
  }

  /// Bytes taken since the last reset.
  [[nodiscard]] std::size_t taken() const { return taken_; }

  /// Uninitialized matrices, [replicas, rows, cols], each contiguous.
  template <class T>
  Matrices<T> matrices(std::int64_t replicas, std::int64_t rows, std::int64_t cols) {
    return contiguous(take<T>(replicas * rows * cols), replicas, rows, cols);
  }

  template <class T>
  Vectors<T> vectors(std::int64_t replicas, std::int64_t size) {
    return contiguous(take<T>(replicas * size), replicas, size);
  }

 private:
  struct Block {
    std::byte* data;
    std::size_t bytes;
    std::size_t used;
  };

  template <class T>
  T* take(std::int64_t count) {
    constexpr std::size_t kAlignment = 64;
    constexpr std::size_t kSmallestBlock = std::size_t{1} << 20;
    const std::size_t bytes =
        (static_cast<std::size_t>(count) * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
    if (blocks_.empty() || blocks_.back().bytes - blocks_.back().used < bytes) {
      add_block(bytes > kSmallestBlock ? bytes : kSmallestBlock);
    }
    Block& block = blocks_.back();
    std::byte* const data = block.data + block.used;
    block.used += bytes;
    taken_ += bytes;
    return reinterpret_cast<T*>(data);
  }

  void add_block(std::size_t bytes) {
    blocks_.reserve(blocks_.size() + 1);
    blocks_.push_back({static_cast<std::byte*>(allocate_(bytes)), bytes, 0});
  }

  void release_all() {
    for (const Block& block : blocks_) release_(block.data);
    blocks_.clear();
  }

  Allocate allocate_;
  Release release_;
  std::vector<Block> blocks_;
  std::size_t taken_ = 0;
};

}  // namespace groklab
