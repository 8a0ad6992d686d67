#include "abi/objects.h"

namespace groklab::abi {

Handles<groklab_engine, EngineObject>& engines() {
  static auto& table = *new Handles<groklab_engine, EngineObject>("engine", 1);
  return table;
}

Handles<groklab_dataset, DatasetObject>& datasets() {
  static auto& table = *new Handles<groklab_dataset, DatasetObject>("data set", 2);
  return table;
}

Handles<groklab_trainer, TrainerObject>& trainers() {
  static auto& table = *new Handles<groklab_trainer, TrainerObject>("trainer", 3);
  return table;
}

TrainerUse::TrainerUse(const groklab_trainer* handle) : object_(trainers().get(handle)) {
  if (object_->busy.test_and_set(std::memory_order_acquire)) {
    throw Error(Status::kBusy,
                "the trainer is in use by another thread; one thread at a time may use it");
  }
}

bool TrainerUse::has_rows(const std::int32_t* rows, std::int64_t count) const {
  const std::int64_t known = object_->trainer->dataset().rows();
  return std::all_of(rows, rows + count,
                     [known](std::int32_t row) { return row >= 0 && row < known; });
}

void TrainerUse::check_rows(const std::int32_t* rows, std::int64_t count,
                            const std::string& name) const {
  const std::int64_t known = object_->trainer->dataset().rows();
  for (std::int64_t i = 0; i < count; ++i) {
    if (rows[i] < 0 || rows[i] >= known) {
      invalid(name + "[" + text(i) + "] is " + text(std::int64_t{rows[i]}) +
              "; the data set has rows 0 to " + text(known - 1));
    }
  }
}

}  // namespace groklab::abi
