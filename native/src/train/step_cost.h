// What a training step must do at least, counted by a pass over the model in which nothing is computed.
#pragma once

#include <cstdint>
#include <span>

#include "models/model.h"
#include "ops/optimizer.h"
#include "train/dataset.h"

namespace groklab {

/// As groklab.h's groklab_step_cost has it.
struct StepCost {
  double flops = 0;
  double dense_flops = 0;
  double parameter_bytes = 0;
  double activation_bytes = 0;
};

/// What decides on the cost of a replica's step, beside its batch.
struct StepKind {
  bool share = true;     ///< whether rows share prefixes
  bool dropout = false;  ///< which shares nothing
  Optimizer optimizer;
};

template <class T>
StepCost count_step(const ModelShape& shape, const Dataset& dataset,
                    std::span<const std::int32_t> rows, const StepKind& kind);

extern template StepCost count_step<float>(const ModelShape&, const Dataset&,
                                           std::span<const std::int32_t>, const StepKind&);
extern template StepCost count_step<double>(const ModelShape&, const Dataset&,
                                            std::span<const std::int32_t>, const StepKind&);

}  // namespace groklab
