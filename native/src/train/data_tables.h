// A data set's tables in a backend's memory, in a trainer's precision.
#pragma once

#include <cstdint>
#include <memory>

#include "models/model.h"
#include "ops/backend.h"
#include "train/dataset.h"

namespace groklab {

template <class T>
class TablesInMemory {
 public:
  TablesInMemory(std::shared_ptr<Backend> backend, std::shared_ptr<const Dataset> dataset);

  /// Brings over what was written to the data set since; the data set is being read meanwhile. Whoever
  /// works on the tables must have finished.
  void refresh();

  /// The tables as each of so many replicas sees them: these places never change.
  [[nodiscard]] DataTables<T> view(std::int64_t replicas) const;

 private:
  /// Features in the precision and the memory of the data set are read where they are.
  [[nodiscard]] static bool in_place(const Backend& backend);
  void upload();

  std::shared_ptr<Backend> backend_;
  std::shared_ptr<const Dataset> dataset_;
  DeviceArray<T> reals_;                // features, then weights
  DeviceArray<std::int32_t> integers_;  // sources, then sequences
  std::uint64_t version_ = 0;
};

/// Tables of the same sizes without memory, for passes that compute nothing.
template <class T>
DataTables<T> shape_of_tables(const Dataset& dataset, std::int64_t replicas);

extern template class TablesInMemory<float>;
extern template class TablesInMemory<double>;

}  // namespace groklab
