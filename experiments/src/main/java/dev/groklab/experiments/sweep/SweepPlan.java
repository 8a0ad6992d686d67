package dev.groklab.experiments.sweep;

import dev.groklab.engine.Backend;
import dev.groklab.run.ConfigException;
import dev.groklab.run.ConfigFile;
import dev.groklab.run.ConfigKey;
import dev.groklab.run.FormatException;
import dev.groklab.run.MetricsRow;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import dev.groklab.run.Status;
import dev.groklab.run.Summary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The runs of one grid or several, each once, and how far they are. Making a plan reads folders and
 * writes nothing.
 *
 * @param runs the runs, in the order of the grids
 */
public record SweepPlan(List<PlannedRun> runs) {

  private static final String BACKEND_MADE = "backend"; // in a run's environment

  /** Copies the runs. */
  public SweepPlan {
    runs = List.copyOf(runs);
  }

  /**
   * The plan for a grid.
   *
   * @param grid the grid
   * @param out the folder of its runs' folders
   * @param backend where to compute; runs that have been begun elsewhere are refused, unless this
   *     is {@link Backend#AUTO}
   * @return the plan
   * @throws ConfigException if a run's folder holds another run, or one of another backend
   * @throws IOException if a folder cannot be read
   */
  public static SweepPlan of(Grid grid, Path out, Backend backend) throws IOException {
    List<PlannedRun> runs = new ArrayList<>();
    for (GridRun run : grid.runs()) {
      String name = backend.name().toLowerCase(Locale.ROOT);
      RunConfig config = run.config().with(ConfigKey.BACKEND, name);
      runs.add(plan(run.name(), config, run.folder(out)));
    }
    return new SweepPlan(runs);
  }

  /**
   * This plan and another one, with what they share once.
   *
   * @param other the other plan
   * @return both
   */
  public SweepPlan and(SweepPlan other) {
    Map<Path, PlannedRun> all = new LinkedHashMap<>();
    for (SweepPlan plan : List.of(this, other)) {
      plan.runs.forEach(run -> all.putIfAbsent(run.folder().path(), run));
    }
    return new SweepPlan(List.copyOf(all.values()));
  }

  /**
   * What is left to train.
   *
   * @return the runs that have not ended
   */
  public List<PlannedRun> pending() {
    return runs.stream().filter(run -> !run.isDone()).toList();
  }

  private static PlannedRun plan(String name, RunConfig config, RunFolder folder)
      throws IOException {
    if (!Files.exists(folder.config())) {
      return new PlannedRun(name, config, folder, Optional.empty(), 0, Optional.empty());
    }
    requireSame(folder, config);
    Optional<String> madeOn =
        Optional.ofNullable(ConfigFile.readEnvironment(folder.config()).get(BACKEND_MADE));
    requireSameBackend(folder, config.backend(), madeOn);
    Optional<Summary> summary =
        Files.exists(folder.summary())
            ? Optional.of(Summary.read(folder.summary()))
            : Optional.empty();
    Optional<Summary> outcome = summary.filter(s -> s.status() != Status.STOPPED);
    long steps = summary.isPresent() ? summary.get().steps() : evaluatedSteps(folder);
    return new PlannedRun(name, config, folder, madeOn, steps, outcome);
  }

  private static long evaluatedSteps(RunFolder folder) throws IOException {
    if (!Files.exists(folder.metrics())) {
      return 0;
    }
    List<MetricsRow> rows = folder.readMetrics();
    return rows.isEmpty() ? 0 : rows.getLast().step();
  }

  private static void requireSame(RunFolder folder, RunConfig config) throws IOException {
    RunConfig made;
    try {
      made = RunConfig.of(ConfigFile.read(folder.config()));
    } catch (ConfigException e) {
      throw new FormatException(folder.config(), e.getMessage());
    }
    for (ConfigKey key : made.differences(config)) {
      if (!GridRun.MEANS.contains(key)) {
        throw new ConfigException(
            "out",
            String.format(
                "%s holds another run: its %s is %s, and %s is needed; give another folder",
                folder.path(), key.key(), made.value(key), config.value(key)));
      }
    }
  }

  private static void requireSameBackend(RunFolder folder, Backend asked, Optional<String> madeOn) {
    if (asked != Backend.AUTO
        && madeOn.isPresent()
        && !madeOn.get().equalsIgnoreCase(asked.name())) {
      throw new ConfigException(
          ConfigKey.BACKEND.key(),
          String.format(
              "%s is not allowed: the run in %s was made on %s; give another folder by --out",
              asked.name().toLowerCase(Locale.ROOT), folder.path(), madeOn.get()));
    }
  }
}
