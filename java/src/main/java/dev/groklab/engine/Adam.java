package dev.groklab.engine;

import java.util.List;

/**
 * Adam; its weight decay is part of the gradient: {@code g ← g + λp}; {@code m ← β₁m + (1−β₁)g};
 * {@code v ← β₂v + (1−β₂)g²}; {@code p ← p − γ/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε)}. The values are
 * checked when a trainer is made.
 *
 * @param beta1 decay rate of the first moments, 0 ≤ β₁ &lt; 1
 * @param beta2 decay rate of the second moments, 0 ≤ β₂ &lt; 1
 * @param epsilon ε, added to the root of the second moments, at least 0
 * @param weightDecay λ, at least 0
 * @see <a href="https://arxiv.org/abs/1412.6980">Kingma, Ba: Adam, a method for stochastic
 *     optimization (ICLR 2015)</a>
 */
public record Adam(double beta1, double beta2, double epsilon, double weightDecay)
    implements Optimizer {

  /** Both moments. */
  @Override
  public List<Buffer> buffers() {
    return List.of(Buffer.FIRST_MOMENTS, Buffer.SECOND_MOMENTS);
  }
}
