package dev.groklab.run;

/** What ends a run before its last step. */
public enum Until {
  /** Nothing: all steps are made. */
  NONE,
  /** Generalization: validation accuracy ≥ 0.99 in five evaluations in a row. */
  GROK
}
