package dev.groklab.data;

import java.util.Arrays;

/** Batches as another program used them. */
final class RecordedBatches implements BatchOrder {

  private final int[][] batches;
  private final int capacity;

  /** Training rows used before each step; one entry more than there are steps. */
  private final long[] rowsBefore;

  private final int trainRows;

  RecordedBatches(int[][] batches, int trainRows) {
    if (batches.length == 0) {
      throw new IllegalArgumentException("the recording holds no batches");
    }
    if (trainRows < 1) {
      throw new IllegalArgumentException(
          "the number of training rows is " + trainRows + "; at least 1 is allowed");
    }
    this.batches = batches;
    this.trainRows = trainRows;
    this.rowsBefore = new long[batches.length + 1];
    int largest = 0;
    for (int step = 0; step < batches.length; step++) {
      int size = batches[step].length;
      if (size == 0) {
        throw new IllegalArgumentException("the recorded batch of step " + step + " has no rows");
      }
      rowsBefore[step + 1] = rowsBefore[step] + size;
      largest = Math.max(largest, size);
    }
    this.capacity = largest;
  }

  static int distinctRows(int[][] batches) {
    return Math.toIntExact(Arrays.stream(batches).flatMapToInt(Arrays::stream).distinct().count());
  }

  @Override
  public int rows(long step, int[] rows) {
    BatchChecks.requireStep(step, limit());
    int[] batch = batches[(int) step];
    BatchChecks.requireRoom(rows, batch.length);
    System.arraycopy(batch, 0, rows, 0, batch.length);
    return batch.length;
  }

  @Override
  public long epoch(long step) {
    BatchChecks.requireStep(step, limit() + 1);
    return rowsBefore[(int) step] / trainRows;
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public long limit() {
    return batches.length;
  }
}
