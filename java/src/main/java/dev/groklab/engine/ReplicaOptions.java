package dev.groklab.engine;

import java.util.Objects;

/**
 * What one replica has for itself. The values are checked when a trainer is made.
 *
 * @param optimizer its optimizer; replicas of one trainer may have different ones
 * @param dropout probability of dropping, 0 ≤ p &lt; 1
 * @param dropoutSeed key of its dropout masks; all 64 bits count
 * @param batchCapacity most rows of its batches; 0: as many as its chunks allow. A GPU pads batches
 *     to it: it then knows beforehand what memory it takes, and its bits do not depend on the
 *     batches of the replicas beside
 * @param clipNorm largest Euclidean norm of the gradient over all parameters, at least 0: before
 *     the optimizer sees the gradient g, it is scaled by {@code min(1, clipNorm/(‖g‖ + 1e-6))}; 0:
 *     the gradient is taken as it is (<a href="https://arxiv.org/abs/1211.5063">Pascanu, Mikolov,
 *     Bengio: On the difficulty of training recurrent neural networks, ICML 2013</a>)
 */
public record ReplicaOptions(
    Optimizer optimizer, double dropout, long dropoutSeed, int batchCapacity, double clipNorm) {

  /**
   * A replica whose gradient is taken as it is.
   *
   * @param optimizer its optimizer
   * @param dropout probability of dropping, 0 ≤ p &lt; 1
   * @param dropoutSeed key of its dropout masks; all 64 bits count
   * @param batchCapacity most rows of its batches; 0: as many as its chunks allow
   */
  public ReplicaOptions(Optimizer optimizer, double dropout, long dropoutSeed, int batchCapacity) {
    this(optimizer, dropout, dropoutSeed, batchCapacity, 0);
  }

  /**
   * A replica whose batches may be as large as its chunks allow, and whose gradient is taken as it
   * is.
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
