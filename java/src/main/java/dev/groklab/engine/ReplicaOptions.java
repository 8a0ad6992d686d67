package dev.groklab.engine;

import java.util.Objects;

/**
 * What one replica has for itself. The values are checked when a trainer is made.
 *
 * @param optimizer its optimizer
 * @param dropout probability of dropping, 0 ≤ p &lt; 1
 * @param dropoutSeed key of its dropout masks; all 64 bits count
 * @param batchCapacity most rows of its batches; 0: as many as its chunks allow. A GPU pads batches
 *     to it: it then knows beforehand what memory it takes, and its bits do not depend on the
 *     batches of the replicas beside
 */
public record ReplicaOptions(
    Optimizer optimizer, double dropout, long dropoutSeed, int batchCapacity) {

  /**
   * A replica whose batches may be as large as its chunks allow.
   *
   * @param optimizer its optimizer
   * @param dropout probability of dropping, 0 ≤ p &lt; 1
   * @param dropoutSeed key of its dropout masks; all 64 bits count
   */
  public ReplicaOptions(Optimizer optimizer, double dropout, long dropoutSeed) {
    this(optimizer, dropout, dropoutSeed, 0);
  }

  /** Refuses null. */
  public ReplicaOptions {
    Objects.requireNonNull(optimizer, "optimizer");
  }
}
