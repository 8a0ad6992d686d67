package dev.groklab.data;

/**
 * The rows of every step's batch: a function of the step alone, so that a resumed run goes on with
 * the batches it would have had. An order keeps working memory; use one from one thread at a time.
 */
public sealed interface BatchOrder
    permits ShuffledBatches, FullBatches, RecordedBatches, FlippedBatches {

  /**
   * Writes the rows of a step's batch.
   *
   * @param step number of the step, 0 … {@link #limit()}−1; any order of steps is fine, and going
   *     on within an epoch is fast
   * @param rows receives the row numbers from index 0 on; at least {@link #capacity()} long
   * @return how many rows the batch has, at least 1
   * @throws IllegalArgumentException if the step is out of range or the array too short
   */
  int rows(long step, int[] rows);

  /**
   * The epoch that a step belongs to: how often all training rows had been used before its batch.
   *
   * @param step number of the step, 0 … {@link #limit()}; the limit itself counts as the step after
   *     the last
   * @return number of the epoch, from 0
   * @throws IllegalArgumentException if the step is out of range
   */
  long epoch(long step);

  /**
   * Size of the largest batch.
   *
   * @return rows, at least 1
   */
  int capacity();

  /**
   * How many steps there are batches for.
   *
   * @return a number of steps; {@code Long.MAX_VALUE} where there is no end
   */
  long limit();

  /**
   * Each epoch is a fresh permutation of the training rows, keyed by (seed, epoch) and cut into
   * batches; the last one may be short.
   *
   * @param train numbers of the training rows; not copied, do not change them
   * @param batchSize rows of a batch, 1 … number of training rows
   * @param seed what the permutations depend on
   * @return the order
   * @throws IllegalArgumentException if there are no rows or the batch size is out of range
   */
  static BatchOrder shuffled(int[] train, int batchSize, long seed) {
    return new ShuffledBatches(train, batchSize, seed);
  }

  /**
   * All training rows in every step.
   *
   * @param train numbers of the training rows; not copied, do not change them
   * @return the order
   * @throws IllegalArgumentException if there are no rows
   */
  static BatchOrder full(int[] train) {
    return new FullBatches(train);
  }

  /**
   * Batches that were recorded elsewhere.
   *
   * @param batches row numbers of each step; not copied, do not change them
   * @param trainRows number of training rows, for counting epochs; at least 1
   * @return the order
   * @throws IllegalArgumentException if there is no batch, or one without rows
   */
  static BatchOrder recorded(int[][] batches, int trainRows) {
    return new RecordedBatches(batches, trainRows);
  }

  /**
   * Batches that were recorded elsewhere, with as many training rows as the batches have different
   * rows.
   *
   * @param batches row numbers of each step; not copied, do not change them
   * @return the order
   * @throws IllegalArgumentException if there is no batch, or one without rows
   */
  static BatchOrder recorded(int[][] batches) {
    return new RecordedBatches(batches, RecordedBatches.distinctRows(batches));
  }

  /**
   * The batches of another order in which every row is, as often as not, replaced by its flipped
   * copy: the data set holds row i as it is, and flipped as row i + {@code offset}. The choice is
   * keyed by (seed, step), so an image comes differently in different epochs.
   *
   * @param order which rows, all below {@code offset}
   * @param offset what to add to a row's number for its flipped copy, at least 1
   * @param seed what the choices depend on
   * @return the order
   * @throws IllegalArgumentException if the offset is below 1
   */
  static BatchOrder flipped(BatchOrder order, int offset, long seed) {
    return new FlippedBatches(order, offset, seed);
  }
}
