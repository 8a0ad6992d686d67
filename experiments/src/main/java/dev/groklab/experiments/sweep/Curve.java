package dev.groklab.experiments.sweep;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One configuration, with a run per seed.
 *
 * @param label its name in the legend: the file's, or such as {@code train-fraction = 0.3}
 * @param varied the settings by which it differs from its neighbours, numbers as decimals; empty
 *     for a panel of one curve
 * @param runs a run per seed of the grid, in their order
 */
public record Curve(String label, Map<String, String> varied, List<GridRun> runs) {

  /** Copies what it is given. */
  public Curve {
    varied = Collections.unmodifiableMap(new LinkedHashMap<>(varied));
    runs = List.copyOf(runs);
  }

  /**
   * The run of one seed.
   *
   * @param seed a seed of the grid
   * @return its run
   * @throws IllegalArgumentException if the grid has no such seed
   */
  public GridRun run(long seed) {
    return runs.stream()
        .filter(run -> run.config().seed() == seed)
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("the curve '" + label + "' has no seed " + seed));
  }
}
