package dev.groklab.experiments.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A temporary folder of weights and batches that peers read.
 *
 * @param folder the folder
 */
record Inputs(Path folder) implements AutoCloseable {

  static Inputs of(Workload work) throws IOException {
    Inputs inputs = new Inputs(Files.createTempDirectory("groklab-bench"));
    try {
      work.writeInputs(inputs.folder);
      return inputs;
    } catch (IOException | RuntimeException e) {
      inputs.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
