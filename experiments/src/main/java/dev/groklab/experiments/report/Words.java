package dev.groklab.experiments.report;

import dev.groklab.analysis.Interval;
import dev.groklab.analysis.KaplanMeier;
import dev.groklab.analysis.Observation;
import dev.groklab.experiments.claims.Part;
import dev.groklab.experiments.claims.Sample;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Numbers as people read them. */
final class Words {

  private static final double LEVEL = 0.95;
  private static final int MOST_RUNS = 12; // whose steps are listed one by one

  private Words() {}

  /** Three digits, or all of a step. */
  static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "∞" : "−∞";
    }
    if (Math.abs(value) >= 1000) {
      return String.format(Locale.ROOT, "%,d", Math.round(value));
    }
    String text = String.format(Locale.ROOT, "%.3g", value);
    return text.contains(".") && !text.contains("e") ? text.replaceFirst("\\.?0+$", "") : text;
  }

  static String interval(Interval interval) {
    return interval.isPoint()
        ? number(interval.low())
        : number(interval.low()) + " to " + number(interval.high());
  }

  static String p(double value) {
    return value < 1e-4 ? "< 0.0001" : String.format(Locale.ROOT, "%.2g", value);
  }

  /** Such as 42 s, 3 min 7 s or 1 h 2 min. */
  static String time(double seconds) {
    Duration time = Duration.ofSeconds(Math.round(seconds));
    if (time.toHours() > 0) {
      return String.format(Locale.ROOT, "%,d h %d min", time.toHours(), time.toMinutesPart());
    }
    return time.toMinutes() > 0
        ? String.format("%d min %d s", time.toMinutes(), time.toSecondsPart())
        : time.toSeconds() + " s";
  }

  static List<PageView.FactView> facts(List<Part.Fact> facts) {
    return facts.stream().map(fact -> new PageView.FactView(fact.name(), fact.value())).toList();
  }

  static PageView.SampleView sample(Sample sample) {
    List<Observation> runs = sample.observations();
    KaplanMeier curve = KaplanMeier.of(runs);
    long there = runs.stream().filter(Observation::event).count();
    double median = curve.median();
    return new PageView.SampleView(
        sample.label(),
        Integer.toString(sample.seeds()),
        there + " of " + runs.size(),
        Double.isInfinite(median) ? "more than " + last(runs) : number(median),
        runs.size() < 2 ? "–" : interval(curve.medianInterval(LEVEL)),
        runs.size() > MOST_RUNS ? "–" : list(runs));
  }

  private static String last(List<Observation> runs) {
    return number(
        runs.stream()
            .filter(run -> !run.event())
            .mapToDouble(Observation::time)
            .max()
            .orElseThrow());
  }

  /** A run that is not there has a plus behind its last step. */
  private static String list(List<Observation> runs) {
    return runs.stream()
        .sorted(Comparator.comparingDouble(Observation::time))
        .map(run -> number(run.time()) + (run.event() ? "" : "+"))
        .collect(Collectors.joining(" · "));
  }
}
