package dev.groklab.experiments.results;

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
 * @param ended what became of it; empty if it is still going on, or was killed
 */
public record RunData(
    RunFolder folder,
    RunConfig config,
    Map<String, String> environment,
    List<MetricsRow> rows,
    Optional<Summary> ended) {

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
    return new RunData(
        folder,
        config,
        ConfigFile.readEnvironment(folder.config()),
        Files.exists(folder.metrics()) ? folder.readMetrics() : List.of(),
        Files.exists(folder.summary())
            ? Optional.of(Summary.read(folder.summary()))
            : Optional.empty());
  }

  /**
   * Whether it has ended by itself: a run that somebody stopped, or that is still going on, says
   * less.
   *
   * @return true if it has ended
   */
  public boolean isComplete() {
    return ended.isPresent() && ended.get().status() != Status.STOPPED;
  }

  /**
   * How it ended, or that it has not.
   *
   * @return one word
   */
  public String status() {
    return ended.map(summary -> summary.status().name().toLowerCase(Locale.ROOT)).orElse("running");
  }

  /**
   * Steps made, as far as its files tell.
   *
   * @return 0 if it was never evaluated
   */
  public long steps() {
    long evaluated = rows.isEmpty() ? 0 : rows.getLast().step();
    return ended.map(Summary::steps).orElse(evaluated);
  }

  /**
   * Time spent, as far as its files tell.
   *
   * @return seconds
   */
  public double seconds() {
    double evaluated = rows.isEmpty() ? 0 : rows.getLast().seconds();
    return ended.map(Summary::wallSeconds).orElse(evaluated);
  }
}
