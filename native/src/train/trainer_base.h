// What every trainer keeps, whatever runs its steps: flat buffers, step counters, splits.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <memory_resource>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "models/model.h"
#include "ops/backend.h"
#include "train/counted_memory.h"
#include "train/data_tables.h"
#include "train/trainer.h"

namespace groklab {

/// Rows of a split that are evaluated at once: enough to fill the cores, few enough to stay in
/// their caches. Images and pairs of sequences take many times the memory of a row of tokens.
inline std::int64_t most_evaluation_rows(const Dataset& dataset) {
  const FeatureRows* const features = dataset.features();
  const bool large =
      dataset.pairs() != nullptr || (features != nullptr && features->height * features->width > 1);
  return large ? 64 : 1024;
}

template <class T>
class TrainerBase : public Trainer {
 public:
  [[nodiscard]] const TrainerOptions& options() const override { return options_; }
  [[nodiscard]] const Dataset& dataset() const override { return *dataset_; }
  [[nodiscard]] const ParameterLayout& parameters() const override { return layout_; }

  void initialize(std::int64_t replica, std::uint64_t seed) override {
    const std::vector<double> drawn = layout_.draw(seed);
    const std::vector<T> values(drawn.begin(), drawn.end());
    write(replica, FlatBufferKind::kParameters, values.data());
    const std::vector<T> zeros(values.size());
    for (const FlatBufferKind kind : {FlatBufferKind::kFirstMoments, FlatBufferKind::kSecondMoments,
                                      FlatBufferKind::kMomentum}) {
      if (this->replica(replica).keeps(kind)) write(replica, kind, zeros.data());
    }
    set_step(replica, 0);
  }

  void read(std::int64_t replica, FlatBufferKind kind, void* to) override {
    backend_->download(to, flat(kind, slot(replica), 1).data, buffer_bytes());
  }

  void write(std::int64_t replica, FlatBufferKind kind, const void* from) override {
    backend_->upload(flat(kind, slot(replica), 1).data, from, buffer_bytes());
  }

  [[nodiscard]] std::int64_t step(std::int64_t replica) const override {
    return steps_[static_cast<std::size_t>(replica)];
  }
  void set_step(std::int64_t replica, std::int64_t step) override {
    steps_[static_cast<std::size_t>(replica)] = step;
  }

  void set_split(std::int64_t replica, std::int64_t split,
                 std::span<const std::int32_t> rows) override {
    // By rank, so that the pieces that are evaluated together share prefixes.
    SplitRows& sorted = split_place(replica, split);
    sorted.assign(rows.begin(), rows.end());
    std::ranges::sort(sorted, {}, [&](std::int32_t row) { return dataset_->rank(row); });
  }

  [[nodiscard]] bool has_split(std::int64_t replica, std::int64_t split) const override {
    const auto& splits = splits_[static_cast<std::size_t>(replica)];
    const auto found = splits.find(split);
    return found != splits.end() && !found->second.empty();
  }

  [[nodiscard]] const std::vector<ActivationInfo>& activations() const override {
    return activations_;
  }

  void observe(std::int64_t replica, std::size_t activation, std::span<const std::int32_t> rows,
               void* values, void* gradients) override {
    const auto reading = read_data();
    ActivationCopy<T> copy(backend_, activations_[activation],
                           static_cast<std::int64_t>(rows.size()));
    observe_pass(replica, rows, copy);
    copy.download(static_cast<T*>(values), static_cast<T*>(gradients));
  }

  [[nodiscard]] MemoryUse memory_used() const override {
    const auto own = static_cast<std::uint64_t>(backend_->bytes(MemoryKind::kDevice));
    const auto host =
        static_cast<std::uint64_t>(backend_->bytes(MemoryKind::kStaging) + host_memory_.bytes());
    if (backend_->uses_host_memory()) return {host + own, 0};
    return {host, own};
  }

  [[nodiscard]] StepCost step_cost(std::int64_t replica,
                                   std::span<const std::int32_t> rows) const override {
    return count_step<T>(options_.model, *dataset_, rows,
                         {!options_.dense, drops(replica), this->replica(replica).optimizer});
  }

