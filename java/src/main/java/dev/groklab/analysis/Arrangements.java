package dev.groklab.analysis;

import dev.groklab.data.RandomStream;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/**
 * The distribution of a statistic when labels are dealt out to runs at random: over all distinct
 * arrangements of the labels if there are few, else over a random sample, whose p-values count the
 * observed arrangement too.
 *
 * @see <a href="https://doi.org/10.2202/1544-6115.1585">Phipson, Smyth: Permutation p-values should
 *     never be zero (2010)</a>
 */
final class Arrangements {

  /** Up to so many arrangements are counted one by one: 12 runs against 12 are 2.7 million. */
  static final long MOST_COUNTED = 1_000_000;

  /** Random arrangements otherwise; a p-value of 0.05 then has a standard error of 0.0007. */
  static final int SAMPLE = 99_999;

  /** Equal up to rounding counts as equal; statistics are of the order of 1. */
  private static final double ROUNDING = 1e-9;

  /**
   * How many arrangements give at least, and at most, what was observed.
   *
   * @param atLeast p-value of large values
   * @param atMost p-value of small values
   */
  record Tails(PValue atLeast, PValue atMost) {}

  private Arrangements() {}

  /** Distinct arrangements of the labels: n! / ∏ nⱼ!, or {@code Long.MAX_VALUE} if it is more. */
  static long count(int[] labels) {
    int[] sorted = labels.clone();
    Arrays.sort(sorted);
    double count = 1;
    int same = 0;
    for (int i = 0; i < sorted.length; i++) {
      same = i > 0 && sorted[i] == sorted[i - 1] ? same + 1 : 1;
      count = count * (i + 1) / same;
    }
    return Math.round(count); // exact where it matters, saturates where it does not
  }

  /** Where the statistic of these labels lies in its distribution. */
  static Tails tails(int[] labels, ToDoubleFunction<int[]> statistic, long seed) {
    double observed = statistic.applyAsDouble(labels);
    double slack = ROUNDING * Math.abs(observed) + ROUNDING / 1000;
    boolean exact = count(labels) <= MOST_COUNTED;
    int[] arrangement = labels.clone();
    long all = 0;
    long above = 0;
    long below = 0;
    if (exact) {
      Arrays.sort(arrangement);
      do {
        double value = statistic.applyAsDouble(arrangement);
        all++;
        above += value >= observed - slack ? 1 : 0;
        below += value <= observed + slack ? 1 : 0;
      } while (next(arrangement));
    } else {
      RandomStream random = new RandomStream(seed, RandomStream.Purpose.PERMUTATION, 0);
      all = SAMPLE + 1;
      above = 1;
      below = 1;
      for (int i = 0; i < SAMPLE; i++) {
        random.shuffle(arrangement);
        double value = statistic.applyAsDouble(arrangement);
        above += value >= observed - slack ? 1 : 0;
        below += value <= observed + slack ? 1 : 0;
      }
    }
    return new Tails(
        new PValue((double) above / all, exact, all), new PValue((double) below / all, exact, all));
  }

  /** The next distinct arrangement in lexicographic order (Knuth, TAOCP 7.2.1.2, algorithm L). */
  private static boolean next(int[] values) {
    int i = values.length - 2;
    while (i >= 0 && values[i] >= values[i + 1]) {
      i--;
    }
    if (i < 0) {
      return false;
    }
    int j = values.length - 1;
    while (values[j] <= values[i]) {
      j--;
    }
    swap(values, i, j);
    for (int low = i + 1, high = values.length - 1; low < high; low++, high--) {
      swap(values, low, high);
    }
    return true;
  }

  private static void swap(int[] values, int i, int j) {
    int value = values[i];
    values[i] = values[j];
    values[j] = value;
  }
}
