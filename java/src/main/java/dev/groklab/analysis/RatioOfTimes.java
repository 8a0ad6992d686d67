package dev.groklab.analysis;

import java.util.Arrays;
import java.util.List;

/**
 * How many times later one group of runs gets there than another: the factor θ for which T₁ and θ
 * T₀ are distributed alike, by Hodges and Lehmann on the logarithms of the times. The estimate is
 * the median of the ratios of all pairs; its interval comes from the exact distribution of the
 * Mann–Whitney statistic, so it keeps its level with any number of runs and any distribution, makes
 * no assumption about hazards, and is [0, ∞] where there are too few runs to say anything (at 0.95
 * with less than four against four). That is why it is preferred here to a ratio of medians with a
 * {@link Bootstrap} interval, which is too narrow for a handful of runs.
 *
 * <p>Censored runs: a ratio with one of them is only known to be above or below a value, one of two
 * of them not at all. The lower end of the interval is made of the least values the ratios can
 * have, the upper end of the greatest. This keeps the level whatever censored the runs, and costs
 * width where many runs of <em>both</em> groups are censored; then ask {@link Superiority}, or
 * compare {@link ShareDifference shares}. Ties count against every claim.
 *
 * @see <a href="https://doi.org/10.1214/aoms/1177704172">Hodges, Lehmann: Estimates of location
 *     based on rank tests (Ann. Math. Stat. 1963)</a>
 */
public final class RatioOfTimes implements Effect {

  private final int first;
  private final int second;
  private final double[] least; // what each ratio is at least, ascending
  private final double[] greatest; // what each ratio is at most, ascending
  private final SubsetSums pairs; // above 1, if the groups did not differ

  private RatioOfTimes(int first, int second, double[] least, double[] greatest) {
    this.first = first;
    this.second = second;
    this.least = least;
    this.greatest = greatest;
    this.pairs = SubsetSums.mannWhitney(first, second);
  }

  /**
   * Compares two groups.
   *
   * @param reference runs whose times are the denominators
   * @param group runs whose times are the numerators
   * @return the ratio: above 1 if the group is later than the reference
   * @throws IllegalArgumentException if a group is empty or a time is 0
   */
  public static RatioOfTimes of(List<Observation> reference, List<Observation> group) {
    require("the reference", reference);
    require("the group", group);
    double[] least = new double[reference.size() * group.size()];
    double[] greatest = new double[least.length];
    int pair = 0;
    for (Observation denominator : reference) {
      for (Observation numerator : group) {
        double ratio = numerator.time() / denominator.time();
        least[pair] = denominator.event() ? ratio : 0;
        greatest[pair] = numerator.event() ? ratio : Double.POSITIVE_INFINITY;
        pair++;
      }
    }
    Arrays.sort(least);
    Arrays.sort(greatest);
    return new RatioOfTimes(reference.size(), group.size(), least, greatest);
  }

  private static void require(String name, List<Observation> runs) {
    Numbers.requireRuns(name, runs);
    if (runs.stream().anyMatch(run -> run.time() == 0)) {
      throw new IllegalArgumentException(
          name + " has a run with time 0; ratios need times above 0");
    }
  }

  @Override
  public Interval estimate() {
    return new Interval(Numbers.median(least), Numbers.median(greatest));
  }

  @Override
  public Interval interval(double level) {
    Numbers.requireLevel(level);
    int out = pairs.leftOut(level);
    return out == 0
        ? new Interval(0, Double.POSITIVE_INFINITY)
        : new Interval(least[out - 1], greatest[greatest.length - out]);
  }

  /** Pairs that are surely above the bound are counted. */
  @Override
  public double pAbove(double bound) {
    return pairs.atLeast(Arrays.stream(least).filter(ratio -> ratio > bound).count());
  }

  /** Pairs that are surely below the bound are counted. */
  @Override
  public double pBelow(double bound) {
    return pairs.atLeast(Arrays.stream(greatest).filter(ratio -> ratio < bound).count());
  }

  @Override
  public double leastPAbove(double bound) {
    return SubsetSums.leastTail(first, second);
  }

  @Override
  public double leastPBelow(double bound) {
    return SubsetSums.leastTail(first, second);
  }

  @Override
  public int seeds() {
    return Math.min(first, second);
  }
}
