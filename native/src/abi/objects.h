// The objects behind the handles.
#pragma once

#include <atomic>
#include <memory>

#include "abi/check.h"
#include "abi/guard.h"
#include "abi/handles.h"
#include "ops/backends.h"
#include "train/dataset.h"
#include "train/trainer.h"

namespace groklab::abi {

struct EngineObject {
  ChosenBackend chosen;
};

struct DatasetObject {
  std::shared_ptr<Dataset> dataset;
};

struct TrainerObject {
  std::unique_ptr<Trainer> trainer;
  std::atomic_flag busy;
};

// The tables are never destroyed: other threads may still be inside when the process ends.
Handles<groklab_engine, EngineObject>& engines();
Handles<groklab_dataset, DatasetObject>& datasets();
Handles<groklab_trainer, TrainerObject>& trainers();

/// Exclusive use of a trainer; a second thread gets Error(kBusy).
class TrainerUse {
 public:
  explicit TrainerUse(const groklab_trainer* handle);
  TrainerUse(const TrainerUse&) = delete;
  TrainerUse& operator=(const TrainerUse&) = delete;
  ~TrainerUse() { object_->busy.clear(std::memory_order_release); }

  Trainer* operator->() const { return object_->trainer.get(); }
  Trainer& operator*() const { return *object_->trainer; }

  [[nodiscard]] std::int64_t replicas() const {
    return static_cast<std::int64_t>(object_->trainer->options().replicas.size());
  }

  void check_replica(std::uint32_t replica) const {
    check_range(replica, 0, replicas() - 1, "replica");
  }

  /// Whether all rows of a batch or split are rows of the data set.
  [[nodiscard]] bool has_rows(const std::int32_t* rows, std::int64_t count) const;

  /// The same as an error that names the first row that is not.
  void check_rows(const std::int32_t* rows, std::int64_t count, const std::string& name) const;

 private:
  std::shared_ptr<TrainerObject> object_;
};

}  // namespace groklab::abi
