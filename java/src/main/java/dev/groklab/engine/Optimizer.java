package dev.groklab.engine;

import java.util.List;

/**
 * How parameters follow gradients, with the semantics of {@code torch.optim}. In the formulas g is
 * the gradient, p a parameter, γ the step's learning rate, λ the weight decay, which applies to
 * every parameter, and t the number of the step, counted from 1.
 */
public sealed interface Optimizer permits AdamW, Adam, Sgd, RmsProp {

  /**
   * What it keeps of each parameter from step to step: all that a checkpoint needs besides {@link
   * Buffer#PARAMETERS} and the step counter. A replica has no others of these buffers.
   *
   * @return an unmodifiable list, in the order of {@link Buffer}; may be empty
   */
  List<Buffer> buffers();
}
