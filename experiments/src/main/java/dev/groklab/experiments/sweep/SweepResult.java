package dev.groklab.experiments.sweep;

import dev.groklab.run.Status;
import dev.groklab.run.Summary;
import java.util.List;
import java.util.Map;

/**
 * What became of a sweep.
 *
 * @param summaries of the runs that have ended, now or before
 * @param failures why others could not be trained
 * @param left how many runs are still to be trained, since the sweep was stopped
 */
public record SweepResult(
    Map<PlannedRun, Summary> summaries, Map<PlannedRun, String> failures, int left) {

  /**
   * The runs with a loss that was not finite.
   *
   * @return in the order in which they ended
   */
  public List<PlannedRun> diverged() {
    return summaries.entrySet().stream()
        .filter(entry -> entry.getValue().status() == Status.DIVERGED)
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * Whether every run has ended as it should.
   *
   * @return false if one failed, diverged or is left
   */
  public boolean isComplete() {
    return failures.isEmpty() && left == 0 && diverged().isEmpty();
  }
}
