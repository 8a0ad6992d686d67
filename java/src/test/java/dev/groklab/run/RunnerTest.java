package dev.groklab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunnerTest {

  @TempDir Path folder;

  @Test
  void aRunLeavesItsFiles() throws IOException {
    Summary summary = Runner.train(TinyRun.config(Map.of("steps", 25)), folder.resolve("run"));
    RunFolder run = new RunFolder(folder.resolve("run"));
    assertThat(summary.status()).isEqualTo(Status.DONE);
    assertThat(run.readMetrics().stream().map(MetricsRow::step)).containsExactly(7L, 14L, 21L, 25L);
    MetricsRow last = run.readMetrics().getLast();
    assertThat(last.epoch()).isEqualTo(25 / 4.0); // 60 training rows in batches of 16
    assertThat(last.learningRate()).isEqualTo(0.001 * 0.5 * 0.5); // halved at 10 and 20
    assertThat(summary.last()).map(MetricsRow::validationLoss).hasValue(last.validationLoss());
    assertThat(RunConfig.of(ConfigFile.read(run.config())))
        .isEqualTo(TinyRun.config(Map.of("steps", 25)));
    assertThat(ConfigFile.readEnvironment(run.config()))
        .containsKeys("groklab", "abi", "java", "backend", "instruction-set");
    Safetensors weights = Safetensors.read(run.finalWeights());
    assertThat(weights.tensors().get("readout.weight").shape()).containsExactly(13L, 16L);
    assertThat(Safetensors.read(run.checkpoint()).tensors())
        .hasSize(3 * weights.tensors().size())
        .containsKey("second_moments.readout.weight");
    assertThat(run.path()).isDirectoryNotContaining(f -> f.toString().endsWith(".tmp"));
  }

  /** Of each model, optimizer and schedule at least one. */
  private static final List<Map<String, Object>> KINDS =
      List.of(
          Map.of(),
          Map.of("model", "mlp", "optimizer", "sgd", "momentum", 0.9, "nesterov", true),
          Map.of("model", "lstm", "layers", 2, "optimizer", "rmsprop", "centered", true),
          Map.of("optimizer", "rmsprop", "momentum", 0.5, "clip-norm", 0.3),
          Map.of("model", "lstm", "optimizer", "adam", "lr-schedule", "cosine", "lr-warmup", 9),
          Map.of("model", "mlp", "label-noise", 0.3, "optimizer", "sgd"));

  /** Stopped anywhere, any number of times, with or without dropout: the same bits. */
  @Property(tries = 24)
  void aRunStoppedAndResumedIsTheUnbrokenRun(
      @ForAll @Size(max = 3) List<@IntRange(min = 1, max = 39) Integer> stops,
      @ForAll @IntRange(max = 5) int kind,
      @ForAll boolean dropout,
      @ForAll boolean wide,
      @ForAll boolean fullBatches)
      throws IOException {
    Map<String, Object> settings = new HashMap<>(KINDS.get(kind));
    settings.put("steps", 40);
    settings.put("dropout", dropout ? 0.2 : 0);
    settings.put("precision", wide ? "fp64" : "fp32");
    settings.put("batch-size", fullBatches ? "full" : "16");
    RunConfig config = TinyRun.config(settings);
    Path scratch = Files.createTempDirectory("groklab");
    try {
      Path whole = scratch.resolve("whole");
      Path broken = scratch.resolve("broken");
      train(new Run(config, new RunFolder(whole), false, Optional.of(scratch.resolve("a.csv"))));
      for (int stop : new TreeSet<>(stops)) {
        train(
            new Run(
                config.with(ConfigKey.STEPS, stop),
                new RunFolder(broken),
                Files.exists(broken),
                Optional.of(scratch.resolve("b.csv"))));
      }
      train(
          new Run(
              config,
              new RunFolder(broken),
              Files.exists(broken),
              Optional.of(scratch.resolve("b.csv"))));
      TinyRun.assertSameRun(broken, whole);
      assertThat(scratch.resolve("b.csv")).hasSameTextualContentAs(scratch.resolve("a.csv"));
    } finally {
      TinyRun.delete(scratch);
    }
  }

  @Test
  void stopEndsAfterTheChunkAndCanBeResumed() throws IOException {
    RunConfig config = TinyRun.config(Map.of("steps", 400));
    Runner.train(config, folder.resolve("whole"));
    RunFolder broken = new RunFolder(folder.resolve("broken"));
    try (Runner runner = Runner.open(List.of(new Run(config, broken.path())))) {
      Summary summary =
          runner
              .run(
                  new RunListener() {
                    @Override
                    public void evaluated(int replica, MetricsRow row) {
                      if (row.step() > 100) {
                        runner.stop();
                      }
                    }
                  })
              .getFirst();
      assertThat(summary.status()).isEqualTo(Status.STOPPED);
      assertThat(summary.steps()).isBetween(100L, 399L);
      assertThat(summary.steps()).isEqualTo(broken.readMetrics().getLast().step());
      assertThat(broken.summary()).content().contains("\"stopped\"");
      assertThat(broken.finalWeights()).exists();
    }
    train(new Run(config, broken, true, Optional.empty()));
    TinyRun.assertSameRun(broken.path(), folder.resolve("whole"));
  }

  /** After a crash, the metrics may be ahead of the checkpoint, and their last line torn. */
  @Test
  void resumesAfterACrash() throws IOException {
    RunConfig config = TinyRun.config(Map.of("steps", 60));
    Runner.train(config, folder.resolve("whole"));
    RunFolder crashed = new RunFolder(folder.resolve("crashed"));
    Runner.train(config.with(ConfigKey.STEPS, 30), crashed.path());
    Files.delete(crashed.summary());
    Files.delete(crashed.finalWeights());
    List<String> rows = Files.readAllLines(new RunFolder(folder.resolve("whole")).metrics());
    Files.writeString(crashed.metrics(), String.join("\n", rows.subList(0, 7)) + "\n49,12.");
    train(new Run(config, crashed, true, Optional.empty()));
    TinyRun.assertSameRun(crashed.path(), folder.resolve("whole"));
  }

  @Test
  void resumingWithoutACheckpointStartsAnew() throws IOException {
    RunConfig config = TinyRun.config(Map.of("steps", 20));
    Runner.train(config, folder.resolve("whole"));
    RunFolder killed = new RunFolder(folder.resolve("killed"));
    Runner.train(config, killed.path());
    Files.delete(killed.checkpoint());
    train(new Run(config, killed, true, Optional.empty()));
    TinyRun.assertSameRun(killed.path(), folder.resolve("whole"));
  }

  @Test
  void anEndedRunIsComplete() throws IOException {
    RunConfig config = TinyRun.config(Map.of("steps", 14));
    RunFolder run = new RunFolder(folder.resolve("run"));
    Runner.train(config, run.path());
    byte[] before = Files.readAllBytes(run.metrics());
    try (Runner again = Runner.open(List.of(new Run(config, run, true, Optional.empty())))) {
      assertThat(again.isComplete()).isTrue();
      assertThat(again.run(new RunListener() {}).getFirst().status()).isEqualTo(Status.DONE);
    }
    assertThat(run.metrics()).hasBinaryContent(before);
    assertThatThrownBy(
            () -> train(new Run(config.with(ConfigKey.STEPS, 7), run, true, Optional.empty())))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("has made 14 steps");
  }

  @Test
  void threadsDoNotChangeABit() throws IOException {
    for (String threads : List.of("1", "2")) {
      Runner.train(
          TinyRun.config(Map.of("steps", 60, "threads", threads)), folder.resolve(threads));
    }
    TinyRun.assertSameRun(folder.resolve("2"), folder.resolve("1"));
  }

  /**
   * Replicas of other seeds, fractions, rates, lengths, optimizers and random labels beside it do
   * not change a run.
   */
  @Test
  void companyDoesNotChangeABit() throws IOException {
    List<RunConfig> configs =
        List.of(
            TinyRun.config(Map.of("steps", 50, "seed", 0, "label-noise", 0.5)),
            TinyRun.config(Map.of("steps", 33, "seed", 1, "train-fraction", 0.7, "lr", 0.01)),
            TinyRun.config(Map.of("steps", 50, "seed", 2, "dropout", 0.1, "batch-size", "full")),
            TinyRun.config(Map.of("steps", 50, "optimizer", "sgd", "clip-norm", 0.2)),
            TinyRun.config(
                Map.of("steps", 50, "optimizer", "rmsprop", "momentum", 0.9, "label-noise", 0.2)));
    List<Run> together = new ArrayList<>();
    for (int i = 0; i < configs.size(); i++) {
      Runner.train(configs.get(i), folder.resolve("alone-" + i));
      together.add(new Run(configs.get(i), folder.resolve("together-" + i)));
    }
    try (Runner runner = Runner.open(together)) {
      assertThat(runner.run(new RunListener() {}))
          .extracting(Summary::steps)
          .containsExactly(50L, 33L, 50L, 50L, 50L);
    }
    for (int i = 0; i < configs.size(); i++) {
      TinyRun.assertSameRun(folder.resolve("together-" + i), folder.resolve("alone-" + i));
    }
  }

  /**
   * Random labels are trained on and evaluated as training labels; validation keeps the true ones.
   */
  @Test
  void labelNoiseIsForTrainingAlone() throws IOException {
    // With a rate of 0 the weights stay, and losses tell the labels apart.
    Map<String, Object> still = Map.of("steps", 7, "lr", 0, "weight-decay", 0);
    Runner.train(TinyRun.config(still), folder.resolve("clean"));
    Map<String, Object> noisy = new HashMap<>(still);
    noisy.put("label-noise", 0.5);
    Runner.train(TinyRun.config(noisy), folder.resolve("noisy"));
    noisy.put("label-seed", 1);
    Runner.train(TinyRun.config(noisy), folder.resolve("other"));
    MetricsRow clean = new RunFolder(folder.resolve("clean")).readMetrics().getLast();
    MetricsRow half = new RunFolder(folder.resolve("noisy")).readMetrics().getLast();
    MetricsRow other = new RunFolder(folder.resolve("other")).readMetrics().getLast();
    assertThat(half.validationLoss()).isEqualTo(clean.validationLoss());
    assertThat(half.trainLoss()).isNotEqualTo(clean.trainLoss());
    assertThat(other.trainLoss()).isNotEqualTo(half.trainLoss());
  }

  /** Recorded batches name canonical rows, also where a run trains on other labels. */
  @Test
  void labelNoiseHoldsForRecordedBatches() throws IOException {
    Path golden = Path.of("..", "native", "tests", "goldens", "report_setting");
    Map<String, Object> settings = new HashMap<>(ConfigFile.read(golden.resolve("config.yaml")));
    settings.put("replay", golden.toString());
    settings.put("steps", 20);
    settings.put("lr", "0");
    settings.put("weight-decay", "0");
    Runner.train(RunConfig.of(settings), folder.resolve("clean"));
    settings.put("label-noise", "1.0");
    Runner.train(RunConfig.of(settings), folder.resolve("noisy"));
    MetricsRow clean = new RunFolder(folder.resolve("clean")).readMetrics().getLast();
    MetricsRow noisy = new RunFolder(folder.resolve("noisy")).readMetrics().getLast();
    assertThat(noisy.trainLoss()).isNotEqualTo(clean.trainLoss());
    assertThat(noisy.validationLoss()).isEqualTo(clean.validationLoss());
  }

  @Test
  void differentArchitecturesAreNotTrainedTogether() {
    List<Run> runs =
        List.of(
            new Run(TinyRun.config(Map.of()), folder.resolve("a")),
            new Run(TinyRun.config(Map.of("layers", 2)), folder.resolve("b")));
    assertThatThrownBy(() -> Runner.open(runs))
        .isInstanceOf(ConfigException.class)
        .hasMessage("layers: 1 and 2 cannot be trained together");
  }

  @Test
  void aDivergedRunEndsAtItsEvaluationAndLeavesTheOthersAlone() throws IOException {
    List<Run> runs =
        List.of(
            new Run(TinyRun.config(Map.of("steps", 30, "lr", 1e30)), folder.resolve("wild")),
            new Run(TinyRun.config(Map.of("steps", 30)), folder.resolve("tame")));
    try (Runner runner = Runner.open(runs)) {
      List<Summary> summaries = runner.run(new RunListener() {});
      assertThat(summaries.get(0).status()).isEqualTo(Status.DIVERGED);
      assertThat(summaries.get(0).steps()).isEqualTo(7);
      assertThat(summaries.get(1).status()).isEqualTo(Status.DONE);
    }
    assertThat(new RunFolder(folder.resolve("wild")).readMetrics())
        .singleElement()
        .satisfies(row -> assertThat(row.trainLoss()).isNaN());
    Runner.train(TinyRun.config(Map.of("steps", 30)), folder.resolve("alone"));
    TinyRun.assertSameRun(folder.resolve("tame"), folder.resolve("alone"));
  }

  /**
   * With 9 of 10 rows to learn from and weights pulled to zero, a tiny network understands soon.
   */
  @Test
  void untilGrokEndsAfterFiveGoodEvaluations() throws IOException {
    RunConfig config =
        RunConfig.of(
            Map.ofEntries(
                Map.entry("p", 5),
                Map.entry("train-fraction", 0.9),
                Map.entry("dim", 32),
                Map.entry("layers", 1),
                Map.entry("heads", 2),
                Map.entry("batch-size", "full"),
                Map.entry("lr", 0.003),
                Map.entry("eval-every", 20),
                Map.entry("steps", 6000),
                Map.entry("weight-decay", 1),
                Map.entry("until", "grok"),
                Map.entry("threads", 1)));
    Summary summary = Runner.train(config, folder.resolve("run"));
    List<MetricsRow> rows = new RunFolder(folder.resolve("run")).readMetrics();
    assertThat(summary.status()).isEqualTo(Status.GROKKED);
    assertThat(rows.subList(rows.size() - 5, rows.size()))
        .allSatisfy(row -> assertThat(row.validationAccuracy()).isGreaterThanOrEqualTo(0.99));
    assertThat(rows.get(rows.size() - 6).validationAccuracy()).isLessThan(0.99);
    try (Runner again =
        Runner.open(
            List.of(
                new Run(config, new RunFolder(folder.resolve("run")), true, Optional.empty())))) {
      assertThat(again.isComplete()).isTrue();
    }
  }

  @Test
  void evaluationOnASubsetIsFixed() throws IOException {
    Runner.train(TinyRun.config(Map.of("steps", 14, "eval-rows", 5)), folder.resolve("a"));
    Runner.train(TinyRun.config(Map.of("steps", 14, "eval-rows", 5)), folder.resolve("b"));
    TinyRun.assertSameRun(folder.resolve("a"), folder.resolve("b"));
    assertThat(new RunFolder(folder.resolve("a")).readMetrics())
        .allSatisfy(row -> assertThat(row.trainAccuracy() * 5 % 1).isZero());
  }

  /** 2.8 million rows: all of them are there to train on, a recorded number is evaluated. */
  @Test
  void largeTablesAreTrainedOnAndEvaluatedInPart() throws IOException {
    RunConfig config =
        TinyRun.config(
            Map.of("p", 41, "summands", 4, "steps", 4, "eval-every", 4, "dim", 8, "hidden", 8));
    assertThat(config.newTask().rows()).isEqualTo(41 * 41 * 41 * 41);
    assertThat(config.evalRows()).hasValue(16_384);
    Summary summary = Runner.train(config, folder.resolve("run"));
    RunFolder run = new RunFolder(folder.resolve("run"));
    assertThat(summary.status()).isEqualTo(Status.DONE);
    assertThat(ConfigFile.read(run.config())).containsEntry("eval-rows", "16384");
    MetricsRow row = run.readMetrics().getLast();
    // Accuracies are whole rows of those that are evaluated.
    assertThat(row.trainAccuracy() * 16_384).isEqualTo(Math.rint(row.trainAccuracy() * 16_384));
    int batches = Math.ceilDiv(config.newTask().rows() / 2, 16);
    assertThat(row.epoch()).isEqualTo(4.0 / batches);
  }

  @Test
  void newRunsKeepOffOthersFolders() throws IOException {
    RunConfig config = TinyRun.config(Map.of("steps", 7));
    Runner.train(config, folder.resolve("run"));
    assertThatThrownBy(() -> Runner.train(config, folder.resolve("run")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a run is there already");
    Path file = Files.writeString(folder.resolve("file"), "mine");
    assertThatThrownBy(() -> Runner.train(config, file.resolve("run")))
        .isInstanceOf(IOException.class);
    Path notes = Files.createDirectory(folder.resolve("notes"));
    Files.writeString(notes.resolve("notes.txt"), "mine");
    Runner.train(config, notes);
    new RunFolder(notes).discard();
    assertThat(notes).isDirectoryContaining("glob:**notes.txt");
    assertThat(notes.resolve("notes.txt")).hasContent("mine");
  }

  @Test
  void nothingIsLeftOfARunThatCannotOpenItsFiles() throws IOException {
    Path trace = folder.resolve("missing").resolve("losses.csv");
    assertThatThrownBy(
            () ->
                train(
                    new Run(
                        TinyRun.config(Map.of("steps", 7)),
                        new RunFolder(folder.resolve("run")),
                        false,
                        Optional.of(trace))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(trace.toString());
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void damagedCheckpointsAreRefusedAndNothingChanges() throws IOException {
    RunConfig config = TinyRun.config(Map.of("steps", 14));
    RunFolder run = new RunFolder(folder.resolve("run"));
    Runner.train(config, run.path());
    byte[] whole = Files.readAllBytes(run.checkpoint());
    byte[] metrics = Files.readAllBytes(run.metrics());
    Run more = new Run(config.with(ConfigKey.STEPS, 28), run, true, Optional.empty());
    for (int length : new int[] {0, 7, 100, whole.length - 1}) {
      Files.write(run.checkpoint(), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Runner.open(List.of(more)))
          .isInstanceOf(FormatException.class)
          .hasMessageStartingWith(run.checkpoint().toString());
    }
    Files.copy(run.finalWeights(), run.checkpoint(), StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> Runner.open(List.of(more)))
        .hasMessageContaining("is no groklab-checkpoint-1");
    assertThat(run.metrics()).hasBinaryContent(metrics);
    assertThat(run.summary()).exists();
  }

  private static Summary train(Run run) throws IOException {
    try (Runner runner = Runner.open(List.of(run))) {
      return runner.run(new RunListener() {}).getFirst();
    }
  }
}
