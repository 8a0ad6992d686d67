// Two trainers side by side, on two backends: the second one follows the first, step by step, and
// the first number on which they disagree is an error that says which.
#pragma once

#include <memory>

#include "ops/backend.h"
#include "train/trainer.h"

namespace groklab {

/// Each step begins with the first trainer's weights and moments in both, so that differences do
/// not add up. Compared are, in this order, each step's loss, the gradient of each tensor from the last
/// one back, and the update that the gradient makes; results of evaluations and logits.
/// Throws Error(kDisagreement).
std::unique_ptr<Trainer> make_checked_trainer(std::shared_ptr<Backend> backend,
                                              std::shared_ptr<Backend> reference,
                                              std::shared_ptr<const Dataset> dataset,
                                              TrainerOptions options);

/// As memory_needed, for such a trainer.
MemoryUse checked_memory_needed(Backend& backend, Backend& reference,
                                std::shared_ptr<const Dataset> dataset, TrainerOptions options,
                                const Workload& workload);

}  // namespace groklab
