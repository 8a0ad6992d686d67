package dev.groklab.data;

/** The argument checks that all batch orders share. */
final class BatchChecks {

  private BatchChecks() {}

  static int[] requireRows(int[] train) {
    if (train.length == 0) {
      throw new IllegalArgumentException("there are no training rows to make batches of");
    }
    return train;
  }

  /** Refuses steps outside 0 … limit−1. */
  static void requireStep(long step, long limit) {
    if (step < 0 || step >= limit) {
      throw new IllegalArgumentException(
          "there is no batch for step " + step + "; steps are 0 to " + (limit - 1));
    }
  }

  static void requireRoom(int[] rows, int count) {
    if (rows.length < count) {
      throw new IllegalArgumentException(
          "the array for a batch of " + count + " rows has only " + rows.length + " elements");
    }
  }
}
