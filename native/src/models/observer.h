// Who looks at activations, and at the loss's gradients by them, on their way through a model.
#pragma once

#include <cstddef>
#include <string>

#include "core/views.h"

namespace groklab {

/// "STEM", or "STEM.LAYER.PART", with an ending of the part's, such as ".query".
struct ActivationName {
  const char* stem;
  std::size_t layer = 0;
  const char* part = nullptr;
  const char* ending = "";

  [[nodiscard]] std::string text() const {
    if (part == nullptr) return stem;
    return std::string(stem) + '.' + std::to_string(layer) + '.' + part + ending;
  }
};

/// Rows of an activation are a batch's leaves, or all its nodes, level by level; batches that are
/// observed share nothing, so that its pairs are its nodes. Of a model of sequences they are its places,
/// row by row (ops/batch_ops.h, SequenceRows). What is shown may be overwritten by the
/// ops that follow.
template <class T>
class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer() = default;

  virtual void activation(const ActivationName& name, Matrices<const T> values) = 0;
  virtual void gradient(const ActivationName& name, Matrices<const T> values) = 0;
};

}  // namespace groklab
