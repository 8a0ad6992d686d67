package dev.groklab.engine;

/**
 * The flat buffers of a replica; all have as many elements as it has parameters. A replica has
 * {@link #PARAMETERS}, {@link #GRADIENTS} and those that {@linkplain Optimizer#buffers() its
 * optimizer keeps}.
 */
public enum Buffer {
  /** The weights. */
  PARAMETERS,
  /**
   * Gradients of the latest step or of the latest {@link Trainer#gradient}, before any clipping.
   */
  GRADIENTS,
  /**
   * Running mean m of the gradient: {@link Adam} and {@link AdamW} ({@code exp_avg} in PyTorch),
   * centred {@link RmsProp} ({@code grad_avg}).
   */
  FIRST_MOMENTS,
  /**
   * Running mean v of the gradient's square: {@link Adam} and {@link AdamW} ({@code exp_avg_sq} in
   * PyTorch), {@link RmsProp} ({@code square_avg}).
   */
  SECOND_MOMENTS,
  /**
   * Running sum b of updates: {@link Sgd} and {@link RmsProp} with momentum ({@code
   * momentum_buffer} in PyTorch).
   */
  MOMENTUM
}
