package dev.groklab.data;

import java.util.Arrays;
import java.util.Locale;

/**
 * Modular addition as two real numbers: a row is a pair (x₁, x₂) of integers in 0 … p−1, as they
 * are, and its target is (x₁ + x₂) mod p. Training rows come first, test rows after them.
 *
 * @param p the modulus
 * @param train number of training rows
 * @param test number of test rows
 * @param features [train + test, 2]; not copied, do not change it
 * @param targets [train + test]; not copied, do not change it
 */
@SuppressWarnings("ArrayRecordComponent") // too large to copy or to compare
public record RawIntegers(int p, int train, int test, float[] features, int[] targets) {

  private static final int MAX_P = 4096; // p² rows are shuffled

  /**
   * Pairs that are all different: the first {@code train + test} of a random permutation of the p²,
   * so that no test pair was trained on.
   *
   * @param p the modulus, 2 … 4096
   * @param train number of training rows, at least 1
   * @param test number of test rows, at least 1
   * @param seed what the permutation depends on
   * @return the rows
   * @throws IllegalArgumentException if a number is out of range, or there are not enough pairs
   */
  public static RawIntegers distinct(int p, int train, int test, long seed) {
    requireSizes(p, train, test);
    int all = p * p;
    if ((long) train + test > all) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d training and %d test rows are more than the %d pairs of numbers below %d",
              train,
              test,
              all,
              p));
    }
    int[] pairs = new int[all];
    Arrays.setAll(pairs, pair -> pair);
    new RandomStream(seed, RandomStream.Purpose.SAMPLES, 0).shuffle(pairs);
    return of(p, train, test, Arrays.copyOf(pairs, train + test));
  }

  /**
   * Pairs drawn one by one with replacement: some are both trained and tested on.
   *
   * @param p the modulus, 2 … 4096
   * @param train number of training rows, at least 1
   * @param test number of test rows, at least 1
   * @param seed what they depend on
   * @return the rows
   * @throws IllegalArgumentException if a number is out of range
   */
  public static RawIntegers drawn(int p, int train, int test, long seed) {
    requireSizes(p, train, test);
    RandomStream stream = new RandomStream(seed, RandomStream.Purpose.SAMPLES, 1);
    int[] pairs = new int[Math.addExact(train, test)];
    Arrays.setAll(pairs, _ -> stream.below(p * p));
    return of(p, train, test, pairs);
  }

  private static void requireSizes(int p, int train, int test) {
    if (p < 2 || p > MAX_P) {
      throw new IllegalArgumentException("the modulus is " + p + "; allowed are 2 to " + MAX_P);
    }
    if (train < 1 || test < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "%d training and %d test rows; both need at least one", train, test));
    }
  }

  private static RawIntegers of(int p, int train, int test, int[] pairs) {
    float[] features = new float[2 * pairs.length];
    int[] targets = new int[pairs.length];
    for (int row = 0; row < pairs.length; row++) {
      int first = pairs[row] / p;
      int second = pairs[row] % p;
      features[2 * row] = first;
      features[2 * row + 1] = second;
      targets[row] = (first + second) % p;
    }
    return new RawIntegers(p, train, test, features, targets);
  }

  /**
   * How many test rows are a training row's pair.
   *
   * @return 0 … test
   */
  public int testRowsTrainedOn() {
    boolean[] trained = new boolean[p * p];
    for (int row = 0; row < train; row++) {
      trained[pair(row)] = true;
    }
    int count = 0;
    for (int row = train; row < train + test; row++) {
      count += trained[pair(row)] ? 1 : 0;
    }
    return count;
  }

  private int pair(int row) {
    int first = (int) features[2 * row];
    int second = (int) features[2 * row + 1];
    return first * p + second;
  }

  /** The sizes; thousands of numbers would help nobody. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "RawIntegers[p=%d, %d training and %d test rows]", p, train, test);
  }
}
