package dev.groklab.data;

/** All training rows in every step. */
final class FullBatches implements BatchOrder {

  private final int[] train;

  FullBatches(int[] train) {
    this.train = BatchChecks.requireRows(train);
  }

  @Override
  public int rows(long step, int[] rows) {
    BatchChecks.requireStep(step, limit());
    BatchChecks.requireRoom(rows, train.length);
    System.arraycopy(train, 0, rows, 0, train.length);
    return train.length;
  }

  @Override
  public long epoch(long step) {
    BatchChecks.requireStep(step, limit());
    return step;
  }

  @Override
  public int capacity() {
    return train.length;
  }

  @Override
  public long limit() {
    return Long.MAX_VALUE;
  }
}
