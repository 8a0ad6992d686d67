// Activations of a model by name, and how one of them is caught on its way through a pass.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/model.h"
#include "ops/backend.h"
#include "train/dataset.h"

namespace groklab {

/// What a model shows of each row.
struct ActivationInfo {
  std::string name;
  std::int64_t positions = 0;  ///< T, or 1 where the last position alone goes on
  bool row_by_row = false;     ///< how positions of several rows lie: else position by position
  std::int64_t width = 0;      ///< numbers at a position
  bool has_gradient = false;
};

/// All of a model's activations, in the order in which they come about.
std::vector<ActivationInfo> list_activations(const ModelShape& shape, const Dataset& dataset);

/// Copies an activation, and the loss's gradient by it, into memory of a backend.
template <class T>
class ActivationCopy final : public Observer<T> {
 public:
  /// @param rows of the batch.
  ActivationCopy(const std::shared_ptr<Backend>& backend, const ActivationInfo& info,
                 std::int64_t rows);

  /// Ops of the pass that is observed; to be set before it.
  void use(Ops<T>& ops) { ops_ = &ops; }

  void activation(const ActivationName& name, Matrices<const T> values) override;
  void gradient(const ActivationName& name, Matrices<const T> values) override;

  /// Brings [rows, positions, width] to the host. @param gradients null: not wanted.
  void download(T* values, T* gradients) const;

 private:
  [[nodiscard]] Matrices<T> place(std::int64_t copy) const;
  void download_copy(std::int64_t copy, T* to) const;

  std::shared_ptr<Backend> backend_;
  ActivationInfo info_;
  std::int64_t rows_;
  DeviceArray<T> copies_;  // [2, positions, rows, width]: values, gradients
  Ops<T>* ops_ = nullptr;
};

extern template class ActivationCopy<float>;
extern template class ActivationCopy<double>;

}  // namespace groklab
