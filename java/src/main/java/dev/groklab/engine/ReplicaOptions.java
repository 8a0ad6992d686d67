package dev.groklab.engine;

import java.util.Objects;

/**
 * What one replica has for itself. The values are checked when a trainer is made.
 *
 * @param optimizer its optimizer
 * @param dropout probability of dropping, 0 ≤ p &lt; 1
 * @param dropoutSeed key of its dropout masks; all 64 bits count
 */
public record ReplicaOptions(Optimizer optimizer, double dropout, long dropoutSeed) {

  /** Refuses null. */
  public ReplicaOptions {
    Objects.requireNonNull(optimizer, "optimizer");
  }
}
