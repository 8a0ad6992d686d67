package dev.groklab.experiments;

import dev.groklab.engine.EngineInfo;
import dev.groklab.run.MetricsRow;
import dev.groklab.run.Run;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunListener;
import dev.groklab.run.Status;
import dev.groklab.run.Summary;
import java.io.Console;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Progress for a person: a bar on a terminal, a plain line now and then elsewhere, or nothing.
 * Kinds differ in how they show the line that this class makes.
 */
public abstract class Display implements RunListener, AutoCloseable {

  final PrintWriter out;
  private final List<Run> runs;
  private final MetricsRow[] latest;
  private int grokked;

  Display(PrintWriter out, List<Run> runs) {
    this.out = out;
    this.runs = runs;
    this.latest = new MetricsRow[runs.size()];
  }

  /** The kind that fits where the output goes. */
  static Display on(PrintWriter out, boolean quiet, List<Run> runs) {
    if (quiet) {
      return new QuietDisplay(out, runs);
    }
    return isTerminal() ? new BarDisplay(out, runs) : new PlainDisplay(out, runs);
  }

  /**
   * Whether the output goes to a terminal.
   *
   * @return true if so
   */
  @SuppressWarnings("SystemConsoleNull") // JDK 25 gives null again where there is no terminal
  public static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** Says what is about to be trained. */
  void begin(String engine, Path folder) {
    RunConfig config = runs.getFirst().config();
    String what = runs.size() == 1 ? config.name() : runs.size() + " × " + config.nameWithoutSeed();
    say("training " + what + " on " + engine);
    say("into " + folder);
  }

  @Override
  public void notice(String message) {
    say("note: " + message);
  }

  @Override
  public void started(int replica, RunConfig config, long step) {
    if (step > 0 && runs.size() == 1) {
      say("resuming after step " + step);
    }
  }

  @Override
  public void evaluated(int replica, MetricsRow row) {
    latest[replica] = row;
  }

  @Override
  public void finished(int replica, Summary summary) {
    if (summary.status() == Status.GROKKED || summary.validationStep99().isPresent()) {
      grokked++;
    }
    String seed = runs.size() == 1 ? "" : "seed " + runs.get(replica).config().seed() + ": ";
    say(seed + describe(summary));
  }

  /**
   * What trains, in words.
   *
   * @param engine the engine
   * @return its backend, device and threads, and what is notable about it
   */
  public static String describe(EngineInfo engine) {
    String device =
        String.format(
            Locale.ROOT,
            "%s (%s, %s, %d threads)",
            engine.backend().name().toLowerCase(Locale.ROOT),
            engine.device(),
            engine.instructionSet(),
            engine.threads());
    return engine.notice().isEmpty() ? device : device + "; " + engine.notice();
  }

  /** Shows a line that stays. */
  abstract void say(String line);

  @Override
  public void close() {
    out.flush();
  }

  /** Losses and accuracies as last evaluated; of several replicas, their medians. */
  final String evaluation() {
    if (Arrays.stream(latest).allMatch(Objects::isNull)) {
      return "not evaluated yet";
    }
    String several =
        runs.size() == 1 ? "" : String.format("medians of %d, %d grokked: ", runs.size(), grokked);
    return several
        + String.format(
            Locale.ROOT,
            "train %.3g %s, val %.3g %s",
            median(MetricsRow::trainLoss),
            percent(median(MetricsRow::trainAccuracy)),
            median(MetricsRow::validationLoss),
            percent(median(MetricsRow::validationAccuracy)));
  }

  private double median(ToDoubleFunction<MetricsRow> column) {
    double[] values = Stream.of(latest).filter(Objects::nonNull).mapToDouble(column).toArray();
    Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }

  /**
   * What became of a run, in a line.
   *
   * @param summary what became of it
   * @return the line
   */
  public static String describe(Summary summary) {
    StringBuilder text = new StringBuilder();
    text.append(summary.status().name().toLowerCase(Locale.ROOT));
    text.append(" at step ").append(summary.steps());
    summary
        .last()
        .ifPresent(
            row ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        ": train loss %.3g acc %s, val loss %.3g acc %s",
                        row.trainLoss(),
                        percent(row.trainAccuracy()),
                        row.validationLoss(),
                        percent(row.validationAccuracy()))));
    append(text, "; train ≥ 99 % from step ", summary.trainStep99());
    append(text, ", validation from step ", summary.validationStep99());
    append(text, ", delay ", summary.grokkingDelay());
    text.append(
        String.format(
            Locale.ROOT,
            "; %s, %.1f steps/s",
            time(summary.wallSeconds()),
            summary.stepsPerSecond()));
    return text.toString();
  }

  private static void append(StringBuilder text, String what, OptionalLong step) {
    step.ifPresent(value -> text.append(what).append(value));
  }

  /**
   * A share that never rounds up to 100 %.
   *
   * @param share 0 … 1
   * @return such as 99.9%
   */
  public static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f%%", Math.floor(1000 * share) / 10);
  }

  /**
   * A duration.
   *
   * @param seconds how long
   * @return such as 42s, 3:07 or 1:02:09
   */
  public static String time(double seconds) {
    if (!Double.isFinite(seconds)) {
      return "?";
    }
    Duration time = Duration.ofSeconds(Math.round(seconds));
    if (time.toHours() > 0) {
      return String.format(
          "%d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart());
    }
    return time.toMinutes() > 0
        ? String.format("%d:%02d", time.toMinutes(), time.toSecondsPart())
        : time.toSeconds() + "s";
  }
}
