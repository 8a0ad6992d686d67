package dev.groklab.engine;

/** The flat buffers of a replica; all have as many elements as it has parameters. */
public enum Buffer {
  /** The weights. */
  PARAMETERS,
  /** Gradients of the latest step or of the latest {@link Trainer#gradient}. */
  GRADIENTS,
  /** AdamW's running mean of the gradient. */
  FIRST_MOMENTS,
  /** AdamW's running mean of the gradient's square. */
  SECOND_MOMENTS
}
