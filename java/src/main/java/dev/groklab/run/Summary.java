package dev.groklab.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;

/**
 * What became of a run: {@code summary.json}.
 *
 * @param status how it ended
 * @param steps steps made
 * @param last the latest evaluation, empty if there was none
 * @param trainStep99 step of the first evaluation from which on training accuracy is ≥ 0.99
 * @param validationStep99 the same of validation accuracy
 * @param wallSeconds wall-clock time spent, over all sessions
 */
public record Summary(
    Status status,
    long steps,
    Optional<MetricsRow> last,
    OptionalLong trainStep99,
    OptionalLong validationStep99,
    double wallSeconds) {

  /** Accuracy from which on a split counts as learnt. */
  public static final double LEARNT = 0.99;

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
    return new Summary(
        status,
        steps,
        rows.isEmpty() ? Optional.empty() : Optional.of(rows.getLast()),
        learntFrom(rows, MetricsRow::trainAccuracy),
        learntFrom(rows, MetricsRow::validationAccuracy),
        wallSeconds);
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
    }
    putStep(json, "step_train_99", trainStep99);
    putStep(json, "step_val_99", validationStep99);
    putStep(json, "grokking_delay", grokkingDelay());
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
          number(json.required("wall_seconds")));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new FormatException(file, "is no summary of a run: " + e.getMessage());
    }
  }

  private static MetricsRow row(JsonNode json) {
    List<Double> numbers =
        MetricsRow.COLUMNS.stream().map(column -> number(json.required(column))).toList();
    return MetricsRow.of(json.required(MetricsRow.COLUMNS.getFirst()).asLong(), numbers);
  }

  private static OptionalLong step(JsonNode json) {
    return json.isNull() ? OptionalLong.empty() : OptionalLong.of(json.asLong());
  }

  private static double number(JsonNode json) {
    return json.isNull() ? Double.NaN : json.asDouble();
  }

  private static OptionalLong learntFrom(
      List<MetricsRow> rows, ToDoubleFunction<MetricsRow> accuracy) {
    return holdsFrom(
        rows.stream().mapToLong(MetricsRow::step).toArray(),
        rows.stream().mapToDouble(accuracy).toArray(),
        LEARNT);
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
