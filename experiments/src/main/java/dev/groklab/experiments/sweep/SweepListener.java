package dev.groklab.experiments.sweep;

import dev.groklab.run.Summary;

/** Is told how a sweep goes, by one thread at a time. */
public interface SweepListener {

  /**
   * Something that the user should know but that stops nothing.
   *
   * @param message one line
   */
  default void notice(String message) {}

  /**
   * Some steps were made.
   *
   * @param progress where the sweep stands
   */
  default void progressed(SweepProgress progress) {}

  /**
   * A run has ended, and its files are written.
   *
   * @param run the run
   * @param summary what became of it
   */
  default void finished(PlannedRun run, Summary summary) {}

  /**
   * A run cannot be trained.
   *
   * @param run the run
   * @param reason one line
   */
  default void failed(PlannedRun run, String reason) {}
}
