package dev.groklab.experiments;

import dev.groklab.experiments.claims.Finding;
import dev.groklab.experiments.claims.PaperRuns;
import dev.groklab.experiments.claims.Part;
import dev.groklab.experiments.claims.Statements;
import dev.groklab.experiments.report.PaperGrids;
import dev.groklab.experiments.report.Report;
import dev.groklab.experiments.results.FigureData;
import dev.groklab.experiments.sweep.Forecast;
import dev.groklab.experiments.sweep.Grid;
import dev.groklab.experiments.sweep.Machine;
import dev.groklab.experiments.sweep.Overrides;
import dev.groklab.experiments.sweep.SweepLock;
import dev.groklab.experiments.sweep.SweepPlan;
import dev.groklab.experiments.sweep.SweepResult;
import dev.groklab.run.AtomicFile;
import dev.groklab.run.ConfigException;
import dev.groklab.run.ConfigKey;
import dev.groklab.run.RunConfig;
import dev.groklab.run.SeedRange;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code groklab paper}: the report's figures and claims. */
@Command(
    name = "paper",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    header = "Repeat the replication report: its figures, and what they say about its claims.",
    description = {
      "Trains the runs behind figures 1 to 7, and writes DIR/index.html, a page that needs no other"
          + " file; the figures as SVG and PNG; runs.csv and runs.parquet. Runs that are there are"
          + " kept: Ctrl-C or a crash costs at most the steps since the last checkpoints, and the"
          + " same command goes on.%n"
    })
final class PaperCommand implements Callable<Integer> {

  private static final int FAILED = 1;
  private static final int STOPPED = 130; // 128 + SIGINT
  private static final String DEFAULT_OUT = "paper";

  private final StopOnSignal signal;

  @Spec private CommandSpec spec;

  @Option(
      names = "--figure",
      paramLabel = "N",
      description = "A figure of the report, 1 to 7; may be repeated (default: all).")
  private List<String> figures = List.of();

  @Option(
      names = "--scale",
      paramLabel = "NAME",
      defaultValue = "quick",
      description =
          "quick: one seed and few steps, half an hour on two cores, and most verdicts undecided;"
              + " full: six seeds and all steps, hours to days (default: quick).")
  private String scale;

