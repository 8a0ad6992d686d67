package dev.groklab.experiments.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.groklab.run.ConfigException;
import dev.groklab.run.ConfigFile;
import dev.groklab.run.FormatException;
import dev.groklab.run.MetricsRow;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import dev.groklab.run.Status;
import dev.groklab.run.Summary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A run as its folder tells it.
 *
 * @param folder where it lies
 * @param config what was trained
 * @param environment versions and machine, as {@code config.yaml} has them
 * @param rows its evaluations, in order
 * @param status how it ended; empty if it is still going on, or was killed
 * @param summary steps to fit and to generalize, from the evaluations
 */
public record RunData(
    Path folder,
    RunConfig config,
    Map<String, String> environment,
    List<MetricsRow> rows,
    Optional<Status> status,
    Summary summary) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * Reads a folder.
   *
   * @param folder a run's folder
   * @return the run
   * @throws IOException if a file is missing or is not what it should be; the message names it
   */
  public static RunData read(RunFolder folder) throws IOException {
    RunConfig config;
    try {
      config = RunConfig.of(ConfigFile.read(folder.config()));
    } catch (ConfigException e) {
      throw new FormatException(folder.config(), e.getMessage());
    }
    List<MetricsRow> rows =
        Files.exists(folder.metrics()) ? folder.readMetrics() : List.of(); // ended before the first
    JsonNode json = readSummary(folder.summary());
    Optional<Status> status = status(folder.summary(), json);
    long lastStep = rows.isEmpty() ? 0 : rows.getLast().step();
    double lastSecond = rows.isEmpty() ? 0 : rows.getLast().seconds();
    Summary summary =
        Summary.of(
            status.orElse(Status.STOPPED),
            json.path("steps").asLong(lastStep),
            rows,
            json.path("wall_seconds").asDouble(lastSecond));
    return new RunData(
        folder.path(), config, ConfigFile.readEnvironment(folder.config()), rows, status, summary);
  }

  private static JsonNode readSummary(Path file) throws IOException {
    if (!Files.exists(file)) {
      return JSON.createObjectNode();
    }
    try {
      JsonNode json = JSON.readTree(file.toFile());
      if (!json.isObject()) {
        throw new FormatException(file, "is no JSON object");
      }
      return json;
    } catch (JsonProcessingException e) {
      throw new FormatException(file, "is no JSON: " + e.getOriginalMessage());
    }
  }

  private static Optional<Status> status(Path file, JsonNode json) throws IOException {
    if (json.path("status").isMissingNode()) {
      return Optional.empty();
    }
    String word = json.path("status").asText();
    for (Status status : Status.values()) {
      if (status.name().toLowerCase(Locale.ROOT).equals(word)) {
        return Optional.of(status);
      }
    }
    throw new FormatException(
        file, "status '" + word + "' is not one of " + Arrays.toString(Status.values()));
  }

  /**
   * Whether it made all steps that it was to make: a run that somebody stopped, or that is still
   * going on, says less.
   *
   * @return true if it has ended by itself
   */
  public boolean isComplete() {
    return status.isPresent() && status.get() != Status.STOPPED;
  }

  /**
   * The last step of which accuracies are known.
   *
   * @return 0 if there was no evaluation
   */
  public long lastStep() {
    return rows.isEmpty() ? 0 : rows.getLast().step();
  }
}
