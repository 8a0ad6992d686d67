package dev.groklab.experiments;

import dev.groklab.engine.Backend;
import dev.groklab.experiments.sweep.Forecast;
import dev.groklab.experiments.sweep.Grid;
import dev.groklab.experiments.sweep.Machine;
import dev.groklab.experiments.sweep.Overrides;
import dev.groklab.experiments.sweep.SweepLock;
import dev.groklab.experiments.sweep.SweepPlan;
import dev.groklab.experiments.sweep.SweepResult;
import dev.groklab.run.ConfigKey;
import dev.groklab.run.RunConfig;
import dev.groklab.run.SeedRange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code groklab sweep}: the runs of a grid. */
@Command(
    name = "sweep",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    header = "Train the runs of a grid, all cores busy.",
    description = {
      "A grid is a YAML file with a title, base settings, and what varies; docs/guide.md shows one."
          + " Each run has a folder whose name follows from its configuration. What is there"
          + " already is kept: Ctrl-C or a crash costs at most the steps since the last"
          + " checkpoints, and the same command goes on.%n"
    })
final class SweepCommand implements Callable<Integer> {

  private static final int FAILED = 1;
  private static final int STOPPED = 130; // 128 + SIGINT
  private static final Path RUNS = Path.of("runs");

  private final StopOnSignal signal;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE.yaml", arity = "1..*", description = "The grid, or several.")
  private List<Path> files;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where the run folders go (default: runs/FILE, for each file its own).")
  private Path out;

  @Option(
      names = "--scale",
      paramLabel = "NAME",
      description = "One of the scales that the grid offers, such as quick.")
  private String scale;

  @Option(
      names = "--seeds",
      paramLabel = "A..B",
      description = "The seeds of every curve, instead of the grid's.")
  private String seeds;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A setting of every run, as of 'train'; wins over the grid. May be repeated.")
  private List<String> set = List.of();

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "Where to compute, as of 'train' (default: auto).")
  private String backend;

  @Option(
      names = "--threads",
      paramLabel = "N|all",
      defaultValue = "all",
      description = "CPU threads (default: all). Results do not depend on it.")
  private String threads;

  @Option(
      names = "--dry-run",
      description = "List the runs, and say how long they take here, and what room.")
  private boolean dryRun;

  @Option(names = "--quiet", description = "Show no progress.")
  private boolean quiet;

  SweepCommand(StopOnSignal signal) {
    this.signal = signal;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    // A configuration knows what these may be.
    RunConfig means =
        RunConfig.of(Map.of(ConfigKey.BACKEND.key(), backend, ConfigKey.THREADS.key(), threads));
    Map<Path, List<Grid>> grids = grids();
    Deque<SweepLock> locks = new ArrayDeque<>();
    try {
      if (!dryRun) {
        for (Path folder : grids.keySet()) {
          locks.push(SweepLock.take(folder));
        }
      }
      SweepPlan plan = plan(grids, means.backend());
      Machine machine = Machine.of(means.backend(), means.threads());
      Forecast forecast = Forecast.of(plan, machine);
      SweepSession session = new SweepSession(spec, signal, quiet);
      if (dryRun) {
        session.list(plan, machine, forecast);
        return 0;
      }
      SweepResult result = session.train(plan, machine, forecast, grids.keySet());
      if (result.left() > 0) {
        return STOPPED;
      }
      return result.isComplete() ? 0 : FAILED;
    } finally {
      for (SweepLock lock : locks) {
        lock.close();
      }
    }
  }

  /** Grids by the folder of their runs. */
  private Map<Path, List<Grid>> grids() {
    Overrides overrides =
        new Overrides(
            Optional.ofNullable(scale),
            Optional.ofNullable(seeds).map(SeedRange::parse),
            SweepSession.settings(set));
    Map<Path, List<Grid>> grids = new LinkedHashMap<>();
    for (Path file : files) {
      Grid grid = Grid.read(file, overrides);
      grids.computeIfAbsent(out == null ? folder(file) : out, _ -> new ArrayList<>()).add(grid);
    }
    return grids;
  }

  private static Path folder(Path file) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return RUNS.resolve(dot > 0 ? name.substring(0, dot) : name);
  }

  private static SweepPlan plan(Map<Path, List<Grid>> grids, Backend backend) throws IOException {
    SweepPlan plan = new SweepPlan(List.of());
    for (Map.Entry<Path, List<Grid>> entry : grids.entrySet()) {
      for (Grid grid : entry.getValue()) {
        plan = plan.and(SweepPlan.of(grid, entry.getKey(), backend));
      }
    }
    return plan;
  }
}
