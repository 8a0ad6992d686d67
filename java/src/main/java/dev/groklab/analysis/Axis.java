package dev.groklab.analysis;

/** How steps are measured along a curve. */
public enum Axis {
  /** In steps. */
  LINEAR,
  /** In decades of steps: the picture that papers on grokking draw. Steps start at 1. */
  LOG
}
