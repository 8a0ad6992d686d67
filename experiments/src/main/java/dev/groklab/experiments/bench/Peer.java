package dev.groklab.experiments.bench;

import dev.groklab.run.RunConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Another framework that can do the same work, in a process that speaks as peers/README.md says.
 */
interface Peer {

  /**
   * What it is called in tables.
   *
   * @return a few words
   */
  String label();

  /**
   * The command that starts it, without the arguments that every peer takes.
   *
   * @return program and arguments
   * @throws PeerFailure if it cannot take part here
   */
  List<String> command() throws PeerFailure;

  /**
   * Starts it; {@link PeerProcess#awaitReady} waits until it can work.
   *
   * @param config sizes of the model and the task
   * @param threads CPU threads
   * @param inputs folder of recorded weights and batches
   * @return the process, to be closed
   * @throws PeerFailure if it cannot take part here
   */
  default PeerProcess start(RunConfig config, int threads, Path inputs) throws PeerFailure {
    List<String> command = new ArrayList<>(command());
    command.addAll(List.of("--inputs", inputs.toString(), "--model", config.model()));
    command.addAll(List.of("--p", Integer.toString(config.p())));
    command.addAll(List.of("--layers", Integer.toString(config.layers())));
    command.addAll(List.of("--dim", Integer.toString(config.dim())));
    command.addAll(List.of("--heads", Integer.toString(config.heads())));
    command.addAll(List.of("--hidden", Integer.toString(config.hidden())));
    command.addAll(List.of("--threads", Integer.toString(threads)));
    return PeerProcess.start(command);
  }
}
