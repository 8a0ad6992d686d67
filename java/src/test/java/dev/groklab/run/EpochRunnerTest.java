package dev.groklab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.groklab.data.BatchOrder;
import dev.groklab.data.ModularAddition;
import dev.groklab.data.Split;
import dev.groklab.engine.AdamW;
import dev.groklab.engine.Backend;
import dev.groklab.engine.BatchLayout;
import dev.groklab.engine.Dataset;
import dev.groklab.engine.Engine;
import dev.groklab.engine.EngineOptions;
import dev.groklab.engine.Mlp;
import dev.groklab.engine.Precision;
import dev.groklab.engine.ReplicaOptions;
import dev.groklab.engine.Trainer;
import dev.groklab.engine.TrainerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EpochRunnerTest {

  private static final ModularAddition TASK = new ModularAddition(11, 2);
  private static final int STEPS_PER_EPOCH = 4; // 60 rows in batches of 16

  @TempDir Path folder;
  private Engine engine;
  private Dataset dataset;

  @BeforeEach
  void open() {
    engine = Engine.open(new EngineOptions(Backend.CPU, 1));
    dataset = engine.dataset(TASK.table());
  }

  @AfterEach
  void close() {
    dataset.close();
    engine.close();
  }

  private Trainer trainer(int replicas) {
    ReplicaOptions replica = new ReplicaOptions(new AdamW(0.9, 0.98, 1e-8, 0.1), 0, 0, 16);
    Trainer trainer =
        engine.trainer(
            dataset,
            new TrainerOptions(
                new Mlp(13, 5, 1, 8, 16),
                Precision.FP32,
                BatchLayout.AUTO,
                Collections.nCopies(replicas, replica)));
    for (int r = 0; r < replicas; r++) {
      trainer.initialize(r, r);
    }
    return trainer;
  }

  private EpochRun run(int seed, double rate) {
    Split split = Split.random(TASK.rows(), 0.5, seed);
    return new EpochRun(
        new RunFolder(folder.resolve("run-" + seed)),
        Map.of("seed", seed),
        split,
        BatchOrder.shuffled(split.train(), 16, seed),
        rate);
  }

  private EpochRunner runner(Trainer trainer, List<EpochRun> runs, int epochs, int evalEvery) {
    return new EpochRunner(trainer, engine.info(), runs, epochs, evalEvery);
  }

  private static List<String> withoutSeconds(RunFolder folder) throws IOException {
    return Files.readAllLines(folder.metrics()).stream()
        .map(line -> line.substring(0, line.lastIndexOf(',')))
        .toList();
  }

  @Test
  void aRunLeavesItsFiles() throws IOException {
    EpochRun run = run(0, 1e-3);
    List<Long> evaluated = new ArrayList<>();
    List<Summary> finished = new ArrayList<>();
    try (Trainer trainer = trainer(1)) {
      List<Summary> summaries =
          runner(trainer, List.of(run), 7, 3)
              .run(
                  new EpochListener() {
                    @Override
                    public void evaluated(int replica, MetricsRow row) {
                      evaluated.add(row.step());
                    }

                    @Override
                    public void finished(int replica, Summary summary) {
                      finished.add(summary);
                    }
                  });
      assertThat(summaries).isEqualTo(finished).singleElement().isNotNull();
    }
    assertThat(evaluated).containsExactly(12L, 24L, 28L);
    List<MetricsRow> rows = run.folder().readMetrics();
    assertThat(rows.stream().map(MetricsRow::epoch)).containsExactly(3.0, 6.0, 7.0);
    Summary summary = Summary.read(run.folder().summary());
    assertThat(summary.status()).isEqualTo(Status.DONE);
    assertThat(summary.steps()).isEqualTo(7 * STEPS_PER_EPOCH);
    assertThat(summary.last()).map(MetricsRow::trainLoss).hasValue(rows.getLast().trainLoss());
    assertThat(ConfigFile.read(run.folder().config())).containsExactly(Map.entry("seed", "0"));
    assertThat(ConfigFile.readEnvironment(run.folder().config())).containsKey("backend");
    assertThat(Safetensors.read(run.folder().finalWeights()).tensors())
        .containsKey("readout.weight");
    try (Stream<Path> files = Files.list(run.folder().path())) {
      assertThat(files).hasSize(4);
    }
  }

  /** What a replica learns does not depend on those beside it, nor on the chunks that they make. */
  @Test
  void replicasTrainTogetherAsTheyWouldAlone() throws IOException {
    List<EpochRun> runs = List.of(run(0, 1e-3), run(1, 3e-3));
    try (Trainer trainer = trainer(2)) {
      runner(trainer, runs, 40, 5).run(new EpochListener() {});
    }
    List<String> together = withoutSeconds(runs.getLast().folder());
    byte[] weights = Files.readAllBytes(runs.getLast().folder().finalWeights());
    runs.getLast().folder().discard();
    try (Trainer trainer = trainer(1)) {
      trainer.initialize(0, 1);
      runner(trainer, runs.subList(1, 2), 40, 5).run(new EpochListener() {});
    }
    assertThat(withoutSeconds(runs.getLast().folder())).isEqualTo(together);
    assertThat(runs.getLast().folder().finalWeights()).hasBinaryContent(weights);
  }

  @Test
  void aDivergedRunEndsAndTheOthersGoOn() throws IOException {
    List<EpochRun> runs = List.of(run(0, 1e30), run(1, 1e-3));
    try (Trainer trainer = trainer(2)) {
      List<Summary> summaries = runner(trainer, runs, 6, 2).run(new EpochListener() {});
      assertThat(summaries.stream().map(Summary::status))
          .containsExactly(Status.DIVERGED, Status.DONE);
    }
    assertThat(runs.getFirst().folder().readMetrics()).hasSize(1);
    assertThat(runs.getLast().folder().readMetrics()).hasSize(3);
  }

  @Test
  void stoppingLeavesWholeFiles() throws IOException {
    EpochRun run = run(0, 1e-3);
    try (Trainer trainer = trainer(1)) {
      EpochRunner runner = runner(trainer, List.of(run), 1_000_000, 1);
      List<Summary> summaries =
          runner.run(
              new EpochListener() {
                @Override
                public void progressed(RunListener.Progress progress) {
                  if (progress.step() >= 3 * STEPS_PER_EPOCH) {
                    runner.stop();
                  }
                }
              });
      assertThat(summaries.getFirst().status()).isEqualTo(Status.STOPPED);
    }
    assertThat(run.folder().readMetrics()).hasSizeGreaterThanOrEqualTo(3);
    assertThat(Summary.read(run.folder().summary()).status()).isEqualTo(Status.STOPPED);
    assertThat(run.folder().finalWeights()).isNotEmptyFile();
  }

  @Test
  void aFolderThatCannotBeMadeLeavesNothing() throws IOException {
    EpochRun good = run(0, 1e-3);
    Files.writeString(folder.resolve("run-1"), "mine");
    try (Trainer trainer = trainer(2)) {
      assertThatThrownBy(
              () -> runner(trainer, List.of(good, run(1, 1e-3)), 2, 1).run(new EpochListener() {}))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("run-1");
    }
    assertThat(good.folder().path()).doesNotExist();
    assertThat(folder.resolve("run-1")).hasContent("mine");
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Split split = Split.random(TASK.rows(), 0.5, 0);
    EpochRun other =
        new EpochRun(
            new RunFolder(folder),
            Map.of(),
            split,
            BatchOrder.shuffled(split.train(), 10, 0),
            1e-3);
    try (Trainer trainer = trainer(2)) {
      assertThatThrownBy(() -> runner(trainer, List.of(run(0, 1e-3)), 1, 1))
          .hasMessage("1 runs for a trainer of 2 replicas");
      assertThatThrownBy(() -> runner(trainer, List.of(run(0, 1e-3), other), 1, 1))
          .hasMessage("6 and 4 steps in an epoch; they must agree");
      assertThatThrownBy(() -> runner(trainer, List.of(run(0, 1), run(1, 1)), 0, 1))
          .hasMessageContaining("0 epochs");
    }
  }
}
