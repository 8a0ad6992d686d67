package dev.groklab.experiments.results;

import dev.groklab.experiments.table.RunRecord;
import dev.groklab.run.RunConfig;
import java.util.List;

/**
 * Runs that differ in their seeds alone: one curve of a figure.
 *
 * @param label what tells it from its neighbours, such as {@code α = 0.3}
 * @param runs the runs, at least one
 */
public record CurveData(String label, List<RunRecord> runs) {

  /** Copies the list. */
  public CurveData {
    runs = List.copyOf(runs);
    if (runs.isEmpty()) {
      throw new IllegalArgumentException("the curve '" + label + "' has no runs");
    }
  }

  /**
   * The configuration of the first run; the others differ in their seeds.
   *
   * @return a configuration
   */
  public RunConfig config() {
    return runs.getFirst().config();
  }
}
