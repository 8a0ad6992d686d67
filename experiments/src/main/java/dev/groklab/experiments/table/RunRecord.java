package dev.groklab.experiments.table;

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

/**
 * What is in a run's folder.
 *
 * @param folder the folder
 * @param config what was trained
 * @param environment where
 * @param status how it ended; {@code unfinished} while it trains, or where it was killed
 * @param summary what became of it, or how it stands
 * @param metrics its evaluations
 */
public record RunRecord(
    RunFolder folder,
    RunConfig config,
    Map<String, String> environment,
    String status,
    Summary summary,
    List<MetricsRow> metrics) {

  private static final String UNFINISHED = "unfinished";

  /** Copies what it is given. */
  public RunRecord {
    environment = Map.copyOf(environment);
    metrics = List.copyOf(metrics);
  }

  /**
   * Reads a folder.
   *
   * @param folder a run's folder
   * @return what is in it
   * @throws IOException if a file cannot be read, or is not what it should be
   */
  public static RunRecord read(RunFolder folder) throws IOException {
    RunConfig config;
    try {
      config = RunConfig.of(ConfigFile.read(folder.config()));
    } catch (ConfigException e) {
      throw new FormatException(folder.config(), e.getMessage());
    }
    Map<String, String> environment = ConfigFile.readEnvironment(folder.config());
    List<MetricsRow> metrics = Files.exists(folder.metrics()) ? folder.readMetrics() : List.of();
    if (Files.exists(folder.summary())) {
      Summary summary = Summary.read(folder.summary());
      String status = summary.status().name().toLowerCase(Locale.ROOT);
      return new RunRecord(folder, config, environment, status, summary, metrics);
    }
    long steps = metrics.isEmpty() ? 0 : metrics.getLast().step();
    double seconds = metrics.isEmpty() ? 0 : metrics.getLast().seconds();
    Summary summary = Summary.of(Status.STOPPED, steps, metrics, seconds);
    return new RunRecord(folder, config, environment, UNFINISHED, summary, metrics);
  }
}
