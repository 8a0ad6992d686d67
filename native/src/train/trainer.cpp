#include "train/trainer.h"

#include <utility>

#include "train/dry_backend.h"
#include "train/host_trainer.h"
#include "train/recorded_trainer.h"

namespace groklab {

namespace {

template <class T>
std::unique_ptr<Trainer> make(std::shared_ptr<Backend> backend,
                              std::shared_ptr<const Dataset> dataset, TrainerOptions options) {
  if (std::unique_ptr<Queue> queue = backend->make_queue()) {
    return make_recorded_trainer<T>(std::move(backend), std::move(queue), std::move(dataset),
                                    std::move(options));
  }
  return make_host_trainer<T>(std::move(backend), std::move(dataset), std::move(options));
}

}  // namespace

std::unique_ptr<Trainer> make_trainer(std::shared_ptr<Backend> backend,
                                      std::shared_ptr<const Dataset> dataset,
                                      TrainerOptions options) {
  if (options.precision == Precision::kFp64) {
    return make<double>(std::move(backend), std::move(dataset), std::move(options));
  }
  return make<float>(std::move(backend), std::move(dataset), std::move(options));
}

MemoryUse memory_needed(Backend& backend, std::shared_ptr<const Dataset> dataset,
                        TrainerOptions options, const Workload& workload) {
  // The trainer itself, where nothing has a place: what it takes there it takes anywhere.
  const std::unique_ptr<Trainer> trainer =
      make_trainer(make_dry_backend(backend), std::move(dataset), std::move(options));
  trainer->reserve(workload);
  return trainer->memory_used();
}

}  // namespace groklab
