// The trainer of backends whose ops are the host's own work: it plans every step itself, replicas
// spread over the lanes.
#pragma once

#include <memory>

#include "train/trainer.h"

namespace groklab {

template <class T>
std::unique_ptr<Trainer> make_host_trainer(std::shared_ptr<Backend> backend,
                                           std::shared_ptr<const Dataset> dataset,
                                           TrainerOptions options);

}  // namespace groklab
