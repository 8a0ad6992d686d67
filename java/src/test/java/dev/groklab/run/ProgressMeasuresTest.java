package dev.groklab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressMeasuresTest {

  @TempDir Path folder;

  private MetricsRow last(String name, Map<String, ?> settings) throws IOException {
    Runner.train(TinyRun.config(settings), folder.resolve(name));
    return new RunFolder(folder.resolve(name)).readMetrics().getLast();
  }

  @Test
  void measuresAgreeWithWhatIsKnownOtherwise() throws IOException {
    MetricsRow row = last("run", Map.of("steps", 21));
    Measures measures = row.measures();
    assertThat(measures.names())
        .startsWith("gradient_norm", "logit_scale", "softmax_collapse", "embedding_rank")
        .contains("restricted_loss", "weight_norm_blocks_0_attention_in_proj_bias")
        .endsWith("unembedding_power_5");
    double squares =
        measures.names().stream()
            .filter(name -> name.startsWith("weight_norm_"))
            .mapToDouble(name -> Math.pow(measures.value(name), 2))
            .sum();
    assertThat(Math.sqrt(squares)).isCloseTo(row.weightNorm(), within(1e-4));
    for (String table : List.of("embedding_power_", "unembedding_power_")) {
      double shares = IntStream.rangeClosed(1, 5).mapToDouble(k -> measures.value(table + k)).sum();
      assertThat(shares).isCloseTo(1, within(1e-5));
    }
    assertThat(measures.value("embedding_rank")).isBetween(1.0, 11.0);
    assertThat(measures.value("softmax_collapse")).isZero();
    assertThat(measures.value("gradient_norm")).isPositive();
    // Nothing has formed yet, so nothing is excluded: what remains is the training loss.
    assertThat(measures.value("key_frequencies")).isZero();
    assertThat(measures.value("excluded_loss")).isCloseTo(row.trainLoss(), within(1e-4));
    assertThat(measures.value("restricted_loss")).isBetween(1.5, 4.0);
  }

  /** Training rows are measured with the labels that they are trained on. */
  @Test
  void randomLabelsAreThoseMeasured() throws IOException {
    MetricsRow row = last("run", Map.of("steps", 7, "label-noise", 0.8));
    assertThat(row.measures().value("excluded_loss")).isCloseTo(row.trainLoss(), within(1e-4));
  }

  @ParameterizedTest
  @CsvSource({
    "task, multiply, embedding_gini, restricted_loss",
    "summands, 3, key_frequencies, excluded_loss",
    "model, mlp, restricted_loss, weight_norm_final_norm_bias",
    "model, lstm, excluded_loss, weight_norm_final_norm_bias"
  })
  void whatDoesNotApplyHasNoColumn(String key, String value, String present, String absent)
      throws IOException {
    assertThat(last("run", Map.of("steps", 7, key, value)).measures().names())
        .contains(present)
        .doesNotContain(absent);
  }

  @Test
  void groupsHaveNoSpectrum() throws IOException {
    MetricsRow row =
        last("run", Map.of("steps", 7, "task", "s5", "p", 120, "dim", 8, "eval-rows", 50));
    assertThat(row.measures().names())
        .contains("softmax_collapse", "weight_norm_readout_bias")
        .doesNotContain("embedding_gini", "embedding_power_1");
  }

  @Test
  void measuresChangeNothing() throws IOException {
    Map<String, Object> off = Map.of("steps", 30, "dropout", 0.1, "progress-measures", false);
    MetricsRow without = last("off", off);
    MetricsRow with = last("on", Map.of("steps", 30, "dropout", 0.1));
    assertThat(without.measures()).isEqualTo(Measures.NONE);
    assertThat(with.values().subList(0, 8)).isEqualTo(without.values().subList(0, 8));
    assertThat(new RunFolder(folder.resolve("on")).finalWeights())
        .hasSameBinaryContentAs(new RunFolder(folder.resolve("off")).finalWeights());
    assertThat(Files.readAllLines(folder.resolve("off/metrics.csv")).getFirst())
        .isEqualTo(MetricsRow.HEADER);
  }

  /** A folder from before there were measures, or with others, keeps the columns that it has. */
  @Test
  void aResumedRunKeepsItsColumns() throws IOException {
    RunFolder old = new RunFolder(folder.resolve("old"));
    last("old", Map.of("steps", 14, "progress-measures", false));
    resume(TinyRun.config(Map.of("steps", 28)), old);
    assertThat(old.readMetrics()).hasSize(4);
    assertThat(Files.readAllLines(old.metrics()).getFirst()).isEqualTo(MetricsRow.HEADER);

    RunFolder other = new RunFolder(folder.resolve("other"));
    last("other", Map.of("steps", 14));
    resume(TinyRun.config(Map.of("steps", 28, "progress-measures", false)), other);
    List<MetricsRow> rows = other.readMetrics();
    assertThat(rows.get(1).measures().value("logit_scale")).isPositive();
    assertThat(Arrays.stream(rows.get(3).measures().values())).containsOnly(Double.NaN);
    assertThat(Summary.read(other.summary()).last()).hasValue(rows.get(3));
  }

  private static void resume(RunConfig config, RunFolder run) throws IOException {
    try (Runner runner = Runner.open(List.of(new Run(config, run, true, Optional.empty())))) {
      runner.run(new RunListener() {});
    }
  }
}
