package dev.groklab.experiments.article;

import dev.groklab.experiments.Display;
import dev.groklab.run.EpochListener;
import dev.groklab.run.MetricsRow;
import dev.groklab.run.RunListener;
import dev.groklab.run.Summary;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Tells a person what an epoch runner tells it. */
final class Told implements EpochListener {

  private static final int MOST_NAMED = 4; // networks that are told one by one

  private final Progress progress;
  private final List<Network> networks;
  private final MetricsRow[] latest;

  Told(Progress progress, List<Network> networks) {
    this.progress = progress;
    this.networks = networks;
    this.latest = new MetricsRow[networks.size()];
  }

  @Override
  public void evaluated(int replica, MetricsRow row) {
    latest[replica] = row;
  }

  @Override
  public void progressed(RunListener.Progress made) {
    progress.show(
        made.step(),
        made.steps(),
        String.format(
            Locale.ROOT,
            "step %d/%d  %s  %.1f steps/s  %s left",
            made.step(),
            made.steps(),
            words(),
            made.stepsPerSecond(),
            Display.time(made.secondsLeft())));
  }

  @Override
  public void finished(int replica, Summary summary) {
    String name = networks.size() == 1 ? "" : networks.get(replica).name() + ": ";
    progress.say(name + Display.describe(summary));
  }

  private String words() {
    if (Arrays.stream(latest).anyMatch(Objects::isNull)) {
      return "not evaluated yet";
    }
    if (latest.length == 1) {
      MetricsRow row = latest[0];
      return String.format(
          Locale.ROOT,
          "train %.3g %s, test %.3g %s",
          row.trainLoss(),
          Display.percent(row.trainAccuracy()),
          row.validationLoss(),
          Display.percent(row.validationAccuracy()));
    }
    if (latest.length <= MOST_NAMED) {
      return IntStream.range(0, latest.length)
          .mapToObj(r -> networks.get(r).name() + " " + accuracies(latest[r]))
          .collect(Collectors.joining(", "));
    }
    return "best of "
        + latest.length
        + " "
        + Stream.of(latest)
            .max((a, b) -> Double.compare(a.validationAccuracy(), b.validationAccuracy()))
            .map(Told::accuracies)
            .orElseThrow();
  }

  private static String accuracies(MetricsRow row) {
    return Display.percent(row.trainAccuracy()) + "/" + Display.percent(row.validationAccuracy());
  }
}
