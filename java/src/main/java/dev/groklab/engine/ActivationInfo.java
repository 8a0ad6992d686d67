package dev.groklab.engine;

/**
 * A tensor that a model makes of its rows on the way to the logits.
 *
 * @param name e.g. {@code blocks.0.feed_forward.neurons}; groklab.h lists those of each model
 * @param positions T, or 1: of a last layer only the last position goes on; of a {@link Seq2Seq},
 *     those of the longest source or of the longest target
 * @param width numbers at a position
 * @param hasGradient whether the gradient of the loss by it can be had
 */
public record ActivationInfo(String name, int positions, int width, boolean hasGradient) {}
