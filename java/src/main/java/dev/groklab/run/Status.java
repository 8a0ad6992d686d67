package dev.groklab.run;

/** How a run ended, or where it stands. */
public enum Status {
  /** All steps were made. */
  DONE,
  /** It was to train until it generalizes, and did. */
  GROKKED,
  /** A loss was not finite. */
  DIVERGED,
  /** Somebody stopped it; it can be resumed. */
  STOPPED
}
