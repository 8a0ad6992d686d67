package dev.groklab.experiments.sweep;

import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import dev.groklab.run.Summary;
import java.util.Optional;

/**
 * A run that a sweep needs, and how far it is.
 *
 * @param name its folder's name
 * @param config what it trains
 * @param folder where its files are or go
 * @param madeOn the backend of the steps already made; empty if there are none
 * @param steps about how many steps were made before
 * @param outcome how it has ended; empty if it has not
 */
public record PlannedRun(
    String name,
    RunConfig config,
    RunFolder folder,
    Optional<String> madeOn,
    long steps,
    Optional<Summary> outcome) {

  /**
   * Whether nothing is left to train.
   *
   * @return true if so
   */
  public boolean isDone() {
    return outcome.isPresent();
  }
}
