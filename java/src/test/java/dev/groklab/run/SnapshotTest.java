package dev.groklab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotTest {

  @TempDir Path folder;

  @Test
  void gridsSayWhereTheyAre() {
    SnapshotGrid log = SnapshotGrid.parse("log");
    assertThat(LongStream.rangeClosed(0, 20).filter(log::isDue).toArray())
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 16, 18, 20);
    assertThat(log.after(10_000)).hasValue(11_220);
    assertThat(log.count(1000))
        .isEqualTo(LongStream.rangeClosed(0, 1000).filter(log::isDue).count());
    SnapshotGrid steps = SnapshotGrid.parse("7");
    assertThat(LongStream.rangeClosed(0, 15).filter(steps::isDue).toArray())
        .containsExactly(0, 7, 14);
    assertThat(steps.count(15)).isEqualTo(3);
    assertThat(steps.value()).isEqualTo(7L);
    SnapshotGrid none = SnapshotGrid.parse("none");
    assertThat(none.isDue(0)).isFalse();
    assertThat(none.after(0)).isEmpty();
    for (String wrong : List.of("0", "-1", "1.5", "often", "")) {
      assertThatThrownBy(() -> SnapshotGrid.parse(wrong))
          .isInstanceOf(ConfigException.class)
          .hasMessageStartingWith("snapshot-every: ");
    }
  }

  @Test
  void aRunLeavesSnapshotsAndIsTheSameWithout() throws IOException {
    RunConfig config = TinyRun.config(Map.of("steps", 20, "snapshot-every", "log"));
    RunFolder run = new RunFolder(folder.resolve("run"));
    Runner.train(config, run.path());
    assertThat(run.snapshotSteps())
        .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 13L, 14L, 16L, 18L, 20L);
    assertThat(Safetensors.read(run.snapshot(20)).tensors().get("readout.weight").bytes())
        .isEqualTo(Safetensors.read(run.finalWeights()).tensors().get("readout.weight").bytes());
    Runner.train(TinyRun.config(Map.of("steps", 20)), folder.resolve("without"));
    TinyRun.assertSameRun(run.path(), folder.resolve("without"));

    Runner.train(config.with(ConfigKey.STEPS, 9), folder.resolve("broken"));
    RunFolder broken = new RunFolder(folder.resolve("broken"));
    try (Runner runner = Runner.open(List.of(new Run(config, broken, true, Optional.empty())))) {
      runner.run(new RunListener() {});
    }
    for (long step : run.snapshotSteps()) {
      assertThat(broken.snapshot(step)).hasSameBinaryContentAs(run.snapshot(step));
    }
    run.discard();
    assertThat(run.path()).doesNotExist();
  }

  /** A snapshot means to PyTorch's world what it means to the engine. */
  @Test
  void pythonRecomputesTheLossOfASnapshot() throws IOException, InterruptedException {
    Path python = Path.of(Objects.requireNonNullElse(System.getenv("GROKLAB_PYTHON"), "python3"));
    assumeThat(succeeds(python, "-c", "import numpy, safetensors")).isTrue();
    RunFolder run = new RunFolder(folder.resolve("run"));
    Runner.train(TinyRun.config(Map.of("steps", 21, "layers", 2, "snapshot-every", 7)), run.path());
    Path script = Path.of("src", "test", "goldens", "snapshot_loss.py");
    Process process =
        new ProcessBuilder(python.toString(), script.toString(), run.path().toString(), "14")
            .redirectErrorStream(true)
            .start();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(answer).isZero();
    MetricsRow row = run.readMetrics().get(1);
    double sum = row.trainLoss() * 60 + row.validationLoss() * 61;
    assertThat(Double.parseDouble(answer.strip())).isCloseTo(sum / 121, within(1e-6));
  }

  private static boolean succeeds(Path program, String... arguments) throws InterruptedException {
    try {
      ProcessBuilder builder = new ProcessBuilder(arguments).redirectErrorStream(true);
      builder.command().addFirst(program.toString());
      Process process = builder.start();
      process.getInputStream().readAllBytes();
      return process.waitFor() == 0;
    } catch (IOException _) {
      return false; // there is no such program
    }
  }

  @Test
  void otherFilesInTheFolderAreLeftAlone() throws IOException {
    RunFolder run = new RunFolder(folder.resolve("run"));
    Runner.train(TinyRun.config(Map.of("steps", 7, "snapshot-every", 7)), run.path());
    Path mine = Files.writeString(run.snapshots().resolve("notes.txt"), "mine");
    run.clear();
    assertThat(run.snapshotSteps()).isEmpty();
    assertThat(mine).hasContent("mine");
  }
}
