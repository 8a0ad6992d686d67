package dev.groklab.data;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * Random labels for some of the training rows, after Zhang, Bengio, Hardt, Recht, Vinyals,
 * "Understanding deep learning requires rethinking generalization" (ICLR 2017): a chosen row is
 * trained on with a label drawn from all classes, which may happen to be its own. {@link
 * NoisyTable} makes rows of them. The arrays are not copied, neither in nor out; do not change
 * them.
 *
 * @param rows numbers of the chosen rows in the canonical table, ascending
 * @param labels [rows] the label of each
 */
@SuppressWarnings("ArrayRecordComponent") // too large to copy or to compare
public record LabelNoise(int[] rows, int[] labels) {

  /**
   * Checks that the arrays fit each other.
   *
   * @throws IllegalArgumentException if there are more rows than labels or fewer, or the rows are
   *     not ascending
   */
  public LabelNoise {
    Objects.requireNonNull(rows, "rows");
    Objects.requireNonNull(labels, "labels");
    if (rows.length != labels.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "%d rows need as many labels, not %d", rows.length, labels.length));
    }
    for (int i = 1; i < rows.length; i++) {
      if (rows[i - 1] >= rows[i]) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "noisy row %d comes after row %d; ascending rows are needed",
                rows[i],
                rows[i - 1]));
      }
    }
  }

  /**
   * Random labels for ⌊share · rows⌋ of the training rows. The share counts as the decimal number
   * that it is written as. With a larger share, more rows are chosen and those of the smaller keep
   * their labels. The order of the training rows does not matter.
   *
   * @param train numbers of the training rows, each once; not changed
   * @param share which part of them gets a random label, 0 … 1; 0: none, 1: all
   * @param classes number of classes that labels are drawn from, as {@link Task#classes()}
   * @param seed what the choice and the labels depend on
   * @return the noise
   * @throws IllegalArgumentException if an argument is outside what is allowed, or a training row
   *     comes twice
   */
  public static LabelNoise random(int[] train, double share, int classes, long seed) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "the share of random labels is " + share + "; a number from 0 to 1 is allowed");
    }
    if (classes < 1) {
      throw new IllegalArgumentException(
          "labels cannot be drawn from " + classes + " classes; at least 1 is needed");
    }
    int[] order = train.clone();
    Arrays.sort(order);
    for (int i = 1; i < order.length; i++) {
      if (order[i - 1] == order[i]) {
        throw new IllegalArgumentException("training row " + order[i] + " is given twice");
      }
    }
    new RandomStream(seed, RandomStream.Purpose.NOISE, 0).shuffle(order);
    RandomStream stream = new RandomStream(seed, RandomStream.Purpose.LABELS, 0);
    long[] drawn = new long[Shares.floor(share, train.length)]; // row, label: sorts by row
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = (long) order[i] << 32 | stream.below(classes);
    }
    Arrays.sort(drawn);
    return new LabelNoise(
        Arrays.stream(drawn).mapToInt(pair -> (int) (pair >> 32)).toArray(),
        Arrays.stream(drawn).mapToInt(pair -> (int) pair).toArray());
  }

  /** The size; thousands of labels would help nobody. */
  @Override
  public String toString() {
    return "LabelNoise[" + rows.length + " rows]";
  }
}
