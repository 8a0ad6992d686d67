package dev.groklab.analysis;

import java.util.Arrays;
import java.util.List;

/**
 * Whether values rise or fall along a scale: Spearman's rank correlation ρ with p-values by
 * permutation (exact up to a million arrangements) and the interval of Bonett and Wright, which is
 * an approximation and, below four values, everything. For times, see {@link LogRankTrend} too.
 *
 * @see <a href="https://doi.org/10.2307/1412159">Spearman: The proof and measurement of association
 *     between two things (Am. J. Psychol. 1904)</a>
 * @see <a href="https://doi.org/10.1007/BF02294183">Bonett, Wright: Sample size requirements for
 *     estimating Pearson, Kendall and Spearman correlations (Psychometrika 2000)</a>
 */
public final class RankCorrelation implements Effect {

  private static final int LEAST_FOR_INTERVAL = 4;

  private final int values;
  private final double rho;
  private final double leastP;
  private final Arrangements.Tails tails;

  private RankCorrelation(double[] scale, double[] values, long seed) {
    this.values = values.length;
    int[] x = centred(scale);
    int[] y = centred(values);
    double spread = Math.sqrt(dot(x, x)) * Math.sqrt(dot(y, y));
    rho = spread == 0 ? 0 : Math.max(-1, Math.min(1, dot(x, y) / spread));
    leastP = 1.0 / Arrangements.count(x);
    tails = Arrangements.tails(x, labels -> dot(labels, y), seed);
  }

  /**
   * Correlates values with a scale.
   *
   * @param scale where each value belongs, not all the same
   * @param values the values; if all are the same, ρ is taken as 0
   * @param seed of the random permutations, which are drawn where there are more than a million
   * @return the correlation: positive if values rise along the scale
   */
  public static RankCorrelation of(double[] scale, double[] values, long seed) {
    Numbers.requireSample("the scale", scale, 2);
    Numbers.requireSample("the sample", values, 2);
    if (scale.length != values.length) {
      throw new IllegalArgumentException(
          values.length + " values need as many places on the scale, not " + scale.length);
    }
    if (Arrays.stream(scale).distinct().count() == 1) {
      throw new IllegalArgumentException(
          "the scale is " + scale[0] + " everywhere; different places are needed");
    }
    return new RankCorrelation(scale, values, seed);
  }

  /**
   * Correlates times with a scale. Runs that did not get there are the latest and equal to each
   * other, so they must have gone on for as long as any of the others took.
   *
   * @param scale where each run belongs, not all the same
   * @param runs the runs
   * @param seed of the random permutations, which are drawn where there are more than a million
   * @return the correlation: positive if runs get there later along the scale
   * @throws IllegalArgumentException if a run was censored before another got there, see {@link
   *     Observation#cutAt(List, double)}
   */
  public static RankCorrelation ofTimes(double[] scale, List<Observation> runs, long seed) {
    double last =
        runs.stream().filter(Observation::event).mapToDouble(Observation::time).max().orElse(0);
    for (Observation run : runs) {
      if (!run.event() && run.time() < last) {
        throw new IllegalArgumentException(
            "a run was censored at "
                + run.time()
                + ", before another got there at "
                + last
                + "; cut all runs at the smallest budget first");
      }
    }
    double never = Math.nextUp(last);
    return of(
        scale, runs.stream().mapToDouble(run -> run.event() ? run.time() : never).toArray(), seed);
  }

  /** Doubled ranks minus their mean. */
  private static int[] centred(double[] values) {
    int mean = values.length + 1; // of the doubled ranks
    return Arrays.stream(Numbers.doubledRanks(values)).map(rank -> rank - mean).toArray();
  }

  private static double dot(int[] x, int[] y) {
    long sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (long) x[i] * y[i];
    }
    return sum;
  }

  @Override
  public Interval estimate() {
    return Interval.point(rho);
  }

  @Override
  public Interval interval(double level) {
    double z = Numbers.z(level);
    if (values < LEAST_FOR_INTERVAL) {
      return new Interval(-1, 1);
    }
    // At ±1 the formula would claim certainty: there, as if two neighbours had changed places.
    double most = 1 - 12.0 / ((double) values * values * values - values);
    double r = Math.max(-most, Math.min(most, rho));
    double centre = Math.log((1 + r) / (1 - r)) / 2;
    double half = z * Math.sqrt((1 + r * r / 2) / (values - 3));
    return new Interval(
        rho == -1 ? -1 : Math.tanh(centre - half), rho == 1 ? 1 : Math.tanh(centre + half));
  }

  /** Only against 0. */
  @Override
  public double pAbove(double bound) {
    requireNeutral(bound);
    return tails.atLeast().value();
  }

  /** Only against 0. */
  @Override
  public double pBelow(double bound) {
    requireNeutral(bound);
    return tails.atMost().value();
  }

  /**
   * Whether all permutations were counted, else a random sample of them.
   *
   * @return whether the p-values are exact
   */
  public boolean isExact() {
    return tails.atLeast().exact();
  }

  @Override
  public double leastPAbove(double bound) {
    requireNeutral(bound);
    return leastP;
  }

  @Override
  public double leastPBelow(double bound) {
    requireNeutral(bound);
    return leastP;
  }

  private static void requireNeutral(double bound) {
    if (bound != 0) {
      throw new IllegalArgumentException(
          "a rank correlation is tested against 0, not against " + bound);
    }
  }

  @Override
  public int seeds() {
    return values;
  }
}
