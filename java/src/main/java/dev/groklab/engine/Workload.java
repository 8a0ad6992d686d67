package dev.groklab.engine;

import java.util.List;

/**
 * What a trainer will be asked to do, as far as its memory depends on it.
 *
 * @param batchCapacity most rows of a batch of replicas that do not say; 0 if all replicas do
 * @param chunkSteps most steps of a chunk, at least 1: a GPU takes up to 256 of them at once
 * @param splitRows most rows of each split that is evaluated, of any replica; at most 16 splits
 */
public record Workload(int batchCapacity, int chunkSteps, List<Integer> splitRows) {

  /** Copies the list. */
  public Workload {
    splitRows = List.copyOf(splitRows);
  }
}
