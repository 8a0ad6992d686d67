package dev.groklab.analysis;

import java.util.ArrayList;
import java.util.List;

/**
 * The probability that a run of one group gets there before a run of another within a horizon, plus
 * half the probability that they do so together or neither does: ½ if the groups do not differ. It
 * needs no model, and says something where most runs never get there.
 *
 * <p>The horizon is the last time up to which both survival curves are known. The estimate is
 * Efron's, of both {@linkplain KaplanMeier curves}; where nothing is censored before the horizon
 * that is the Mann–Whitney statistic divided by the number of pairs. The p-value is Gehan's test by
 * exact permutation, under the same condition as that of {@link LogRank}. The interval is
 * Newcombe's method 5. Unlike those made of a standard error it says something when the groups do
 * not overlap at all; with five runs a group, 94 to 97% of nominal 95% intervals hold the truth
 * (see {@code TimesTest}). Runs censored before the horizon do not count for its width.
 *
 * @see <a href="https://doi.org/10.1093/biomet/52.1-2.203">Gehan: A generalized Wilcoxon test for
 *     comparing arbitrarily singly-censored samples (Biometrika 1965)</a>
 * @see <a href="https://projecteuclid.org/euclid.bsmsp/1200513831">Efron: The two sample problem
 *     with censored data (5th Berkeley Symposium, 1967)</a>
 * @see <a href="https://doi.org/10.1002/sim.2324">Newcombe: Confidence intervals for an effect size
 *     measure based on the Mann–Whitney statistic, part 2 (Stat. Med. 2006)</a>
 */
public final class Superiority implements Effect {

  private static final double NEUTRAL = 0.5;
  private static final int HALVINGS = 100;

  private final int first;
  private final int second;
  private final double horizon;
  private final double probability;
  private final int firstInformed;
  private final int secondInformed;
  private final SubsetSums scores; // of the reference, if the groups did not differ
  private final long score;

  private Superiority(List<Observation> reference, List<Observation> group) {
    first = reference.size();
    second = group.size();
    KaplanMeier firstCurve = KaplanMeier.of(reference);
    KaplanMeier secondCurve = KaplanMeier.of(group);
    horizon = Math.min(firstCurve.knownUntil(), secondCurve.knownUntil());
    probability = efron(firstCurve, secondCurve, horizon);
    firstInformed = informed(reference, horizon);
    secondInformed = informed(group, horizon);

    List<Observation> runs = new ArrayList<>(Observation.cutAt(reference, horizon));
    runs.addAll(Observation.cutAt(group, horizon));
    int[] gehan = runs.stream().mapToInt(run -> gehan(run, runs)).toArray();
    scores = SubsetSums.ofSize(gehan, reference.size());
    long sum = 0;
    for (int i = 0; i < reference.size(); i++) {
      sum += gehan[i];
    }
    score = sum;
  }

  /**
   * Compares two groups.
   *
   * @param reference runs whose being earlier is the superiority
   * @param group runs that they are compared with
   * @return the probability: above ½ if the reference is earlier, the group later
   */
  public static Superiority of(List<Observation> reference, List<Observation> group) {
    Numbers.requireRuns("the reference", reference);
    Numbers.requireRuns("the group", group);
    return new Superiority(reference, group);
  }

  /** Runs that are surely later, minus runs that are surely earlier. */
  private static int gehan(Observation run, List<Observation> runs) {
    int score = 0;
    for (Observation other : runs) {
      score += run.surelyBefore(other) ? 1 : 0;
      score -= other.surelyBefore(run) ? 1 : 0;
    }
    return score;
  }

  private static int informed(List<Observation> runs, double horizon) {
    return (int) runs.stream().filter(run -> run.event() || run.time() >= horizon).count();
  }

  private static double efron(KaplanMeier first, KaplanMeier second, double horizon) {
    double before = 1;
    double probability = 0;
    for (KaplanMeier.Step step : first.steps()) {
      if (step.time() <= horizon && step.events() > 0) {
        double later = second.survival(step.time());
        double together = second.survival(Math.nextDown(step.time())) - later;
        probability += (before - step.survival()) * (later + together / 2);
        before = step.survival();
      }
    }
    return probability + before * second.survival(horizon) / 2;
  }

  /**
   * Until when the groups are compared.
   *
   * @return the horizon, infinite if no censoring gets in the way
   */
  public double horizon() {
    return horizon;
  }

  @Override
  public Interval estimate() {
    return Interval.point(probability);
  }

  @Override
  public Interval interval(double level) {
    double z = Numbers.z(level);
    if (firstInformed == 0 || secondInformed == 0) {
      return new Interval(0, 1);
    }
    return new Interval(limit(z, 0), limit(z, 1));
  }

  /** The probability farthest to an end from which the estimate is still within z deviations. */
  private double limit(double z, double end) {
    double inside = probability;
    double outside = end;
    if (within(outside, z)) {
      return end;
    }
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (inside + outside) / 2;
      if (within(middle, z)) {
        inside = middle;
      } else {
        outside = middle;
      }
    }
    return inside;
  }

  private boolean within(double p, double z) {
    double others = (firstInformed + secondInformed) / 2.0 - 1;
    double variance =
        p
            * (1 - p)
            * (1 + others * (1 - p) / (2 - p) + others * p / (1 + p))
            / ((double) firstInformed * secondInformed);
    return Math.abs(p - probability) <= z * Math.sqrt(variance);
  }

  /** Only against ½. */
  @Override
  public double pAbove(double bound) {
    requireNeutral(bound);
    return scores.atLeast(score);
  }

  /** Only against ½. */
  @Override
  public double pBelow(double bound) {
    requireNeutral(bound);
    return scores.atMost(score);
  }

  @Override
  public double leastPAbove(double bound) {
    requireNeutral(bound);
    return SubsetSums.leastTail(first, second);
  }

  @Override
  public double leastPBelow(double bound) {
    requireNeutral(bound);
    return SubsetSums.leastTail(first, second);
  }

  private static void requireNeutral(double bound) {
    if (bound != NEUTRAL) {
      throw new IllegalArgumentException(
          "a probability of superiority is tested against 0.5, not against " + bound);
    }
  }

  @Override
  public int seeds() {
    return Math.min(first, second);
  }
}
