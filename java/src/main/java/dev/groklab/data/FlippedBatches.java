package dev.groklab.data;

/** Batches in which every row is, as often as not, replaced by its flipped copy. */
final class FlippedBatches implements BatchOrder {

  private final BatchOrder order;
  private final int offset;
  private final long seed;

  FlippedBatches(BatchOrder order, int offset, long seed) {
    if (offset < 1) {
      throw new IllegalArgumentException(
          "flipped copies " + offset + " rows after their originals; at least 1 is allowed");
    }
    this.order = order;
    this.offset = offset;
    this.seed = seed;
  }

  @Override
  public int rows(long step, int[] rows) {
    int count = order.rows(step, rows);
    RandomStream coins = new RandomStream(seed, RandomStream.Purpose.FLIP, step);
    for (int i = 0; i < count; i++) {
      rows[i] += coins.below(2) * offset;
    }
    return count;
  }

  @Override
  public long epoch(long step) {
    return order.epoch(step);
  }

  @Override
  public int capacity() {
    return order.capacity();
  }

  @Override
  public long limit() {
    return order.limit();
  }
}