  void logits(std::int64_t replica, std::span<const std::int32_t> rows, void* to) override {
    const auto reading = read_data();
    // Sorted and without repeats, the rows are leaves; then each is copied to its places.
    std::vector<std::int32_t> sorted(rows.begin(), rows.end());
    const auto by_rank = [&](std::int32_t row) { return dataset_->rank(row); };
    std::ranges::sort(sorted, {}, by_rank);
    const auto repeats = std::ranges::unique(sorted);
    sorted.erase(repeats.begin(), repeats.end());
    const auto size = static_cast<std::size_t>(logits_of_row());
    std::vector<T> computed(sorted.size() * size);
    distinct_logits(replica, sorted, tables(1), computed);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto place = std::ranges::lower_bound(sorted, by_rank(rows[i]), {}, by_rank);
      const auto from =
          computed.begin() + (place - sorted.begin()) * static_cast<std::ptrdiff_t>(size);
      std::copy_n(from, size, static_cast<T*>(to) + i * size);
    }
  }

  void predict(std::int64_t replica, std::span<const float> features, std::int64_t count,
               void* to) override {
    const auto reading = read_data();
    const std::vector<T> values(features.begin(), features.end());
    const auto size = static_cast<std::int64_t>(values.size());
    if (given_.size() < size) given_ = {backend_, size};
    backend_->upload(given_.data(), values.data(), values.size() * sizeof(T));
    DataTables<T> data = tables(1);
    data.features = {given_.data(), 1, count, size / count, size / count, 0};
    // Stand-ins: of a row the model sees the number alone, and looks it up in the table.
    std::vector<std::int32_t> rows(static_cast<std::size_t>(count));
    std::iota(rows.begin(), rows.end(), 0);
    distinct_logits(replica, rows, data,
                    {static_cast<T*>(to), static_cast<std::size_t>(count * logits_of_row())});
  }

 protected:
  TrainerBase(std::shared_ptr<Backend> backend, std::shared_ptr<const Dataset> dataset,
              TrainerOptions options, ParameterLayout layout)
      : backend_(std::make_shared<CountedBackend>(std::move(backend))),
        dataset_(std::move(dataset)),
        tables_(backend_, dataset_),
        activations_(list_activations(options.model, *dataset_)),
        options_(std::move(options)),
        layout_(std::move(layout)),
        slots_(options_.replicas.size()),
        steps_(options_.replicas.size()),
        splits_(options_.replicas.size()) {
    std::iota(slots_.begin(), slots_.end(), 0);
    for (std::int64_t kind = 0; kind < kFlatBufferKinds; ++kind) {
      const auto keeps = [&](const ReplicaOptions& r) {
        return r.keeps(static_cast<FlatBufferKind>(kind));
      };
      if (!std::ranges::any_of(options_.replicas, keeps)) continue;
      places_[static_cast<std::size_t>(kind)] = kept_kinds_++;
    }
  }

  /// Logits [rows, answers, classes] of rows in the order of their ranks. @param data where the
  /// model looks them up.
  virtual void distinct_logits(std::int64_t replica, std::span<const std::int32_t> rows,
                               const DataTables<T>& data, std::span<T> to) = 0;

  /// Forward and backward over a dense batch without dropout, which the copy observes.
  virtual void observe_pass(std::int64_t replica, std::span<const std::int32_t> rows,
                            ActivationCopy<T>& copy) = 0;

  /// Begins to read the data set: nobody writes to it as long as this lives, and the tables are those
  /// of its present state.
  [[nodiscard]] std::shared_lock<std::shared_mutex> read_data() {
    std::shared_lock reading = dataset_->reading();
    tables_.refresh();
    return reading;
  }

  [[nodiscard]] DataTables<T> tables(std::int64_t replicas) const { return tables_.view(replicas); }

  [[nodiscard]] std::int64_t logits_of_row() const {
    return options_.model.answers * options_.model.classes;
  }

  /// What a mean over rows is taken over.
  [[nodiscard]] double answers(std::span<const std::int32_t> rows) const {
    return static_cast<double>(dataset_->answers(rows));
  }

  /// Elements from one replica's flat buffer to the next.
  [[nodiscard]] std::int64_t stride() const { return layout_.stride(); }

  [[nodiscard]] std::int64_t replicas() const {
    return static_cast<std::int64_t>(options_.replicas.size());
  }

  /// Most rows of a replica's batches, where it or the workload says.
  [[nodiscard]] std::int64_t capacity(std::int64_t r, std::int64_t otherwise) const {
    return replica(r).batch_capacity > 0 ? replica(r).batch_capacity : otherwise;
  }

