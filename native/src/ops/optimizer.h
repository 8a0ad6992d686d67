// Optimizers as PyTorch's torch.optim defines them: their hyperparameters, and what they remember of
// each parameter.
#pragma once

#include <cstdint>

#include "core/views.h"

namespace groklab {

enum class OptimizerKind : std::uint32_t { kAdamW = 0, kAdam = 1, kSgd = 2, kRmsProp = 3 };

/// Hyperparameters of one replica. Those that a kind does not have are 0.
struct Optimizer {
  OptimizerKind kind = OptimizerKind::kAdamW;
  bool nesterov = false;  ///< SGD
  bool centered = false;  ///< RMSprop
  double beta1 = 0;       ///< Adam, AdamW
  double beta2 = 0;       ///< Adam, AdamW
  double alpha = 0;       ///< RMSprop's smoothing constant
  double momentum = 0;    ///< SGD, RMSprop
  double epsilon = 0;     ///< all but SGD
  double weight_decay = 0;
  double clip_norm = 0;  ///< largest norm of the gradient; 0: any

  [[nodiscard]] constexpr bool is_adam() const {
    return kind == OptimizerKind::kAdamW || kind == OptimizerKind::kAdam;
  }
  [[nodiscard]] constexpr bool has_first_moments() const { return is_adam() || centered; }
  [[nodiscard]] constexpr bool has_second_moments() const { return kind != OptimizerKind::kSgd; }
  [[nodiscard]] constexpr bool has_momentum() const { return momentum > 0; }
  [[nodiscard]] constexpr bool clips() const { return clip_norm > 0; }
};

/// One step of one replica.
struct OptimizerStep {
  Optimizer optimizer;
  std::int64_t step = 1;  ///< t, counting this step
  double learning_rate = 0;
};

/// What is remembered from step to step, [R, P] each; empty where no replica needs it.
template <class T>
struct OptimizerState {
  Vectors<T> first_moments;   ///< running mean of the gradient: Adam, AdamW, centred RMSprop
  Vectors<T> second_moments;  ///< running mean of its square: Adam, AdamW, RMSprop
  Vectors<T> momentum;        ///< running sum of updates: SGD and RMSprop with momentum
};

}  // namespace groklab
