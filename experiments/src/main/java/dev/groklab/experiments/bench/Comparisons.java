package dev.groklab.experiments.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Finds the peers that can take part, and compares them with the engine. */
final class Comparisons {

  static final String PYTORCH = "pytorch";
  static final String DJL = "djl";

  private final Engines engines;
  private final Path folder;
  private final String python;
  private final int rounds;
  private final double seconds;
  private final BooleanSupplier stopped;

  /**
   * Prepares nothing yet.
   *
   * @param folder the peers' sources
   * @param python the interpreter for PyTorch
   * @param seconds to spend on a block
   */
  Comparisons(
      Engines engines,
      Path folder,
      String python,
      int rounds,
      double seconds,
      BooleanSupplier stopped) {
    this.engines = engines;
    this.folder = folder;
    this.python = python;
    this.rounds = rounds;
    this.seconds = seconds;
    this.stopped = stopped;
  }

  /**
   * Compares training steps of one replica.
   *
   * @param wanted names of frameworks
   * @return whether all that took part computed the same
   */
  boolean steps(List<Cell> cells, List<String> wanted, Page page, ObjectNode report)
      throws IOException {
    PeerComparison.introduce(page, rounds);
    List<Peer> peers = available(wanted, page);
    PeerComparison comparison = new PeerComparison(peers, rounds, seconds, stopped);
    ArrayNode all = report.putArray("peers");
    boolean agree = true;
    List<Cell> alone = cells.stream().map(cell -> cell.withReplicas(1)).toList();
    for (Cell cell : engines.distinct(alone)) {
      if (!stopped.getAsBoolean()) {
        agree &= comparison.compare(engines.of(cell), cell, page, all);
      }
    }
    return agree;
  }

  private List<Peer> available(List<String> wanted, Page page) {
    List<Peer> available = new ArrayList<>();
    for (String name : wanted) {
      try {
        if (name.equals(DJL)) {
          DjlPeer djl = DjlPeer.in(folder);
          djl.build(page);
          available.add(djl);
        } else {
          TorchPeer.require(python);
          available.addAll(TorchPeer.all(python, folder));
        }
      } catch (PeerFailure e) {
        page.paragraph("Left out: " + name + ": " + e.getMessage());
      }
    }
    return available;
  }

  /** Compares many runs at once: of the cells, the Transformer of most threads and replicas. */
  void sweep(List<Cell> cells, Page page, ObjectNode report) throws IOException {
    Cell cell =
        cells.stream()
            .max(
                Comparator.comparingInt(
                        (Cell one) -> one.first().model().equals("transformer") ? 1 : 0)
                    .thenComparingInt(one -> engines.of(one).info().threads())
                    .thenComparingInt(Cell::replicas))
            .orElseThrow();
    try {
      TorchPeer.require(python);
    } catch (PeerFailure e) {
      page.paragraph("No sweep: " + e.getMessage());
      return;
    }
    new SweepComparison(TorchPeer.best(python, folder), rounds, seconds, stopped)
        .compare(engines.of(cell), cell, page, report.putObject("sweep"));
  }
}
