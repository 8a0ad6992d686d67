package dev.groklab.engine;

/**
 * Adam with decoupled weight decay, by PyTorch's order of operations; the decay applies to every
 * parameter. The values are checked when a trainer is made.
 *
 * @param beta1 decay rate of the first moments, 0 ≤ β₁ &lt; 1
 * @param beta2 decay rate of the second moments, 0 ≤ β₂ &lt; 1
 * @param epsilon added to the root of the second moments, at least 0
 * @param weightDecay λ, at least 0
 * @see <a href="https://arxiv.org/abs/1711.05101">Loshchilov, Hutter: Decoupled weight decay
 *     regularization (ICLR 2019)</a>
 */
public record AdamW(double beta1, double beta2, double epsilon, double weightDecay)
    implements Optimizer {}
