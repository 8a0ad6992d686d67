package dev.groklab.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryTest {

  @TempDir Path folder;

  private static MetricsRow row(long step, double train, double validation) {
    return new MetricsRow(step, step / 3.0, 0.1, train, 2, validation, 5e-4, 10, 1.5);
  }

  @Test
  void aSplitIsLearntFromWhereItStaysAt99() {
    List<MetricsRow> rows =
        List.of(row(10, 0.99, 0.1), row(20, 0.98, 0.995), row(30, 0.99, 0.2), row(40, 1, 0.99));
    Summary summary = Summary.of(Status.DONE, 40, rows, 2);
    assertThat(summary.trainStep99()).hasValue(30);
    assertThat(summary.validationStep99()).hasValue(40);
    assertThat(summary.grokkingDelay()).hasValue(10);
    assertThat(summary.stepsPerSecond()).isEqualTo(20);
    assertThat(Summary.of(Status.DONE, 20, rows.subList(0, 2), 2).trainStep99()).isEmpty();
    assertThat(Summary.of(Status.DONE, 20, rows.subList(0, 2), 2).grokkingDelay()).isEmpty();
  }

  @Test
  void jsonHasTheContractsNames() throws IOException {
    Path file = folder.resolve("summary.json");
    List<MetricsRow> rows = new ArrayList<>(List.of(row(10, 1, 0.2)));
    rows.add(new MetricsRow(20, 2, Double.NaN, 0, Double.POSITIVE_INFINITY, 0, 0, 1, 2));
    Summary.of(Status.DIVERGED, 20, rows, 4).write(file);
    JsonNode json = JsonMapper.builder().build().readTree(file.toFile());
    assertThat(json.get("status").asText()).isEqualTo("diverged");
    assertThat(json.get("final").get("step").asLong()).isEqualTo(20);
    assertThat(json.get("final").get("train_loss").isNull()).isTrue();
    assertThat(json.get("final").get("val_loss").isNull()).isTrue();
    assertThat(json.get("final").get("weight_norm").asDouble()).isEqualTo(1);
    assertThat(json.get("step_train_99").isNull()).isTrue();
    assertThat(json.get("step_val_99").isNull()).isTrue();
    assertThat(json.get("grokking_delay").isNull()).isTrue();
    assertThat(json.get("steps_per_second").asDouble()).isEqualTo(5);
    assertThat(json.get("wall_seconds").asDouble()).isEqualTo(4);
  }

  @Test
  void whatWasWrittenIsReadAgain() throws IOException {
    Path file = folder.resolve("summary.json");
    for (Summary summary :
        List.of(
            Summary.of(Status.GROKKED, 20, List.of(row(10, 1, 0.2), row(20, 0.995, 1)), 4.25),
            Summary.of(Status.DIVERGED, 10, List.of(row(10, Double.NaN, 0)), 1),
            Summary.of(Status.STOPPED, 3, List.of(), 0))) {
      summary.write(file);
      assertThat(Summary.read(file)).isEqualTo(summary);
    }
    for (String other : List.of("", "[]", "{}", "{\"status\": \"ill\"}", "no JSON")) {
      Files.writeString(file, other);
      assertThatThrownBy(() -> Summary.read(file))
          .isInstanceOf(FormatException.class)
          .hasMessageStartingWith(file + ": is no summary of a run");
    }
  }

  @Test
  void aRunWithoutEvaluationsHasASummary() throws IOException {
    Path file = folder.resolve("summary.json");
    Summary.of(Status.STOPPED, 3, List.of(), 0).write(file);
    JsonNode json = JsonMapper.builder().build().readTree(file.toFile());
    assertThat(json.get("final")).isEmpty();
    assertThat(json.get("steps_per_second").asDouble()).isZero();
  }

  @Property
  void rowsKeepEveryBitOfTheirNumbers(@ForAll double loss, @ForAll double accuracy) {
    MetricsRow row = new MetricsRow(7, 0.1, loss, accuracy, -loss, 0, 5e-4, 3, 1.25);
    assertThat(MetricsRow.parse(row.toCsv(), List.of())).isEqualTo(row);
  }

  @Test
  void aLevelNeedsAStepForEachValue() {
    assertThat(Summary.holdsFrom(new long[] {1, 2}, new double[] {0.5, 0.5}, 0.5)).hasValue(1);
    assertThat(Summary.holdsFrom(new long[] {1, 2}, new double[] {1, Double.NaN}, 0.5)).isEmpty();
    assertThatThrownBy(() -> Summary.holdsFrom(new long[] {1}, new double[] {1, 1}, 0.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("2 values need as many steps, not 1");
  }
}
