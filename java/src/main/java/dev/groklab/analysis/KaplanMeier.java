package dev.groklab.analysis;

import java.util.ArrayList;
import java.util.List;

/**
 * The Kaplan–Meier estimate of S(t), the share of runs that are not there at time t, when some of
 * them are right-censored. A run censored at t still counts as at risk at t.
 *
 * @param steps the distinct times at which runs got there or were censored, ascending
 * @see <a href="https://doi.org/10.1080/01621459.1958.10501452">Kaplan, Meier: Nonparametric
 *     estimation from incomplete observations (JASA 1958)</a>
 */
public record KaplanMeier(List<Step> steps) {

  private static final double ROUNDING = 1e-12;

  /**
   * One time of the curve.
   *
   * @param time the time
   * @param atRisk runs not there and not censored before it
   * @param events runs that got there at it
   * @param censored runs censored at it
   * @param survival S(t), from this time to the next
   * @param greenwood Greenwood's sum Σ d / (n (n − d)) up to this time: the variance of S(t)
   *     divided by S(t)², infinite once all runs are there
   */
  public record Step(
      double time, int atRisk, int events, int censored, double survival, double greenwood) {}

  /**
   * A restricted mean and how exact it is.
   *
   * @param value the mean
   * @param standardError its standard error; too small for a handful of runs
   */
  public record RestrictedMean(double value, double standardError) {}

  /** Copies the list. */
  public KaplanMeier {
    steps = List.copyOf(steps);
  }

  /**
   * Estimates the curve.
   *
   * @param runs the runs, at least one
   * @return the curve
   */
  public static KaplanMeier of(List<Observation> runs) {
    Numbers.requireRuns("the group", runs);
    double[] times = runs.stream().mapToDouble(Observation::time).distinct().sorted().toArray();
    List<Step> steps = new ArrayList<>();
    int atRisk = runs.size();
    double survival = 1;
    double greenwood = 0;
    for (double time : times) {
      int all = (int) runs.stream().filter(run -> run.time() == time).count();
      int events = (int) runs.stream().filter(run -> run.event() && run.time() == time).count();
      survival *= 1 - (double) events / atRisk;
      greenwood += events / ((double) atRisk * (atRisk - events)); // infinite once all are there
      steps.add(new Step(time, atRisk, events, all - events, survival, greenwood));
      atRisk -= all;
    }
    return new KaplanMeier(steps);
  }

  /**
   * S(t), right-continuous. After the last time it stays where it is; if the last run is censored,
   * nothing is known there, so see {@link #knownUntil()}.
   *
   * @param time t
   * @return the share of runs that are not there
   */
  public double survival(double time) {
    Step step = at(time);
    return step == null ? 1 : step.survival();
  }

  /**
   * Until when the curve is known.
   *
   * @return the last time, or infinity if all runs were there by then
   */
  public double knownUntil() {
    Step last = steps.getLast();
    return last.survival() == 0 ? Double.POSITIVE_INFINITY : last.time();
  }

  /**
   * Greenwood's estimate of the variance of S(t).
   *
   * @param time t
   * @return the variance; 0 before the first event, and where all runs are there
   * @see <a href="https://doi.org/10.1007/b97377">Klein, Moeschberger: Survival analysis (2nd ed.,
   *     2003), equation 4.2.2</a>
   */
  public double variance(double time) {
    Step step = at(time);
    return step == null || step.survival() == 0
        ? 0
        : step.survival() * step.survival() * step.greenwood();
  }

  /**
   * Pointwise confidence interval of S(t) by the log(−log) transformation, which respects 0 and 1
   * and keeps its level with samples as small as 25, where the plain one does not; with five runs
   * it is a guide.
   *
   * @param time t
   * @param level as 0.95
   * @return the interval; [0, 1] where the transformation is not defined: before the first event,
   *     and where all runs are there
   * @see <a href="https://doi.org/10.1007/b97377">Klein, Moeschberger (2003), equation 4.3.2</a>
   */
  public Interval interval(double time, double level) {
    double z = Numbers.z(level);
    double survival = survival(time);
    if (survival == 0 || survival == 1) {
      return new Interval(0, 1);
    }
    double log = Math.log(survival);
    double factor = Math.exp(z * Math.sqrt(at(time).greenwood()) / -log);
    return new Interval(Math.exp(log * factor), Math.exp(log / factor));
  }

