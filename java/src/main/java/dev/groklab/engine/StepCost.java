package dev.groklab.engine;

/**
 * What one training step of one replica must do at least, by the model's own ops: what a roofline
 * needs (<a href="https://doi.org/10.1145/1498765.1498785">Williams, Waterman, Patterson: Roofline,
 * CACM 2009</a>). No implementation of the step can be faster than {@code flops} over the {@link
 * Peak} of the engine.
 *
 * @param flops 2 × multiply-adds of all matrix products (linear layers, and attention's over the
 *     keys that a query sees), forward and backward, over the batch's distinct prefixes; over all
 *     of its rows where the replica drops out or the layout is {@link BatchLayout#DENSE}
 * @param denseFlops the same without sharing, as frameworks compute that see a dense tensor: every
 *     layer at every position of every row, the readout at the last one
 * @param parameterBytes bytes of flat buffers that forward, backward and update read and write,
 *     each once an op
 * @param activationBytes bytes of activations and their gradients that the ops read and write, if
 *     each op finds its inputs in memory and leaves its outputs there; caches and fused ops make it
 *     less
 */
public record StepCost(
    double flops, double denseFlops, double parameterBytes, double activationBytes) {}
