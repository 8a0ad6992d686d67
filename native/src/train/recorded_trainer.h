// The trainer of devices: a chunk goes to the device as a whole, which makes its batches and steps
// by itself, from work recorded once.
#pragma once

#include <memory>

#include "train/trainer.h"

namespace groklab {

template <class T>
std::unique_ptr<Trainer> make_recorded_trainer(std::shared_ptr<Backend> backend,
                                               std::unique_ptr<Queue> queue,
                                               std::shared_ptr<const Dataset> dataset,
                                               TrainerOptions options);

}  // namespace groklab
