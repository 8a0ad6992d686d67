package dev.groklab.engine;

import java.util.List;
import java.util.Objects;

/**
 * What a trainer trains.
 *
 * @param model architecture of all replicas
 * @param precision arithmetic, and type of the flat buffers
 * @param layout how batches are computed
 * @param replicas what each replica has for itself; 1 … 65536 of them
 */
public record TrainerOptions(
    Model model, Precision precision, BatchLayout layout, List<ReplicaOptions> replicas) {

  /** Copies the list, and refuses null. */
  public TrainerOptions {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(precision, "precision");
    Objects.requireNonNull(layout, "layout");
    replicas = List.copyOf(replicas);
  }
}
