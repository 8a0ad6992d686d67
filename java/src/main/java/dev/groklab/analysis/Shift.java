package dev.groklab.analysis;

import java.util.Arrays;

/**
 * How much larger the values of one group are than those of another, for what is never censored:
 * accuracies, delays, smoothness. The estimate is Hodges' and Lehmann's, the median of all
 * differences; {@code p(0)} is the exact Mann–Whitney (Wilcoxon rank-sum) test, ties included, by
 * counting all ways to deal the ranks out; the interval inverts that test (and is conservative with
 * ties). Nothing is assumed but that the distributions differ by a shift.
 *
 * @see <a href="https://doi.org/10.1214/aoms/1177730491">Mann, Whitney: On a test of whether one of
 *     two random variables is stochastically larger than the other (Ann. Math. Stat. 1947)</a>
 * @see <a href="https://doi.org/10.1214/aoms/1177704172">Hodges, Lehmann: Estimates of location
 *     based on rank tests (Ann. Math. Stat. 1963)</a>
 */
public final class Shift implements Effect {

  private final double[] reference;
  private final double[] group;
  private final double[] differences; // ascending

  private Shift(double[] reference, double[] group) {
    this.reference = reference.clone();
    this.group = group.clone();
    this.differences = new double[reference.length * group.length];
    int pair = 0;
    for (double from : reference) {
      for (double to : group) {
        differences[pair++] = to - from;
      }
    }
    Arrays.sort(differences);
  }

  /**
   * Compares two groups.
   *
   * @param reference values that are subtracted
   * @param group values that they are subtracted from
   * @return the shift: positive if the group has the larger values
   */
  public static Shift of(double[] reference, double[] group) {
    Numbers.requireSample("the reference", reference, 1);
    Numbers.requireSample("the group", group, 1);
    return new Shift(reference, group);
  }

  /**
   * The Mann–Whitney statistic: pairs in which the group's value is the larger one, and half of
   * those in which both are equal.
   *
   * @return U of the group
   */
  public double u() {
    double u = 0;
    for (double difference : differences) {
      u += difference > 0 ? 1 : difference == 0 ? 0.5 : 0;
    }
    return u;
  }

  @Override
  public Interval estimate() {
    return Interval.point(Numbers.median(differences));
  }

  @Override
  public Interval interval(double level) {
    Numbers.requireLevel(level);
    int out = SubsetSums.mannWhitney(reference.length, group.length).leftOut(level);
    return out == 0
        ? new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY)
        : new Interval(differences[out - 1], differences[differences.length - out]);
  }

  @Override
  public double pAbove(double bound) {
    Ranked ranked = ranked(bound);
    return ranked.sums.atLeast(ranked.sum);
  }

  @Override
  public double pBelow(double bound) {
    Ranked ranked = ranked(bound);
    return ranked.sums.atMost(ranked.sum);
  }

  /**
   * Where the rank sum of the group lies.
   *
   * @param sums its distribution if the groups differed by the bound
   * @param sum what it is
   */
  private record Ranked(SubsetSums sums, long sum) {}

  private Ranked ranked(double bound) {
    double[] all = Arrays.copyOf(reference, reference.length + group.length);
    for (int i = 0; i < group.length; i++) {
      all[reference.length + i] = group[i] - bound;
    }
    int[] ranks = Numbers.doubledRanks(all);
    long sum = Arrays.stream(ranks, reference.length, ranks.length).sum();
    return new Ranked(SubsetSums.ofSize(ranks, group.length), sum);
  }

  @Override
  public double leastPAbove(double bound) {
    return SubsetSums.leastTail(reference.length, group.length);
  }

  @Override
  public double leastPBelow(double bound) {
    return SubsetSums.leastTail(reference.length, group.length);
  }

  @Override
  public int seeds() {
    return Math.min(reference.length, group.length);
  }
}
