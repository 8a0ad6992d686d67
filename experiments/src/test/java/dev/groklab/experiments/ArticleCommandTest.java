package dev.groklab.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.groklab.run.ConfigFile;
import dev.groklab.run.MetricsRow;
import dev.groklab.run.RunFolder;
import dev.groklab.run.Safetensors;
import dev.groklab.run.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArticleCommandTest {

  /** Options of modular experiments that take milliseconds. */
  private static final List<String> MODULAR =
      List.of(
          "--p",
          "11",
          "--train-samples",
          "60",
          "--test-samples",
          "30",
          "--hidden",
          "16",
          "--batch-size",
          "16",
          "--epochs",
          "5",
          "--eval-every",
          "2",
          "--threads",
          "1");

  private static final List<String> CNN =
      List.of(
          "--train-images",
          "12",
          "--test-images",
          "10",
          "--width",
          "2",
          "--hidden",
          "8",
          "--batch-size",
          "4",
          "--epochs",
          "3",
          "--threads",
          "1");

  private static final List<String> CARTPOLE =
      List.of("--episodes", "120", "--hidden", "16", "--threads", "1");

  @TempDir Path folder;

  private Groklab article(String experiment, List<String> options, Path out, String... more) {
    List<String> all = new ArrayList<>(List.of("article", experiment));
    all.addAll(options);
    all.addAll(List.of("--out", out.toString()));
    all.addAll(List.of(more));
    return Groklab.run(all.toArray(String[]::new));
  }

  private static void assertWhole(Path path) throws IOException {
    RunFolder run = new RunFolder(path);
    assertThat(run.finalWeights()).isNotEmptyFile();
    assertThat(run.curvesPng()).isNotEmptyFile();
    assertThat(run.curvesSvg()).content().contains("<svg ").endsWith("</svg>\n");
    assertThat(Runs.summary(path).get("status").asText()).isEqualTo("done");
    assertThat(ConfigFile.readEnvironment(run.config())).containsKey("backend");
    try (var files = Files.walk(path)) {
      assertThat(files).noneMatch(file -> file.toString().endsWith(".tmp"));
    }
  }

  @Test
  void modularMlpLeavesARunFolder() throws IOException {
    Path out = folder.resolve("run");
    Groklab groklab = article("modular-mlp", MODULAR, out);
    assertThat(groklab.err()).isEmpty();
    assertThat(groklab.status()).isZero();
    assertThat(groklab.out())
        .contains(
            "0 of 30 test pairs are trained on too (0.0%)",
            "training 2 → 16 → 16 → 11 on cpu", "done at step 20");
    assertWhole(out);
    assertThat(new RunFolder(out).readMetrics().stream().map(MetricsRow::epoch))
        .containsExactly(2.0, 4.0, 5.0);
    assertThat(ConfigFile.read(new RunFolder(out).config()))
        .contains(
            Map.entry("experiment", "modular-mlp"),
            Map.entry("beta2", "0.999"),
            Map.entry("test-samples-trained-on", "0"));
    assertThat(Double.parseDouble(ConfigFile.read(new RunFolder(out).config()).get("weight-decay")))
        .isEqualTo(1e-4);
  }

  @Test
  void seedsTrainTogetherAsTheyWouldAlone() throws IOException {
    Path all = folder.resolve("all");
    assertThat(article("modular-mlp", MODULAR, all, "--seeds", "3..5").out())
        .contains("seed 3: done", "seed 5: done");
    assertThat(new RunFolder(all).curvesSvg()).content().contains("seed 4");
    Path alone = folder.resolve("alone");
    article("modular-mlp", MODULAR, alone, "--seed", "4");
    assertWhole(all.resolve("seed-4"));
    Runs.assertSame(all.resolve("seed-4"), alone);
  }

  @Test
  void asWrittenTestsOnWhatWasTrainedOn() throws IOException {
    Path out = folder.resolve("run");
    Groklab groklab = article("modular-mlp", MODULAR, out, "--as-written");
    assertThat(groklab.out()).doesNotContain("0 of 30 test pairs");
    int trainedOn =
        Integer.parseInt(
            ConfigFile.read(new RunFolder(out).config()).get("test-samples-trained-on"));
    assertThat(trainedOn).isPositive();
    assertThat(groklab.out()).contains(trainedOn + " of 30 test pairs are trained on too");
  }

  @Test
  void quietMeansSilence() {
    Path out = folder.resolve("run");
    assertThat(article("modular-mlp", MODULAR, out, "--quiet")).isEqualTo(new Groklab(0, "", ""));
    assertThat(article("cartpole", CARTPOLE, folder.resolve("pole"), "--quiet"))
        .isEqualTo(new Groklab(0, "", ""));
  }

  /** Every optimizer starts from the same weights: alone or beside the others. */
  @Test
  void optimizersStartFromTheSameWeights() throws IOException {
    Path out = folder.resolve("run");
    Groklab groklab = article("optimizers", MODULAR, out);
    assertThat(groklab.err()).isEmpty();
    assertThat(groklab.out()).contains("SGD: done", "Adam: done", "AdamW: done", "RMSprop: done");
    for (String optimizer : List.of("sgd", "adam", "adamw", "rmsprop")) {
      assertWhole(out.resolve(optimizer));
    }
    assertThat(new RunFolder(out).curvesSvg())
        .content()
        .contains(">SGD</text>", ">Adam</text>", ">AdamW</text>", ">RMSprop</text>");
    Path alone = folder.resolve("alone");
    article("modular-mlp", MODULAR, alone);
    Runs.assertSame(out.resolve("adamw"), alone);
  }

  /** As written, an optimizer goes on with the network of the one before. */
  @Test
  void asWrittenOptimizersTakeTurns() throws IOException {
    Path out = folder.resolve("run");
    article("optimizers", MODULAR, out, "--as-written");
    Path alone = folder.resolve("alone");
    article("modular-mlp", MODULAR, alone, "--as-written");
    // The same pairs and batches, but not from fresh weights.
    assertThat(distance(weights(out.resolve("adamw")), weights(alone))).isPositive();
    // 20 steps of Adam at a rate of 0.001 move a weight by about 0.02 at most.
    assertThat(distance(weights(out.resolve("adam")), weights(out.resolve("adamw"))))
        .isLessThan(0.03);
    assertWhole(out.resolve("rmsprop"));
    assertThat(new RunFolder(out).curvesSvg()).isNotEmptyFile();
  }

  private static double[] weights(Path run) throws IOException {
    return Safetensors.read(new RunFolder(run).finalWeights()).tensors().values().stream()
        .map(Tensor::toDoubles)
        .flatMapToDouble(java.util.Arrays::stream)
        .toArray();
  }

  /** The largest difference of any weight. */
  private static double distance(double[] a, double[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    return most;
  }

  /** Shapes are drawn, written, read and learnt; what is varied is trained together. */
  @Test
  void cnnTrainsOnDrawnShapes() throws IOException {
    Path out = folder.resolve("run");
    Groklab groklab = article("cnn", CNN, out, "--weight-decay", "0.0001,1", "--init-scale", "1,2");
    assertThat(groklab.err()).isEmpty();
    assertThat(groklab.status()).isZero();
    assertThat(groklab.out())
        .contains("12 training and 10 test images: drawn shapes", "decay 1.0, scale 2.0: done");
    assertThat(out.resolve("data/data_batch_5.bin")).hasSize(3 * 3073);
    assertThat(out.resolve("data/test_batch.bin")).hasSize(10 * 3073);
    for (String variant : List.of("decay-0.0001-scale-1.0", "decay-1.0-scale-2.0")) {
      assertWhole(out.resolve(variant));
    }
    Path alone = folder.resolve("alone");
    article("cnn", CNN, alone, "--weight-decay", "1", "--init-scale", "2");
    Runs.assertSame(out.resolve("decay-1.0-scale-2.0"), alone);
  }

  /** CIFAR-10's files are read in full size; blank images will do. */
  @Test
  void cnnReadsCifarFiles() throws IOException {
    Path data = Files.createDirectory(folder.resolve("data"));
    for (String file :
        List.of(
            "data_batch_1",
            "data_batch_2",
            "data_batch_3",
            "data_batch_4",
            "data_batch_5",
            "test_batch")) {
      Files.write(data.resolve(file + ".bin"), new byte[30_730_000]);
    }
    Path out = folder.resolve("run");
    Groklab groklab = article("cnn", CNN, out, "--data", data.toString());
    assertThat(groklab.out()).contains("12 training and 10 test images: " + data);
    assertThat(out.resolve("data")).doesNotExist();
    assertWhole(out);
    JsonNode last = Runs.summary(out).get("final"); // all images are the same one
    assertThat(last.get("val_loss").asDouble())
        .isCloseTo(last.get("train_loss").asDouble(), within(1e-5));

    Files.write(data.resolve("data_batch_4.bin"), new byte[3073]);
    Groklab refused = article("cnn", CNN, folder.resolve("other"), "--data", data.toString());
    assertThat(refused.status()).isEqualTo(2);
    assertThat(refused.err())
        .startsWith(
            "groklab article cnn: --data: "
                + data.resolve("data_batch_4.bin")
                + ": has 3,073 bytes; expected are the 30,730,000 bytes of 10,000 images");
    assertThat(folder.resolve("other")).doesNotExist();
  }

  @Test
  void cartPoleLearns() throws IOException {
    Path out = folder.resolve("run");
    Groklab groklab = article("cartpole", CARTPOLE, out, "--lr", "0.01");
    assertThat(groklab.err()).isEmpty();
    assertThat(groklab.status()).isZero();
    assertThat(groklab.out())
        .contains(
            "training 4 → 16 → 16 → 2 on cpu",
            "done after 120 episodes",
            "the policy's answer to one state takes");
    assertWhole(out);
    List<String> lines = Files.readAllLines(new RunFolder(out).metrics());
    assertThat(lines.getFirst()).isEqualTo("episode,return,average_return,loss,seconds");
    assertThat(lines).hasSize(121);
    double early = mean(lines.subList(1, 31));
    double late = mean(lines.subList(91, 121));
    assertThat(late).isGreaterThan(1.5 * early);
    JsonNode summary = Runs.summary(out);
    assertThat(summary.get("episodes").asInt()).isEqualTo(120);
    assertThat(summary.get("policy_evaluation_microseconds").asDouble()).isPositive();
    assertThat(summary.get("best_average_return").asDouble()).isPositive();
  }

  private static double mean(List<String> rows) {
    return rows.stream()
        .mapToInt(row -> Integer.parseInt(row.split(",", -1)[1]))
        .average()
        .orElseThrow();
  }

  @Test
  void cartPoleSeedsPlayAsTheyWouldAlone() throws IOException {
    Path all = folder.resolve("all");
    article("cartpole", CARTPOLE, all, "--seeds", "0..2");
    Path alone = folder.resolve("alone");
    article("cartpole", CARTPOLE, alone, "--seed", "1");
    assertWhole(all.resolve("seed-1"));
    Runs.assertSame(all.resolve("seed-1"), alone);
    assertThat(new RunFolder(all).curvesSvg()).content().contains("seed 2");
  }

  @Test
  void overwriteReplacesTheWholeExperiment() throws IOException {
    Path out = folder.resolve("run");
    article("optimizers", MODULAR, out);
    Files.writeString(out.resolve("notes.txt"), "mine");
    assertThat(article("modular-mlp", MODULAR, out).status()).isEqualTo(2);
    assertThat(article("modular-mlp", MODULAR, out, "--p", "1", "--overwrite").status())
        .isEqualTo(2);
    assertThat(out.resolve("sgd/summary.json")).exists();
    assertThat(article("modular-mlp", MODULAR, out, "--overwrite").status()).isZero();
    assertThat(out.resolve("sgd")).doesNotExist();
    assertThat(out.resolve("notes.txt")).hasContent("mine");
    assertWhole(out);
  }
}
