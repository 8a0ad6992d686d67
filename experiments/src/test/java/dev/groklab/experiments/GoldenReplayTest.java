package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** PyTorch's recorded runs, repeated from the command line: same inputs, same losses. */
class GoldenReplayTest {

  private static final Set<String> MODELS =
      Set.of("model: transformer", "model: mlp", "model: lstm");

  @TempDir Path folder;

  static Stream<Path> cases() throws IOException {
    Path goldens = Path.of("..", "native", "tests", "goldens"); // Surefire runs in experiments/
    try (Stream<Path> entries = Files.list(goldens)) {
      List<Path> cases =
          entries.filter(Files::isDirectory).filter(GoldenReplayTest::isCase).toList();
      assertThat(cases).hasSizeGreaterThanOrEqualTo(39);
      return cases.stream();
    }
  }

  /** A case of a model that the command trains; the engine's own test replays the others too. */
  private static boolean isCase(Path directory) {
    try {
      return Files.exists(directory.resolve("losses.csv"))
          && Files.readAllLines(directory.resolve("config.yaml")).stream()
              .anyMatch(MODELS::contains);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyLossIsPyTorchs(Path golden) throws IOException {
    List<Double> expected = losses(golden.resolve("losses.csv"));
    List<Double> fp64 = replay(golden, "fp64");
    assertThat(fp64).hasSameSizeAs(expected);
    for (int step = 0; step < expected.size(); step++) {
      assertClose(fp64.get(step), expected.get(step), 1e-9, step);
    }
    List<Double> fp32 = replay(golden, "fp32");
    for (int step = 0; step < 50; step++) {
      assertClose(fp32.get(step), expected.get(step), 1e-3, step);
    }
  }

  private List<Double> replay(Path golden, String precision) throws IOException {
    Path trace = folder.resolve(precision + ".csv");
    Groklab replayed =
        Groklab.run(
            "train",
            "--config",
            golden.resolve("config.yaml").toString(),
            "--replay",
            golden.toString(),
            "--precision",
            precision,
            "--trace-steps",
            trace.toString(),
            "--out",
            folder.resolve(precision).toString(),
            "--quiet");
    assertThat(replayed.err()).isEmpty();
    assertThat(replayed.status()).isZero();
    return losses(trace);
  }

  private static List<Double> losses(Path csv) throws IOException {
    List<String> lines = Files.readAllLines(csv);
    assertThat(lines.getFirst()).isEqualTo("step,batch_loss");
    return lines.stream().skip(1).map(line -> Double.valueOf(line.split(",", -1)[1])).toList();
  }

  private static void assertClose(double loss, double expected, double relative, int step) {
    assertThat(loss).as("step %d", step + 1).isCloseTo(expected, within(relative * expected));
  }
}
