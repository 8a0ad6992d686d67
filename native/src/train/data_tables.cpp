#include "train/data_tables.h"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

namespace groklab {

namespace {

/// One table for all replicas.
template <class T>
Matrices<const T> table(const T* data, std::int64_t replicas, std::int64_t rows,
                        std::int64_t cols) {
  return {data, replicas, rows, cols, cols, 0};
}

std::int64_t feature_count(const Dataset& dataset) {
  const FeatureRows* const features = dataset.features();
  return features == nullptr ? 0 : static_cast<std::int64_t>(features->values.size());
}

std::int64_t weight_count(const Dataset& dataset) {
  const FeatureRows* const features = dataset.features();
  return features == nullptr ? 0 : static_cast<std::int64_t>(features->weights.size());
}

std::int64_t integer_count(const Dataset& dataset) {
  const PairRows* const pairs = dataset.pairs();
  return pairs == nullptr
             ? 0
             : static_cast<std::int64_t>(pairs->sources.size() + pairs->sequences.size());
}

template <class T>
DataTables<T> tables_at(const Dataset& dataset, std::int64_t replicas, const T* features,
                        const T* weights, const std::int32_t* integers) {
  DataTables<T> tables;
  const std::int64_t rows = dataset.rows();
  if (const FeatureRows* const f = dataset.features()) {
    tables.features = table(features, replicas, rows, f->size());
    if (!f->weights.empty()) tables.weights = table(weights, replicas, rows, 1);
  }
  if (const PairRows* const p = dataset.pairs()) {
    tables.sources = table(integers, replicas, rows, p->source_length);
    const std::int32_t* const sequences =
        integers == nullptr ? nullptr : integers + p->sources.size();
    tables.sequences = table(sequences, replicas, rows, p->target_length + 1);
  }
  return tables;
}

}  // namespace

template <class T>
TablesInMemory<T>::TablesInMemory(std::shared_ptr<Backend> backend,
                                  std::shared_ptr<const Dataset> dataset)
    : backend_(std::move(backend)), dataset_(std::move(dataset)) {
  const std::int64_t reals =
      (in_place(*backend_) ? 0 : feature_count(*dataset_)) + weight_count(*dataset_);
  if (reals > 0) reals_ = {backend_, reals};
  const std::int64_t integers = integer_count(*dataset_);
  if (integers > 0) integers_ = {backend_, integers};
  const auto reading = dataset_->reading();
  upload();
}

template <class T>
bool TablesInMemory<T>::in_place(const Backend& backend) {
  return std::is_same_v<T, float> && backend.uses_host_memory();
}

template <class T>
void TablesInMemory<T>::refresh() {
  if (version_ != dataset_->version()) upload();
}

template <class T>
void TablesInMemory<T>::upload() {
  version_ = dataset_->version();
  if (const FeatureRows* const f = dataset_->features(); f != nullptr && reals_.size() > 0) {
    std::vector<T> host;
    host.reserve(static_cast<std::size_t>(reals_.size()));
    if (!in_place(*backend_)) host.insert(host.end(), f->values.begin(), f->values.end());
    std::ranges::transform(f->weights, std::back_inserter(host),
                           [](double weight) { return static_cast<T>(weight); });
    backend_->upload(reals_.data(), host.data(), host.size() * sizeof(T));
  }
  if (const PairRows* const p = dataset_->pairs()) {
    backend_->upload(integers_.data(), p->sources.data(), p->sources.size() * sizeof(std::int32_t));
    backend_->upload(integers_.data() + p->sources.size(), p->sequences.data(),
                     p->sequences.size() * sizeof(std::int32_t));
  }
}

template <class T>
DataTables<T> TablesInMemory<T>::view(std::int64_t replicas) const {
  const T* features = reals_.data();
  const T* weights = features == nullptr ? nullptr : features + feature_count(*dataset_);
  if constexpr (std::is_same_v<T, float>) {
    if (in_place(*backend_)) {
      weights = features;
      features = dataset_->features() == nullptr ? nullptr : dataset_->features()->values.data();
    }
  }
  return tables_at<T>(*dataset_, replicas, features, weights, integers_.data());
}

template <class T>
DataTables<T> shape_of_tables(const Dataset& dataset, std::int64_t replicas) {
  return tables_at<T>(dataset, replicas, nullptr, nullptr, nullptr);
}

template class TablesInMemory<float>;
template class TablesInMemory<double>;
template DataTables<float> shape_of_tables<float>(const Dataset&, std::int64_t);
template DataTables<double> shape_of_tables<double>(const Dataset&, std::int64_t);

}  // namespace groklab
