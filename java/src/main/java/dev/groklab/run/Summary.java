package dev.groklab.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.groklab.progress.Collapse;
import dev.groklab.progress.Stages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * What became of a run: {@code summary.json}.
 *
 * @param status how it ended
 * @param steps steps made
 * @param last the latest evaluation, empty if there was none
 * @param trainStep99 step of the first evaluation from which on training accuracy is ≥ 0.99
 * @param validationStep99 the same of validation accuracy
 * @param wallSeconds wall-clock time spent, over all sessions
 * @param stages its stages, empty if it was summed up before there were any
 * @param collapses falls of validation accuracy below 0.9 after it was at least 0.99, empty
 *     likewise
 */
public record Summary(
    Status status,
    long steps,
    Optional<MetricsRow> last,
    OptionalLong trainStep99,
    OptionalLong validationStep99,
    double wallSeconds,
    Optional<Stages> stages,
    OptionalInt collapses) {

  /** Accuracy from which on a split counts as learnt. */
  public static final double LEARNT = 0.99;

  /** Accuracy below which what was learnt counts as lost. */
  private static final double LOST = 0.9;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * Sums up the evaluations of a run.
   *
   * @param status how it ended
   * @param steps steps made
   * @param rows its evaluations, in order
   * @param wallSeconds wall-clock time spent
   * @return the summary
   */
  public static Summary of(Status status, long steps, List<MetricsRow> rows, double wallSeconds) {
    long[] evaluations = rows.stream().mapToLong(MetricsRow::step).toArray();
    double[] validation = column(rows, MetricsRow::validationAccuracy);
    return new Summary(
        status,
        steps,
        rows.isEmpty() ? Optional.empty() : Optional.of(rows.getLast()),
        holdsFrom(evaluations, column(rows, MetricsRow::trainAccuracy), LEARNT),
        holdsFrom(evaluations, validation, LEARNT),
        wallSeconds,
        Optional.of(stages(rows, evaluations, validation)),
        OptionalInt.of(Collapse.of(evaluations, validation, LEARNT, LOST).size()));
  }

  private static Stages stages(List<MetricsRow> rows, long[] steps, double[] validation) {
    double[] excluded = column(rows, row -> row.measures().value("excluded_loss"));
    double[] restricted = column(rows, row -> row.measures().value("restricted_accuracy"));
    return Arrays.stream(excluded).anyMatch(Double::isFinite)
        ? Stages.byCircuit(
            steps, validation, restricted, excluded, column(rows, MetricsRow::trainLoss))
        : Stages.byAccuracy(steps, column(rows, MetricsRow::trainAccuracy), validation);
  }

  private static double[] column(List<MetricsRow> rows, ToDoubleFunction<MetricsRow> value) {
    return rows.stream().mapToDouble(value).toArray();
  }

  /**
   * Of the evaluations after the last one below a level, the first: from there on the level holds.
   * It follows that a run which goes on can lose the step it had.
   *
   * @param steps steps of the evaluations, ascending
   * @param values what was measured there
   * @param level the level
   * @return the step, empty if the last value is below the level or is not a number
   */
  public static OptionalLong holdsFrom(long[] steps, double[] values, double level) {
    if (steps.length != values.length) {
      throw new IllegalArgumentException(
          values.length + " values need as many steps, not " + steps.length);
    }
    OptionalLong step = OptionalLong.empty();
    for (int i = steps.length - 1; i >= 0 && values[i] >= level; i--) {
      step = OptionalLong.of(steps[i]);
    }
    return step;
  }

  /**
   * How much later validation was learnt than training.
   *
   * @return steps, empty if either was not learnt
   */
  public OptionalLong grokkingDelay() {
    return trainStep99.isPresent() && validationStep99.isPresent()
        ? OptionalLong.of(validationStep99.getAsLong() - trainStep99.getAsLong())
        : OptionalLong.empty();
  }

  /**
   * Speed over the whole run, evaluations included.
   *
   * @return steps per second
   */
  public double stepsPerSecond() {
    return wallSeconds > 0 ? steps / wallSeconds : 0;
  }

  /**
   * Writes the summary as JSON. Numbers that are not finite become null: JSON has none.
   *
   * @param file the file
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    ObjectNode json = JSON.createObjectNode();
    json.put("status", status.name().toLowerCase(Locale.ROOT));
    json.put("steps", steps);
    ObjectNode row = json.putObject("final");
    if (last.isPresent()) {
      row.put(MetricsRow.COLUMNS.getFirst(), last.get().step());
      for (int i = 1; i < MetricsRow.COLUMNS.size(); i++) {
        putNumber(row, MetricsRow.COLUMNS.get(i), last.get().values().get(i).doubleValue());
      }
      Measures measures = last.get().measures();
      for (String name : measures.names()) {
        putNumber(row, name, measures.value(name));
      }
    }
    putStep(json, "step_train_99", trainStep99);
    putStep(json, "step_val_99", validationStep99);
    putStep(json, "grokking_delay", grokkingDelay());
    if (stages.isPresent()) {
      ObjectNode node = json.putObject("stages");
      node.put("rule", RunConfig.word(stages.get().rule()));
      putStep(node, "memorization_end", stages.get().memorizationEnd());
      putStep(node, "circuit_formation_end", stages.get().circuitFormationEnd());
      putStep(node, "cleanup_end", stages.get().cleanupEnd());
    }
    if (collapses.isPresent()) {
      json.put("collapses", collapses.getAsInt());
    }
    putNumber(json, "steps_per_second", stepsPerSecond());
    putNumber(json, "wall_seconds", wallSeconds);
    AtomicFile.writeText(
        file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
  }

  /**
   * Reads a summary. What JSON has no number for was not finite, and becomes NaN.
   *
   * @param file the file
   * @return the summary
   * @throws FormatException if the file is none
   * @throws IOException if it cannot be read
   */
  public static Summary read(Path file) throws IOException {
    try {
      JsonNode json = JSON.readTree(Files.readString(file));
      JsonNode row = json.required("final");
      return new Summary(
          Status.valueOf(json.required("status").asText().toUpperCase(Locale.ROOT)),
          json.required("steps").asLong(),
          row.isEmpty() ? Optional.empty() : Optional.of(row(row)),
          step(json.required("step_train_99")),
          step(json.required("step_val_99")),
          number(json.required("wall_seconds")),
          json.has("stages") ? Optional.of(stages(json.get("stages"))) : Optional.empty(),
          json.has("collapses")
              ? OptionalInt.of(json.get("collapses").asInt())
              : OptionalInt.empty());
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new FormatException(file, "is no summary of a run: " + e.getMessage());
    }
  }

  private static Stages stages(JsonNode json) {
    return new Stages(
        Stages.Rule.valueOf(json.required("rule").asText().toUpperCase(Locale.ROOT)),
        step(json.required("memorization_end")),
        step(json.required("circuit_formation_end")),
        step(json.required("cleanup_end")));
  }

  private static MetricsRow row(JsonNode json) {
    List<String> measures = new ArrayList<>();
    json.fieldNames().forEachRemaining(measures::add);
    measures.removeAll(MetricsRow.COLUMNS);
    List<Double> numbers =
        Stream.concat(MetricsRow.COLUMNS.stream(), measures.stream())
            .map(column -> number(json.required(column)))
            .toList();
    return MetricsRow.of(json.required(MetricsRow.COLUMNS.getFirst()).asLong(), numbers, measures);
  }

  private static OptionalLong step(JsonNode json) {
    return json.isNull() ? OptionalLong.empty() : OptionalLong.of(json.asLong());
  }

  private static double number(JsonNode json) {
    return json.isNull() ? Double.NaN : json.asDouble();
  }

  private static void putStep(ObjectNode json, String name, OptionalLong step) {
    if (step.isPresent()) {
      json.put(name, step.getAsLong());
    } else {
      json.putNull(name);
    }
  }

  private static void putNumber(ObjectNode json, String name, double value) {
    if (Double.isFinite(value)) {
      json.put(name, value);
    } else {
      json.putNull(name);
    }
  }
}
