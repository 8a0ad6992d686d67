package dev.groklab.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * RMSprop: {@code g ← g + λp}; {@code v ← αv + (1−α)g²}; if centred, {@code m ← αm + (1−α)g}, and
 * {@code v − m²} (at least 0) takes the place of {@code v}; {@code u = g/(√v + ε)}, with momentum
 * {@code b ← μb + u} and {@code u = b}; {@code p ← p − γu}. The values are checked when a trainer
 * is made.
 *
 * @param alpha decay rate of the moments, 0 ≤ α &lt; 1
 * @param epsilon ε, added to the root of the second moments, at least 0
 * @param weightDecay λ, at least 0
 * @param momentum μ, at least 0
 * @param centered whether to divide by the standard deviation of the gradient
 * @see <a href="https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf">Hinton:
 *     Neural networks for machine learning, lecture 6 (2012)</a>
 * @see <a href="https://arxiv.org/abs/1308.0850">Graves: Generating sequences with recurrent neural
 *     networks (2013)</a>, for the centred form
 */
public record RmsProp(
    double alpha, double epsilon, double weightDecay, double momentum, boolean centered)
    implements Optimizer {

  /** The second moments; if centred, the first ones; the momentum, if there is any. */
  @Override
  public List<Buffer> buffers() {
    List<Buffer> buffers = new ArrayList<>();
    if (centered) {
      buffers.add(Buffer.FIRST_MOMENTS);
    }
    buffers.add(Buffer.SECOND_MOMENTS);
    if (momentum > 0) {
      buffers.add(Buffer.MOMENTUM);
    }
    return List.copyOf(buffers);
  }
}
