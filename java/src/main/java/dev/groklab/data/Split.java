package dev.groklab.data;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * A table's rows divided into those that are trained on and those that are only evaluated. The
 * arrays are not copied, neither in nor out; do not change them.
 *
 * @param train numbers of the training rows, at least one
 * @param validation numbers of the validation rows, at least one
 */
@SuppressWarnings("ArrayRecordComponent") // too large to copy or to compare
public record Split(int[] train, int[] validation) {

  /** Tables of up to so many rows are evaluated whole. */
  public static final int WHOLE_TABLE_ROWS = 65_536;

  /** Rows of each split that are evaluated when the table is larger. */
  public static final int EVALUATION_ROWS = 16_384;

  /**
   * Refuses an empty side.
   *
   * @throws IllegalArgumentException if there is no training row or no validation row
   */
  public Split {
    Objects.requireNonNull(train, "train");
    Objects.requireNonNull(validation, "validation");
    if (train.length == 0 || validation.length == 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a split into %d training and %d validation rows; both need at least one",
              train.length,
              validation.length));
    }
  }

  /**
   * A random split: the first ⌊fraction · rows⌋ rows of a random permutation are trained on. The
   * fraction counts as the decimal number that it is written as, so that 0.7 of 10 rows are 7.
   *
   * @param rows rows of the table
   * @param trainFraction α, above 0 and below 1
   * @param seed what the permutation depends on
   * @return the split
   * @throws IllegalArgumentException if the fraction is outside what is allowed or leaves a side
   *     empty
   */
  public static Split random(int rows, double trainFraction, long seed) {
    requireRows(rows);
    if (!(trainFraction > 0 && trainFraction < 1)) {
      throw new IllegalArgumentException(
          "the training fraction is "
              + trainFraction
              + "; a number above 0 and below 1 is allowed");
    }
    int trained = Shares.floor(trainFraction, rows);
    if (trained == 0) { // ⌊α·rows⌋ < rows for α < 1, so only this side can be empty
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a training fraction of %s of %d rows leaves no row to train on",
              trainFraction,
              rows));
    }
    int[] order = new int[rows];
    Arrays.setAll(order, row -> row);
    new RandomStream(seed, RandomStream.Purpose.SPLIT, 0).shuffle(order);
    return new Split(
        Arrays.copyOfRange(order, 0, trained), Arrays.copyOfRange(order, trained, rows));
  }

  /**
   * The split with given training rows; all other rows validate, in ascending order.
   *
   * @param rows rows of the table
   * @param train numbers of the training rows, each once
   * @return the split
   * @throws IllegalArgumentException if a number is out of range or comes twice, or a side is empty
   */
  public static Split ofTrainRows(int rows, int[] train) {
    requireRows(rows);
    boolean[] trained = new boolean[rows];
    for (int row : train) {
      if (row < 0 || row >= rows) {
        throw new IllegalArgumentException(
            "training row " + row + " is not in the table; its rows are 0 to " + (rows - 1));
      }
      if (trained[row]) {
        throw new IllegalArgumentException("training row " + row + " is given twice");
      }
      trained[row] = true;
    }
    int[] validation = new int[rows - train.length];
    int count = 0;
    for (int row = 0; row < rows; row++) {
      if (!trained[row]) {
        validation[count++] = row;
      }
    }
    return new Split(train.clone(), validation);
  }

  /**
   * How many rows of each split are evaluated where nobody says otherwise.
   *
   * @param tableRows rows of the table
   * @return all rows for tables of up to {@link #WHOLE_TABLE_ROWS} rows, else {@link
   *     #EVALUATION_ROWS}
   */
  public static int defaultEvaluationRows(int tableRows) {
    return tableRows <= WHOLE_TABLE_ROWS ? tableRows : EVALUATION_ROWS;
  }

  /**
   * The rows that are evaluated: of each side that has more than {@code most} rows a random subset
   * of {@code most}, else the whole side.
   *
   * @param most rows of a side to evaluate, at least 1
   * @param seed what the subsets depend on
   * @return a split with at most {@code most} rows on each side
   * @throws IllegalArgumentException if {@code most} is below 1
   */
  public Split evaluationSubset(int most, long seed) {
    if (most < 1) {
      throw new IllegalArgumentException(most + " rows are to be evaluated; at least 1 is allowed");
    }
    return new Split(subset(train, most, seed, 0), subset(validation, most, seed, 1));
  }

  private static int[] subset(int[] rows, int most, long seed, int side) {
    if (rows.length <= most) {
      return rows;
    }
    int[] order = rows.clone();
    new RandomStream(seed, RandomStream.Purpose.EVALUATION, side).shuffle(order);
    return Arrays.copyOf(order, most);
  }

  private static void requireRows(int rows) {
    if (rows < 2) {
      throw new IllegalArgumentException(
          "a table of " + rows + " rows cannot be split; at least 2 are needed");
    }
  }

  /** The sizes; thousands of row numbers would help nobody. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "Split[train=%d rows, validation=%d rows]", train.length, validation.length);
  }
}
