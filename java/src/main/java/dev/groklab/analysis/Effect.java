package dev.groklab.analysis;

/**
 * How much something matters: a number that two groups, or a proportion, or a trend have, with a
 * confidence interval and p-values that go with it.
 */
public interface Effect {

  /**
   * The estimate.
   *
   * @return a point; or, where censoring leaves it open, the interval in which it lies
   */
  Interval estimate();

  /**
   * A two-sided confidence interval.
   *
   * @param level as 0.95
   * @return the interval; infinite ends, or the ends of what is possible, if there are too few runs
   */
  Interval interval(double level);

  /**
   * One-sided p-value of the claim that the effect is larger than a bound.
   *
   * @param bound the bound
   * @return the probability of a result at least as large if the effect were the bound
   * @throws IllegalArgumentException if this effect cannot be tested against that bound
   */
  double pAbove(double bound);

  /**
   * One-sided p-value of the claim that the effect is smaller than a bound.
   *
   * @param bound the bound
   * @return the probability of a result at least as small if the effect were the bound
   * @throws IllegalArgumentException if this effect cannot be tested against that bound
   */
  double pBelow(double bound);

  /**
   * Two-sided p-value of the claim that the effect is not the bound.
   *
   * @param bound the bound
   * @return twice the smaller of the one-sided ones, 1 at most
   */
  default double p(double bound) {
    return Math.min(1, 2 * Math.min(pAbove(bound), pBelow(bound)));
  }

  /**
   * The least value of {@link #pAbove(double)} that so many runs can give, whatever they show.
   *
   * @param bound the bound
   * @return the p-value
   */
  double leastPAbove(double bound);

  /**
   * The least value of {@link #pBelow(double)} that so many runs can give, whatever they show.
   *
   * @param bound the bound
   * @return the p-value
   */
  double leastPBelow(double bound);

  /**
   * How many seeds speak for it.
   *
   * @return runs, or pairs of them, in the smaller group
   */
  int seeds();
}
