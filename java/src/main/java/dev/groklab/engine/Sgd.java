package dev.groklab.engine;

import java.util.List;

/**
 * Stochastic gradient descent: {@code g ← g + λp}; with momentum {@code b ← μb + g} and then {@code
 * g ← b}, or {@code g ← g + μb} if Nesterov's; {@code p ← p − γg}. The values are checked when a
 * trainer is made.
 *
 * @param momentum μ, at least 0
 * @param nesterov whether the momentum is Nesterov's, which needs μ &gt; 0
 * @param weightDecay λ, at least 0
 * @see <a href="https://proceedings.mlr.press/v28/sutskever13.html">Sutskever, Martens, Dahl,
 *     Hinton: On the importance of initialization and momentum in deep learning (ICML 2013)</a>
 */
public record Sgd(double momentum, boolean nesterov, double weightDecay) implements Optimizer {

  /** The momentum, if there is any. */
  @Override
  public List<Buffer> buffers() {
    return momentum > 0 ? List.of(Buffer.MOMENTUM) : List.of();
  }
}
