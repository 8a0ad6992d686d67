package dev.groklab.experiments.sweep;

import dev.groklab.run.SeedRange;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the command line changes in a grid.
 *
 * @param scale the name of one of its scales
 * @param seeds the seeds of every curve
 * @param set settings of every run, by name; they win over everything in the file
 */
public record Overrides(
    Optional<String> scale, Optional<SeedRange> seeds, Map<String, String> set) {

  /** The grid as it is. */
  public static final Overrides NONE = new Overrides(Optional.empty(), Optional.empty(), Map.of());

  /** Copies the settings. */
  public Overrides {
    set = Collections.unmodifiableMap(new LinkedHashMap<>(set));
  }
}
