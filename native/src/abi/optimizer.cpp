#include "abi/optimizer.h"

namespace groklab::abi {

namespace {

/// A field that this optimizer's formula does not name.
void check_absent(double value, const std::string& field, const char* kind) {
  if (value != 0) {
    invalid(field + " is " + text(value) + "; " + kind + " has none: it must be 0");
  }
}

const char* name_of(std::uint32_t kind) {
  switch (kind) {
    case GROKLAB_OPTIMIZER_ADAMW:
      return "AdamW";
    case GROKLAB_OPTIMIZER_ADAM:
      return "Adam";
    case GROKLAB_OPTIMIZER_SGD:
      return "SGD";
    default:
      return "RMSprop";
  }
}

}  // namespace

Optimizer read_optimizer(const groklab_optimizer_options* options, const std::string& name) {
  const groklab_optimizer_options o = read_struct(options, name);
  check_range(o.kind, GROKLAB_OPTIMIZER_ADAMW, GROKLAB_OPTIMIZER_RMSPROP, name + ".kind");
  check_range(o.nesterov, 0, 1, name + ".nesterov");
  check_range(o.centered, 0, 1, name + ".centered");
  check_not_negative(o.weight_decay, name + ".weight_decay");
  check_not_negative(o.clip_norm, name + ".clip_norm");

  const bool is_sgd = o.kind == GROKLAB_OPTIMIZER_SGD;
  const bool is_rmsprop = o.kind == GROKLAB_OPTIMIZER_RMSPROP;
  const char* const kind = name_of(o.kind);
  if (is_sgd || is_rmsprop) {
    check_absent(o.beta1, name + ".beta1", kind);
    check_absent(o.beta2, name + ".beta2", kind);
    check_not_negative(o.momentum, name + ".momentum");
  } else {
    check_interval(o.beta1, 0, 1, name + ".beta1");
    check_interval(o.beta2, 0, 1, name + ".beta2");
    check_absent(o.momentum, name + ".momentum", kind);
  }
  if (is_rmsprop) {
    check_interval(o.alpha, 0, 1, name + ".alpha");
  } else {
    check_absent(o.alpha, name + ".alpha", kind);
    check_absent(o.centered, name + ".centered", kind);
  }
  if (is_sgd) {
    check_absent(o.epsilon, name + ".epsilon", kind);
    if (o.nesterov != 0 && o.momentum == 0) {
      invalid(name + ".nesterov is 1, but .momentum is 0; Nesterov's needs a momentum above 0");
    }
  } else {
    check_not_negative(o.epsilon, name + ".epsilon");
    check_absent(o.nesterov, name + ".nesterov", kind);
  }

  Optimizer out;
  out.kind = static_cast<OptimizerKind>(o.kind);
  out.nesterov = o.nesterov != 0;
  out.centered = o.centered != 0;
  out.beta1 = o.beta1;
  out.beta2 = o.beta2;
  out.alpha = o.alpha;
  out.momentum = o.momentum;
  out.epsilon = o.epsilon;
  out.weight_decay = o.weight_decay;
  out.clip_norm = o.clip_norm;
  return out;
}

}  // namespace groklab::abi
