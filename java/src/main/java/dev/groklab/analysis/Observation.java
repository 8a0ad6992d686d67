package dev.groklab.analysis;

import dev.groklab.run.Summary;
import java.util.List;
import java.util.OptionalLong;

/**
 * How long one run took to reach something, or how long it went on without reaching it: then it is
 * <em>right-censored</em>, and all that is known of its time is that it is longer.
 *
 * <p>Two things to know about times of runs. They are seen at evaluations only, so an event at step
 * <i>s</i> happened after the evaluation before <i>s</i>; and censoring must have nothing to do
 * with the time that is cut off, which holds for a budget of steps, but not for a run that somebody
 * stopped because it looked hopeless.
 *
 * @param time steps until the event, or steps made without it
 * @param event whether it was reached
 */
public record Observation(double time, boolean event) {

  /** Checks the time. */
  public Observation {
    if (!(time >= 0) || Double.isInfinite(time)) {
      throw new IllegalArgumentException(
          "the time of a run is " + time + "; a finite number that is at least 0 is allowed");
    }
  }

  /**
   * A run that got there.
   *
   * @param time steps until it did
   * @return the observation
   */
  public static Observation reached(double time) {
    return new Observation(time, true);
  }

  /**
   * A run that did not get there.
   *
   * @param time steps made
   * @return the observation
   */
  public static Observation censored(double time) {
    return new Observation(time, false);
  }

  /**
   * Steps until a run generalized for good: {@link Summary#validationStep99()}. A run that has not
   * is censored at its last step. Compare runs that had the same reason to stop: one that stops
   * once it groks has no time to lose what it learnt.
   *
   * @param summary what became of the run
   * @return the observation
   */
  public static Observation generalization(Summary summary) {
    return of(summary.validationStep99(), summary.steps());
  }

  /**
   * Steps until a run fitted its training data for good: {@link Summary#trainStep99()}.
   *
   * @param summary what became of the run
   * @return the observation
   */
  public static Observation fit(Summary summary) {
    return of(summary.trainStep99(), summary.steps());
  }

  private static Observation of(OptionalLong step, long steps) {
    return step.isPresent() ? reached((double) step.getAsLong()) : censored((double) steps);
  }

  /**
   * What would have been seen with a smaller budget. Groups that ran for different numbers of steps
   * are comparable once they are cut at the smallest.
   *
   * @param budget steps
   * @return this observation, censored at the budget if it is later
   */
  public Observation cutAt(double budget) {
    return time > budget ? censored(budget) : this;
  }

  /**
   * {@link #cutAt(double)} of a whole group.
   *
   * @param group the observations
   * @param budget steps
   * @return them, cut
   */
  public static List<Observation> cutAt(List<Observation> group, double budget) {
    return group.stream().map(observation -> observation.cutAt(budget)).toList();
  }

  /** Whether it is certain that this run was earlier; equal times are not. */
  boolean surelyBefore(Observation other) {
    return event && (time < other.time || (time == other.time && !other.event));
  }
}
