package dev.groklab.experiments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A grid whose runs take milliseconds. */
public final class TinyGrid {

  /** Three architectures, of which two train with several settings: seven runs. */
  public static final String TEXT =
      """
      title: Tiny
      base: {p: 11, layers: 1, dim: 16, heads: 2, batch-size: 16, lr: 0.001, steps: 40,
             eval-every: 7, checkpoint-every: 10}
      seeds: 0..0
      panels:
        - title: Fractions
          vary: {train-fraction: [0.5, 0.6], dropout: [0, 0.2]}
        - title: Others
          curves:
            - {label: SGD, set: {optimizer: sgd, momentum: 0.9, batch-size: full}}
            - {label: MLP, set: {model: mlp, steps: 30}}
            - {label: LSTM, set: {model: lstm, p: 13}}
            - {label: The first again, set: {train-fraction: 0.5, dropout: 0}}
      scale:
        quick: {set: {steps: 5}}
        broken: {set: {lr: 1e30}}
      """;

  /** How many runs it has. */
  public static final int RUNS = 7;

  private TinyGrid() {}

  /** The grid as a file. */
  public static Path write(Path folder) throws IOException {
    return Files.writeString(folder.resolve("tiny.yaml"), TEXT);
  }

  /** The run folders in a folder, by name. */
  public static List<Path> folders(Path out) throws IOException {
    try (Stream<Path> children = Files.list(out)) {
      return children.filter(Files::isDirectory).sorted().toList();
    }
  }
}