  @Option(
      names = "--seeds",
      paramLabel = "A..B",
      description = "The seeds of every curve, instead of the scale's.")
  private String seeds;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = DEFAULT_OUT,
      description = "Where page, figures, tables and run folders go (default: paper).")
  private Path out;

  @Option(
      names = "--grids",
      paramLabel = "DIR",
      description =
          "Take those of the grids figure-1.yaml to figure-7.yaml that are in this folder.")
  private Path grids;

  @Option(
      names = "--write-grids",
      paramLabel = "DIR",
      description = "Write the grids, to be edited and given to --grids; do nothing else.")
  private Path writeGrids;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A setting of every run, as of 'train'; wins over the grids. May be repeated.")
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

  PaperCommand(StopOnSignal signal) {
    this.signal = signal;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Set<Integer> numbers = numbers();
    if (writeGrids != null) {
      return write(numbers);
    }
    if (grids != null && !Files.isDirectory(grids)) {
      throw new ConfigException("grids", grids + " is no folder");
    }
    // A configuration knows what these may be.
    RunConfig means =
        RunConfig.of(Map.of(ConfigKey.BACKEND.key(), backend, ConfigKey.THREADS.key(), threads));
    Map<Integer, Grid> paper = read(numbers);
    Path runs = out.resolve("runs");
    SweepSession session = new SweepSession(spec, signal, quiet);
    if (dryRun) {
      SweepPlan plan = plan(paper, runs, means);
      Machine machine = Machine.of(means.backend(), means.threads());
      session.list(plan, machine, Forecast.of(plan, machine));
      return 0;
    }
    SweepResult result;
    try (SweepLock _ = SweepLock.take(runs)) {
      SweepPlan plan = plan(paper, runs, means);
      Machine machine = Machine.of(means.backend(), means.threads());
      Forecast forecast = Forecast.of(plan, machine);
      say("at most about " + Display.time(forecast.seconds()) + " on this machine");
      result = session.train(plan, machine, forecast, Set.of(runs));
    }
    if (result.left() > 0) {
      say("stopped before the page was made; the same command goes on");
      return STOPPED;
    }
    say("page: " + report(paper, runs).write(out));
    return result.failures().isEmpty() ? 0 : FAILED;
  }

  private void say(String line) {
    if (!quiet) {
      PrintWriter console = spec.commandLine().getOut();
      console.println(line);
      console.flush();
    }
  }

  private Set<Integer> numbers() {
    Set<Integer> numbers = new TreeSet<>();
    for (String text : figures) {
      numbers.add(
          PaperGrids.NUMBERS.stream()
              .filter(number -> number.toString().equals(text))
              .findFirst()
              .orElseThrow(
                  () ->
                      new ConfigException(
                          "figure",
                          "'" + text + "' is not allowed: the report has the figures 1 to 7")));
    }
    return numbers.isEmpty() ? new TreeSet<>(PaperGrids.NUMBERS) : numbers;
  }

  private int write(Set<Integer> numbers) throws IOException {
    Files.createDirectories(writeGrids);
    for (int number : numbers) {
      Path file = writeGrids.resolve(PaperGrids.file(number));
      if (Files.exists(file)) {
        throw new ConfigException("write-grids", file + " is there already; it was left as it is");
      }
    }
    for (int number : numbers) {
      AtomicFile.writeText(writeGrids.resolve(PaperGrids.file(number)), PaperGrids.text(number));
    }
    say(numbers.size() + (numbers.size() == 1 ? " grid in " : " grids in ") + writeGrids);
    return 0;
  }

  private Map<Integer, Grid> read(Set<Integer> numbers) {
    Overrides overrides =
        new Overrides(
            Optional.of(scale),
            Optional.ofNullable(seeds).map(SeedRange::parse),
            SweepSession.settings(set));
    Map<Integer, Grid> paper = new TreeMap<>();
    for (int number : numbers) {
      paper.put(number, PaperGrids.read(number, Optional.ofNullable(grids), overrides));
    }
    return paper;
  }

  private static SweepPlan plan(Map<Integer, Grid> paper, Path runs, RunConfig means)
      throws IOException {
    SweepPlan plan = new SweepPlan(List.of());
    for (Grid grid : paper.values()) {
      plan = plan.and(SweepPlan.of(grid, runs, means.backend()));
    }
    return plan;
  }

  private Report report(Map<Integer, Grid> paper, Path runs) throws IOException {
    Map<Integer, FigureData> data = new TreeMap<>();
    List<Report.Made> made = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (Map.Entry<Integer, Grid> entry : paper.entrySet()) {
      int number = entry.getKey();
      FigureData figure = FigureData.read("figure-" + number, entry.getValue(), runs);
      data.put(number, figure);
      if (figure.panels().isEmpty()) {
        missing.add("Figure " + number + " has no runs: all of them failed.");
      } else {
        made.add(new Report.Made(figure, command(List.of(number))));
      }
    }
    PaperRuns measured = new PaperRuns(data);
    List<Finding> findings =
        Statements.all().stream().map(statement -> Finding.of(statement, measured)).toList();
    List<Integer> chosen = figures.isEmpty() ? List.of() : List.copyOf(paper.keySet());
    return new Report(
        "Grokking, repeated",
        List.of(
            "Figures and claims of “An In-depth Exploration and Replication of the Grokking"
                + " Phenomenon in Deep Learning” (Hualing Zhong), trained anew by Groklab.",
            "The whole page again: " + command(chosen)),
        made,
        missing,
        findings,
        List.of(),
        List.of(new Part.Fact("program", "groklab " + Version.version())));
  }

  /** The command that makes some figures, with the options that determine them. */
  private String command(List<Integer> numbers) {
    StringBuilder command = new StringBuilder("./groklab paper");
    numbers.forEach(number -> command.append(" --figure ").append(number));
    command.append(" --scale ").append(scale);
    if (seeds != null) {
      command.append(" --seeds ").append(seeds);
    }
    if (grids != null) {
      command.append(" --grids ").append(grids);
    }
    set.forEach(setting -> command.append(" --set ").append(setting));
    if (!out.equals(Path.of(DEFAULT_OUT))) {
      command.append(" --out ").append(out);
    }
    return command.toString();
  }
}
