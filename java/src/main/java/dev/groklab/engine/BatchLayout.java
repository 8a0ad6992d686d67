package dev.groklab.engine;

/** How a batch is laid out for the computation; the mathematics is the same. */
public enum BatchLayout {
  /** A prefix tree, which computes shared prefixes once; dense for replicas that drop out. */
  AUTO,
  /** Every row for itself. */
  DENSE
}
