// The loss of a model's answers, as every pass takes it.
#pragma once

#include "models/layers.h"
#include "models/model.h"

namespace groklab {

/// All of a cross-entropy but its results. Takes memory from the workspace for the rows' weights, if the
/// data set has any: its rows then have one answer each.
/// @param keep_gradient whether the gradient takes the logits' place.
template <class T>
CrossEntropy<T> loss_of(const PassContext<T>& context, const Batch& batch,
                        const Answers<T>& answers, bool keep_gradient) {
  CrossEntropy<T> args;
  args.logits = answers.logits;
  args.targets = answers.targets;
  args.counts = answers.counts;
  if (keep_gradient) args.dlogits = answers.logits;
  if (context.data.weights.rows > 0) {
    const Matrices<T> weights =
        context.workspace.template matrices<T>(batch.replicas, batch.leaves, 1);
    context.ops.gather_rows(context.data.weights, row_numbers(batch), weights);
    args.weights = flatten(weights);
  }
  return args;
}

}  // namespace groklab
