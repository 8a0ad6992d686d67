package dev.groklab.run;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A run to be trained: what, where to, and from where on.
 *
 * @param config what to train
 * @param folder where its files go
 * @param resume whether to go on from the folder's checkpoint; where there is none, the run starts
 *     anew
 * @param trace file for the loss of every step's batch, {@code step,batch_loss}
 */
public record Run(RunConfig config, RunFolder folder, boolean resume, Optional<Path> trace) {

  /**
   * A run from its first step on.
   *
   * @param config what to train
   * @param folder where its files go; no run may be there yet
   */
  public Run(RunConfig config, Path folder) {
    this(config, new RunFolder(folder), false, Optional.empty());
  }
}