  /// Makes room for the splits of a workload.
  void reserve_splits(const Workload& workload) {
    for (std::int64_t r = 0; r < replicas(); ++r) {
      for (std::size_t s = 0; s < workload.split_rows.size(); ++s) {
        split_place(r, static_cast<std::int64_t>(s))
            .reserve(static_cast<std::size_t>(workload.split_rows[s]));
      }
    }
  }

  /// Host memory for what is not in the backend's, counted.
  [[nodiscard]] std::pmr::memory_resource* host_memory() { return &host_memory_; }

  /// Makes the flat buffers, of zeros.
  void allocate_buffers() {
    buffers_ = {backend_, kept_kinds_ * replicas() * stride()};
    backend_->clear(buffers_.data(), static_cast<std::size_t>(buffers_.size()) * sizeof(T));
  }

  [[nodiscard]] std::size_t buffer_bytes() const {
    return static_cast<std::size_t>(layout_.size()) * sizeof(T);
  }

  /// Number of kinds of flat buffers that any replica has: all replicas have room for them.
  [[nodiscard]] std::int64_t kept_kinds() const { return kept_kinds_; }

  /// Flat buffers of slots first … first + count − 1; empty where no replica keeps that kind.
  [[nodiscard]] FlatBuffer<T> flat(FlatBufferKind kind, std::int64_t first,
                                   std::int64_t count) const {
    const std::int64_t place = places_[static_cast<std::size_t>(kind)];
    if (place < 0) return {nullptr, count, layout_.size(), stride()};
    return {buffers_.data() + (place * replicas() + first) * stride(), count, layout_.size(),
            stride()};
  }

  [[nodiscard]] OptimizerState<T> optimizer_state(std::int64_t first, std::int64_t count) const {
    return {flat(FlatBufferKind::kFirstMoments, first, count),
            flat(FlatBufferKind::kSecondMoments, first, count),
            flat(FlatBufferKind::kMomentum, first, count)};
  }

  [[nodiscard]] const ReplicaOptions& replica(std::int64_t r) const {
    return options_.replicas[static_cast<std::size_t>(r)];
  }

  /// Dropout draws its masks row by row, so rows cannot share anything then.
  [[nodiscard]] bool drops(std::int64_t r) const { return replica(r).dropout > 0; }

  /// Place of a replica among the flat buffers.
  [[nodiscard]] std::int64_t slot(std::int64_t r) const {
    return slots_[static_cast<std::size_t>(r)];
  }
  [[nodiscard]] std::vector<std::int64_t>& slots() { return slots_; }

  [[nodiscard]] std::span<const std::int32_t> split_rows(std::int64_t r, std::int64_t split) const {
    return splits_[static_cast<std::size_t>(r)].at(split);
  }

  /// What the optimizer needs for the step after the one that `step` counts.
  [[nodiscard]] OptimizerStep next_update(std::int64_t r, double learning_rate) const {
    return {replica(r).optimizer, step(r) + 1, learning_rate};
  }

  [[nodiscard]] DropoutKey dropout_key(std::int64_t r) const {
    return {replica(r).dropout_seed, step(r), replica(r).dropout};
  }

  [[nodiscard]] std::shared_ptr<Backend> backend() const { return backend_; }

 private:
  using SplitRows = std::pmr::vector<std::int32_t>;

  [[nodiscard]] SplitRows& split_place(std::int64_t replica, std::int64_t split) {
    return splits_[static_cast<std::size_t>(replica)]
        .try_emplace(split, &host_memory_)
        .first->second;
  }

  std::shared_ptr<CountedBackend> backend_;
  CountedResource host_memory_;
  std::shared_ptr<const Dataset> dataset_;
  TablesInMemory<T> tables_;
  std::vector<ActivationInfo> activations_;
  DeviceArray<T> given_;  // features of rows that are in no data set
  TrainerOptions options_;
  ParameterLayout layout_;
  std::int64_t kept_kinds_ = 0;
  std::array<std::int64_t, kFlatBufferKinds> places_{-1, -1, -1, -1, -1};  // of kinds in buffers_
  DeviceArray<T> buffers_;                                                 // [kept, slots, stride]
  std::vector<std::int64_t> slots_;                                        // [R]
  std::vector<std::int64_t> steps_;                                        // [R]
  std::vector<std::map<std::int64_t, SplitRows>> splits_;                  // [R], by number
};

}  // namespace groklab
