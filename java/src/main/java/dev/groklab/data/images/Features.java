package dev.groklab.data.images;

/**
 * Images as a network reads them: {@code (x/255 − 0.5)/0.5} of every colour of every pixel, −1 to
 * 1. The rows are the training images, the same flipped left to right, and the test images, which
 * no one flips: row i + {@link #train()} is training row i flipped, as {@link
 * dev.groklab.data.BatchOrder#flipped} wants it.
 *
 * @param train number of training images
 * @param test number of test images
 * @param values [2·train + test, 3, 32, 32]
 * @param targets [2·train + test] classes; not copied, do not change it
 */
@SuppressWarnings("ArrayRecordComponent") // too large to copy or to compare
public record Features(int train, int test, float[] values, int[] targets) {

  /**
   * Lays images out.
   *
   * @param train the training images, at least one
   * @param test the test images, at least one
   * @return the rows
   * @throws IllegalArgumentException if they are more than a Java array can hold
   */
  public static Features of(Images train, Images test) {
    int rows;
    float[] values;
    try {
      rows = Math.addExact(Math.multiplyExact(2, train.count()), test.count());
      values = new float[Math.multiplyExact(rows, Images.PIXELS)];
    } catch (ArithmeticException _) {
      throw new IllegalArgumentException(
          train.count() + " + " + test.count() + " images are too many for an array");
    }
    int[] targets = new int[rows];
    int row = 0;
    row = put(train, false, row, values, targets);
    row = put(train, true, row, values, targets);
    put(test, false, row, values, targets);
    return new Features(train.count(), test.count(), values, targets);
  }

  /** Writes images from a row on; returns the next row. */
  private static int put(Images images, boolean flipped, int row, float[] values, int[] targets) {
    int next = row;
    for (int i = 0; i < images.count(); i++) {
      targets[next] = images.label(i);
      int at = next * Images.PIXELS;
      for (int channel = 0; channel < Images.CHANNELS; channel++) {
        for (int y = 0; y < Images.SIZE; y++) {
          for (int x = 0; x < Images.SIZE; x++) {
            int column = flipped ? Images.SIZE - 1 - x : x;
            values[at++] = (images.pixel(i, channel, y, column) / 255f - 0.5f) / 0.5f;
          }
        }
      }
      next++;
    }
    return next;
  }

  /**
   * Numbers of the training rows, not flipped.
   *
   * @param train number of training images
   * @return 0 … train−1
   */
  public static int[] trainRows(int train) {
    return range(0, train);
  }

  /**
   * Numbers of the test rows.
   *
   * @param train number of training images
   * @param test number of test images
   * @return 2·train … 2·train + test − 1
   */
  public static int[] testRows(int train, int test) {
    return range(2 * train, test);
  }

  private static int[] range(int first, int count) {
    int[] rows = new int[count];
    for (int i = 0; i < count; i++) {
      rows[i] = first + i;
    }
    return rows;
  }

  /** The sizes; millions of numbers would help nobody. */
  @Override
  public String toString() {
    return "Features[" + train + " training and " + test + " test images]";
  }
}
