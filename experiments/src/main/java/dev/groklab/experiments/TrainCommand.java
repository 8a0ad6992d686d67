package dev.groklab.experiments;

import dev.groklab.experiments.plot.Picture;
import dev.groklab.run.ConfigException;
import dev.groklab.run.ConfigKey;
import dev.groklab.run.Run;
import dev.groklab.run.RunFolder;
import dev.groklab.run.Runner;
import dev.groklab.run.Status;
import dev.groklab.run.Summary;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code groklab train}: one configuration, one or many replicas. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    header = "Train one configuration, with one seed or many.",
    description = {
      "The run folder gets config.yaml, metrics.csv, summary.json, checkpoint/, final.safetensors,"
          + " curves.svg and curves.png. Ctrl-C stops after the current steps; --resume goes on"
          + " from there.%n"
    })
final class TrainCommand implements Callable<Integer> {

  private static final int STOPPED = 130; // 128 + SIGINT

  private final StopOnSignal signal;

  @Spec private CommandSpec spec;

  @Option(
      names = "--seeds",
      paramLabel = "A..B",
      order = 100,
      description = "One replica per seed, A to B, trained together.")
  private String seeds;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      order = 101,
      description =
          "The run folder; for --seeds, one sub-folder seed-N each (default: runs/NAME, after the"
              + " configuration).")
  private Path out;

  @Option(
      names = "--overwrite",
      order = 102,
      description = "Replace the run that is in the folder.")
  private boolean overwrite;

  @Option(
      names = "--resume",
      order = 103,
      description =
          "Go on from the folder's last checkpoint, with its config.yaml; --steps, --until,"
              + " --threads, --checkpoint-every, --snapshot-every and --progress-measures may be"
              + " others.")
  private boolean resume;

  @Option(
      names = "--config",
      paramLabel = "FILE.yaml",
      order = 104,
      description =
          "Take settings from a file, such as a run folder's config.yaml; options override.")
  private Path config;

  @Option(
      names = "--trace-steps",
      paramLabel = "FILE.csv",
      order = 105,
      description = "Write step,batch_loss of every step; for --seeds, FILE-seed-N.csv each.")
  private Path trace;

  @Option(names = "--quiet", order = 106, description = "Show no progress.")
  private boolean quiet;

  private TrainCommand(StopOnSignal signal) {
    this.signal = signal;
  }

  /** The command with an option for each {@link ConfigKey}. */
  static CommandLine commandLine(StopOnSignal signal) {
    CommandLine command = new CommandLine(new TrainCommand(signal));
    int order = 0; // before the options of this class
    for (ConfigKey key : ConfigKey.values()) {
      command
          .getCommandSpec()
          .addOption(
              OptionSpec.builder(option(key))
                  .paramLabel(key.label())
                  .type(String.class)
                  .order(order++)
                  .arity(key.isFlag() ? "0..1" : "1")
                  .fallbackValue(key.isFlag() ? "true" : "")
                  .description(key.description() + " (default: " + key.fallback() + ")")
                  .build());
    }
    return command;
  }

  private static String option(ConfigKey key) {
    return "--" + key.key();
  }

  @Override
  public Integer call() throws IOException {
    TrainRequest request = TrainRequest.of(options(), Optional.ofNullable(config));
    try {
      return train(request);
    } catch (ConfigException e) {
      throw request.locate(e);
    } catch (OutOfMemoryError e) {
      throw new IOException("the Java heap is too small for this table: give more with -Xmx", e);
    }
  }

  /** The options that were given, by name. */
  private Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>();
    for (ConfigKey key : ConfigKey.values()) {
      String value = spec.findOption(option(key)).getValue();
      if (value != null) {
        options.put(key.key(), value);
      }
    }
    put(options, TrainRequest.SEEDS, seeds);
    put(options, TrainRequest.OUT, out);
    put(options, TrainRequest.TRACE, trace);
    put(options, TrainRequest.QUIET, quiet ? "true" : null);
    return options;
  }

  private static void put(Map<String, String> options, String name, Object value) {
    if (value != null) {
      options.put(name, value.toString());
    }
  }

  private int train(TrainRequest request) throws IOException {
    if (resume && overwrite) {
      throw new ConfigException("overwrite", "cannot be given together with --resume");
    }
    boolean silent = request.isQuiet();
    TrainPlan plan = resume ? TrainPlan.resumed(request) : TrainPlan.fresh(request, overwrite);
    PrintWriter console = spec.commandLine().getOut();
    try (Runner runner = Runner.open(plan.runs())) {
      signal.stopBy(runner::stop);
      if (runner.isComplete()) {
        console.println(
            plan.folder().path() + ": the run has ended already; give more --steps to go on");
        return 0;
      }
      if (overwrite) {
        plan.folder().clear();
      }
      try (Display display = Display.on(console, silent, plan.runs())) {
        display.begin(Display.describe(runner.engine()), plan.folder().path());
        request.withoutEffect(plan.runs().getFirst().config()).forEach(display::notice);
        List<Summary> summaries = train(plan, runner, display);
        return summaries.stream().anyMatch(summary -> summary.status() == Status.STOPPED)
            ? STOPPED
            : 0;
      }
    }
  }

  private List<Summary> train(TrainPlan plan, Runner runner, Display display) throws IOException {
    plan.writeOwnFiles();
    List<Summary> summaries;
    try {
      summaries = runner.run(display);
    } catch (IOException e) {
      plan.discardOwnFiles();
      throw e;
    }
    draw(plan.runs());
    return summaries;
  }

  /** Pictures are no reason to call a run failed that has all its numbers. */
  private void draw(List<Run> runs) throws IOException {
    Optional<String> obstacle = Picture.obstacle();
    if (obstacle.isPresent()) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(spec.qualifiedName() + ": no pictures were drawn: " + obstacle.get());
      return;
    }
    for (Run run : runs) {
      RunFolder folder = run.folder();
      Curves.draw(run.config(), folder.readMetrics(), folder);
    }
  }
}
