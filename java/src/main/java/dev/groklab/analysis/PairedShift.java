package dev.groklab.analysis;

import java.util.Arrays;

/**
 * How much larger the values of runs are than those of runs with the same seeds, pair by pair. The
 * estimate is Hodges' and Lehmann's, the median of the means of all pairs of differences (Walsh
 * averages); {@code p(bound)} is the exact Wilcoxon signed-rank test, ties included, by counting
 * all ways to deal the signs out; the interval inverts it (and is conservative with ties).
 * Differences equal to the bound say nothing for either side and are left out, as Wilcoxon did.
 * Assumed is that the differences are symmetric about their centre.
 *
 * @see <a href="https://doi.org/10.2307/3001968">Wilcoxon: Individual comparisons by ranking
 *     methods (Biometrics 1945)</a>
 * @see <a href="https://doi.org/10.1214/aoms/1177704172">Hodges, Lehmann: Estimates of location
 *     based on rank tests (Ann. Math. Stat. 1963)</a>
 */
public final class PairedShift implements Effect {

  private final double[] differences;
  private final double[] walsh; // ascending

  private PairedShift(double[] differences) {
    this.differences = differences;
    int n = differences.length;
    walsh = new double[n * (n + 1) / 2];
    int pair = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        walsh[pair++] = differences[i] / 2 + differences[j] / 2;
      }
    }
    Arrays.sort(walsh);
  }

  /**
   * Compares pairs.
   *
   * @param reference values that are subtracted, by seed
   * @param group values that they are subtracted from, of the same seeds in the same order
   * @return the shift: positive if the group has the larger values
   */
  public static PairedShift of(double[] reference, double[] group) {
    Numbers.requireSample("the reference", reference, 1);
    Numbers.requireSample("the group", group, 1);
    if (reference.length != group.length) {
      throw new IllegalArgumentException(
          "pairs need as many values in the group as in the reference, not "
              + group.length
              + " and "
              + reference.length);
    }
    double[] differences = new double[group.length];
    Arrays.setAll(differences, i -> group[i] - reference[i]);
    return new PairedShift(differences);
  }

  /**
   * Wilcoxon's statistic: the sum of the ranks of the positive differences.
   *
   * @return V, often called T⁺
   */
  public double v() {
    return signed(0).sum / 2.0;
  }

  @Override
  public Interval estimate() {
    return Interval.point(Numbers.median(walsh));
  }

  @Override
  public Interval interval(double level) {
    Numbers.requireLevel(level);
    int[] ranks = new int[differences.length];
    Arrays.setAll(ranks, i -> i + 1);
    int out = SubsetSums.ofAnySize(ranks).leftOut(level);
    return out == 0
        ? new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY)
        : new Interval(walsh[out - 1], walsh[walsh.length - out]);
  }

  @Override
  public double pAbove(double bound) {
    Signed signed = signed(bound);
    return signed.sums.atLeast(signed.sum);
  }

  @Override
  public double pBelow(double bound) {
    Signed signed = signed(bound);
    return signed.sums.atMost(signed.sum);
  }

  /**
   * Where the doubled sum of the ranks of the positive differences lies.
   *
   * @param sums its distribution if the differences were symmetric about the bound
   * @param sum what it is
   */
  private record Signed(SubsetSums sums, long sum) {}

  private Signed signed(double bound) {
    double[] rest =
        Arrays.stream(differences)
            .map(value -> value - bound)
            .filter(value -> value != 0)
            .toArray();
    if (rest.length == 0) {
      return new Signed(SubsetSums.ofAnySize(new int[0]), 0);
    }
    int[] ranks = Numbers.doubledRanks(Arrays.stream(rest).map(Math::abs).toArray());
    long sum = 0;
    for (int i = 0; i < rest.length; i++) {
      sum += rest[i] > 0 ? ranks[i] : 0;
    }
    return new Signed(SubsetSums.ofAnySize(ranks), sum);
  }

  @Override
  public double leastPAbove(double bound) {
    return Math.scalb(1.0, -differences.length);
  }

  @Override
  public double leastPBelow(double bound) {
    return Math.scalb(1.0, -differences.length);
  }

  @Override
  public int seeds() {
    return differences.length;
  }
}
