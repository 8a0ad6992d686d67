package dev.groklab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.groklab.data.BatchOrder;
import dev.groklab.data.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplayTest {

  private static final int ROWS = 121; // p = 11, K = 2

  @TempDir Path folder;
  private Path replay;

  @BeforeEach
  void makeFolder() throws IOException {
    replay = Files.createDirectory(folder.resolve("replay"));
  }

  /** A run repeated from its own split, batches and initial weights is the same run. */
  @Test
  void repeatsARunExactly() throws IOException {
    RunConfig config = TinyRun.config(Map.of("steps", 30, "seed", 3));
    Runner.train(config, folder.resolve("original"));
    // At rate 0 without decay, the final weights are the initial ones.
    Runner.train(
        TinyRun.config(Map.of("steps", 1, "seed", 3, "lr", 0, "weight-decay", 0)),
        folder.resolve("still"));
    Files.copy(
        new RunFolder(folder.resolve("still")).finalWeights(), replay.resolve("init.safetensors"));
    int[] train = Split.random(ROWS, 0.5, 3).train();
    Files.write(replay.resolve("train_rows.npy"), NpyBytes.of(train));
    BatchOrder order = BatchOrder.shuffled(train, 16, 3);
    int[][] batches = new int[30][16];
    for (int step = 0; step < batches.length; step++) {
      Arrays.fill(batches[step], order.rows(step, batches[step]), 16, -1); // 60 = 16·3 + 12
    }
    Files.write(replay.resolve("batches.npy"), NpyBytes.of(batches));

    Map<String, Object> settings = new LinkedHashMap<>(config.toMap());
    settings.put("seed", 99);
    settings.put("replay", replay.toString());
    settings
        .keySet()
        .removeAll(
            List.of(
                "steps", "batch-size", "split-seed", "init-seed", "batch-seed", "dropout-seed"));
    RunConfig repeated = RunConfig.of(settings);
    assertThat(repeated.steps()).isEqualTo(30);
    assertThat(repeated.batchSize()).hasValue(16);
    Runner.train(repeated, folder.resolve("repeated"));

    // The validation rows come in another order, so their mean loss may differ in its last bits.
    assertThat(losses(folder.resolve("repeated"))).isEqualTo(losses(folder.resolve("original")));
    assertThat(new RunFolder(folder.resolve("repeated")).finalWeights())
        .hasSameBinaryContentAs(new RunFolder(folder.resolve("original")).finalWeights());
  }

  private static List<Double> losses(Path folder) throws IOException {
    List<Double> losses = new ArrayList<>();
    for (MetricsRow row : new RunFolder(folder).readMetrics()) {
      losses.add(row.trainLoss());
      losses.add(row.trainAccuracy());
      losses.add(row.weightNorm());
    }
    return losses;
  }

  @Test
  void everyInputIsOptional() throws IOException {
    assertThatThrownBy(() -> TinyRun.config(Map.of("replay", replay)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("holds none of init.safetensors, train_rows.npy and batches.npy");
    Files.write(replay.resolve("train_rows.npy"), NpyBytes.of(new int[] {1, 5, 7, 9}));
    RunConfig config = TinyRun.config(Map.of("replay", replay, "steps", 7));
    assertThatThrownBy(() -> Runner.train(config, folder.resolve("run")))
        .hasMessageContaining("batch-size: 16 is not allowed: the training split has 4 rows");
    assertThat(folder.resolve("run")).doesNotExist();
    Runner.train(config.with(ConfigKey.BATCH_SIZE, "full"), folder.resolve("run"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0,1,121 | training row 121 is not in the table",
        "0,1,-1  | training row -1 is not in the table",
        "5,6,5   | training row 5 is given twice",
      })
  void badTrainingRowsAreRefused(String rows, String problem) throws IOException {
    int[] values = Arrays.stream(rows.split(",")).mapToInt(Integer::parseInt).toArray();
    Path file = replay.resolve("train_rows.npy");
    Files.write(file, NpyBytes.of(values));
    assertRefused(Map.of("batch-size", "full"), file + ": " + problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0,1 2,121  | row 121 at step 2, place 1 is not in the table; its rows are 0 to 120",
        "0,1 -2,3   | row -2 at step 2, place 0",
        "0,1 -1,3   | row -1 at step 2, place 0",
        "0,1 -1,-1  | step 2 has no rows",
      })
  void badBatchesAreRefused(String batches, String problem) throws IOException {
    int[][] values =
        Arrays.stream(batches.split(" "))
            .map(b -> Arrays.stream(b.split(",")).mapToInt(Integer::parseInt).toArray())
            .toArray(int[][]::new);
    Path file = replay.resolve("batches.npy");
    Files.write(file, NpyBytes.of(values));
    assertRefused(Map.of(), file + ": " + problem);
  }

  @Test
  void moreStepsThanRecordedAreRefused() throws IOException {
    Files.write(replay.resolve("batches.npy"), NpyBytes.of(new int[][] {{1, 2}, {3, 4}}));
    RunConfig config = TinyRun.config(Map.of("replay", replay, "steps", 3));
    assertThatThrownBy(() -> Runner.train(config, folder.resolve("run")))
        .isInstanceOf(ConfigException.class)
        .hasMessage("steps: 3 is not allowed: --replay holds 2 steps");
  }

  @Test
  void otherModelsWeightsAreRefusedByName() throws IOException {
    Path file = replay.resolve("init.safetensors");
    Runner.train(TinyRun.config(Map.of("steps", 1)), folder.resolve("run"));
    Map<String, Tensor> tensors =
        new LinkedHashMap<>(
            Safetensors.read(new RunFolder(folder.resolve("run")).finalWeights()).tensors());

    Tensor bias = tensors.remove("readout.bias");
    Safetensors.write(file, tensors.values(), Map.of());
    assertRefused(Map.of(), file + ": tensor readout.bias is missing");

    tensors.put(
        "readout.bias", new Tensor("readout.bias", bias.type(), List.of(13L, 1L), bias.bytes()));
    Safetensors.write(file, tensors.values(), Map.of());
    assertRefused(Map.of(), file + ": tensor readout.bias has shape [13, 1]; needed is [13]");

    tensors.put("readout.bias", bias);
    tensors.put("lm_head", new Tensor("lm_head", bias.type(), bias.shape(), bias.bytes()));
    Safetensors.write(file, tensors.values(), Map.of());
    assertRefused(Map.of(), file + ": tensor lm_head is not one of this model's");
  }

  private void assertRefused(Map<String, ?> settings, String problem) {
    Map<String, Object> all = new LinkedHashMap<>(settings);
    all.put("replay", replay);
    all.putIfAbsent("steps", 1);
    assertThatThrownBy(() -> Runner.train(TinyRun.config(all), folder.resolve("refused")))
        .isInstanceOfSatisfying(
            ConfigException.class,
            e -> {
              assertThat(e.key()).isEqualTo("replay");
              assertThat(e.problem()).startsWith(problem);
            });
    assertThat(folder.resolve("refused")).doesNotExist();
  }
}
