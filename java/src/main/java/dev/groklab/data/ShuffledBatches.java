package dev.groklab.data;

import java.util.Locale;

/**
 * A fresh permutation of the training rows in every epoch. Only the latest epoch asked for is kept.
 */
final class ShuffledBatches implements BatchOrder {

  private final int[] train;
  private final int batchSize;
  private final long seed;
  private final int stepsPerEpoch;
  private int[] order;
  private long orderEpoch;

  ShuffledBatches(int[] train, int batchSize, long seed) {
    BatchChecks.requireRows(train);
    if (batchSize < 1) {
      throw new IllegalArgumentException(
          "batch size " + batchSize + " is too small; at least 1 is allowed");
    }
    if (batchSize > train.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "batch size %d is larger than the %d training rows",
              batchSize,
              train.length));
    }
    this.train = train;
    this.batchSize = batchSize;
    this.seed = seed;
    this.stepsPerEpoch = Math.ceilDiv(train.length, batchSize);
  }

  @Override
  public int rows(long step, int[] rows) {
    BatchChecks.requireStep(step, limit());
    int first = (int) (step % stepsPerEpoch) * batchSize;
    int count = Math.min(batchSize, train.length - first);
    BatchChecks.requireRoom(rows, count);
    System.arraycopy(order(epoch(step)), first, rows, 0, count);
    return count;
  }

  /** Each epoch starts from the training rows as given, so it depends on no other epoch. */
  private int[] order(long epoch) {
    if (order == null || orderEpoch != epoch) {
      if (order == null) {
        order = new int[train.length];
      }
      System.arraycopy(train, 0, order, 0, train.length);
      new RandomStream(seed, RandomStream.Purpose.EPOCH, epoch).shuffle(order);
      orderEpoch = epoch;
    }
    return order;
  }

  @Override
  public long epoch(long step) {
    BatchChecks.requireStep(step, limit());
    return step / stepsPerEpoch;
  }

  @Override
  public int capacity() {
    return batchSize;
  }

  @Override
  public long limit() {
    return Long.MAX_VALUE;
  }
}
