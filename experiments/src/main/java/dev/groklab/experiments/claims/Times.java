package dev.groklab.experiments.claims;

import dev.groklab.analysis.Observation;
import dev.groklab.experiments.table.RunRecord;
import dev.groklab.run.MetricsRow;
import dev.groklab.run.Status;
import dev.groklab.run.Summary;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;

/**
 * Steps until a run fits and generalizes: the first of five evaluations in a row with accuracy ≥
 * 0.99, as {@code --until grok} has it, so that runs that stop there and runs that go on are
 * measured alike. A run that never gets there is censored at its last step; one that diverged, at
 * the last that it was to make.
 */
public final class Times {

  /** Evaluations in a row that have to be good. */
  static final int HELD = 5;

  private Times() {}

  /**
   * Steps until it generalizes.
   *
   * @param run a complete run
   * @return the steps, or those made in vain
   */
  public static Observation generalization(RunRecord run) {
    return observation(run, learnt(run, MetricsRow::validationAccuracy));
  }

  /**
   * Steps until it fits its training data.
   *
   * @param run a complete run
   * @return the steps, or those made in vain
   */
  public static Observation fit(RunRecord run) {
    return observation(run, learnt(run, MetricsRow::trainAccuracy));
  }

  /** Steps from fitting to generalizing; less than one evaluation's distance counts as that. */
  static Observation delay(RunRecord run) {
    OptionalLong fit = learnt(run, MetricsRow::trainAccuracy);
    OptionalLong generalization = learnt(run, MetricsRow::validationAccuracy);
    double least = run.config().evalEvery();
    if (fit.isEmpty()) {
      return Observation.censored(least);
    }
    return generalization.isPresent()
        ? Observation.reached(
            Math.max(least, (double) (generalization.getAsLong() - fit.getAsLong())))
        : Observation.censored(Math.max(least, (double) (made(run) - fit.getAsLong())));
  }

  /** The step from which on it generalizes, empty if it does not. */
  static OptionalLong step(RunRecord run) {
    return learnt(run, MetricsRow::validationAccuracy);
  }

  private static Observation observation(RunRecord run, OptionalLong step) {
    return step.isPresent()
        ? Observation.reached((double) step.getAsLong())
        : Observation.censored((double) made(run));
  }

  /** The steps that a run made; a diverged run gets nowhere in those that it has left. */
  static long made(RunRecord run) {
    return run.summary().status() == Status.DIVERGED
        ? run.config().steps()
        : Math.max(1, run.summary().steps());
  }

  private static OptionalLong learnt(RunRecord run, ToDoubleFunction<MetricsRow> accuracy) {
    List<MetricsRow> rows = run.metrics();
    int good = 0;
    for (int i = 0; i < rows.size(); i++) {
      good = accuracy.applyAsDouble(rows.get(i)) >= Summary.LEARNT ? good + 1 : 0;
      if (good == HELD) {
        return OptionalLong.of(rows.get(i - HELD + 1).step());
      }
    }
    return OptionalLong.empty();
  }
}