  /**
   * The time by which at least a share of the runs are there: the least t with S(t) ≤ 1 − share. (R
   * takes the middle of a stretch where S(t) equals 1 − share; this takes its beginning, which is a
   * time that was seen.)
   *
   * @param share as 0.5
   * @return the time, infinite if so many did not get there
   */
  public double quantile(double share) {
    requireShare(share);
    for (Step step : steps) {
      if (step.survival() <= 1 - share + ROUNDING) {
        return step.time();
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  /**
   * The time by which at least half of the runs are there.
   *
   * @return {@code quantile(0.5)}
   */
  public double median() {
    return quantile(0.5);
  }

  /**
   * Brookmeyer's and Crowley's confidence interval of a quantile, with log(−log) transformation:
   * all times at which the {@linkplain #interval(double, double) interval} of S(t) holds 1 − share.
   *
   * @param share as 0.5
   * @param level as 0.95
   * @return the interval, which starts at the first event at the earliest; to infinity if no time
   *     is late enough to be excluded, which is the rule with five runs
   * @see <a href="https://doi.org/10.2307/2530286">Brookmeyer, Crowley: A confidence interval for
   *     the median survival time (Biometrics 1982)</a>
   */
  public Interval quantileInterval(double share, double level) {
    requireShare(share);
    double low = 0;
    boolean excluded = true; // before the first event all runs are surely under way
    for (Step step : steps) {
      if (step.survival() == 1) {
        continue;
      }
      Interval band = interval(step.time(), level);
      if (excluded && band.low() <= 1 - share) {
        low = step.time();
        excluded = false;
      }
      if (step.survival() > 0 && band.high() < 1 - share) {
        return new Interval(low, step.time());
      }
    }
    return new Interval(excluded ? steps.getLast().time() : low, Double.POSITIVE_INFINITY);
  }

  /**
   * {@link #quantileInterval(double, double)} of the median.
   *
   * @param level as 0.95
   * @return the interval
   */
  public Interval medianInterval(double level) {
    return quantileInterval(0.5, level);
  }

  /**
   * Mean time spent until the event or a horizon, whichever is first: the area under S(t) up to the
   * horizon. Unlike the median it exists however few runs get there.
   *
   * @param horizon a time up to which the curve is known
   * @return the mean
   * @throws IllegalArgumentException if the curve ends before the horizon
   * @see <a href="https://doi.org/10.1007/b97377">Klein, Moeschberger (2003), equations 4.5.1 and
   *     4.5.2</a>
   */
  public RestrictedMean restrictedMean(double horizon) {
    if (!(horizon > 0 && horizon <= knownUntil()) || Double.isInfinite(horizon)) {
      throw new IllegalArgumentException(
          "the horizon is "
              + horizon
              + "; a finite number above 0 and up to "
              + knownUntil()
              + " is allowed, where the last run was seen");
    }
    double variance = 0;
    double area = 0; // of the curve from where we are to the horizon, going back
    double end = horizon;
    for (Step step : steps.reversed()) {
      if (step.time() < horizon) {
        area += step.survival() * (end - step.time());
        end = step.time();
        if (step.events() > 0 && step.atRisk() > step.events()) {
          variance +=
              area
                  * area
                  * step.events()
                  / ((double) step.atRisk() * (step.atRisk() - step.events()));
        }
      }
    }
    return new RestrictedMean(area + end, Math.sqrt(variance));
  }

  /** The last step that is not later, null if there is none. */
  private Step at(double time) {
    Step found = null;
    for (Step step : steps) {
      if (step.time() > time) {
        break;
      }
      found = step;
    }
    return found;
  }

  private static void requireShare(double share) {
    if (!(share > 0 && share < 1)) {
      throw new IllegalArgumentException(
          "the share of runs is " + share + "; a number between 0 and 1 is allowed");
    }
  }
}
