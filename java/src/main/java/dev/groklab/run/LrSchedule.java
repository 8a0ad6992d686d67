package dev.groklab.run;

/** How the learning rate goes on after its warm-up. */
public enum LrSchedule {
  /** Multiplied by a factor every so many steps. */
  STEP,
  /** The same rate for ever. */
  CONSTANT,
  /** Half a cosine, down to a minimum. */
  COSINE
}
