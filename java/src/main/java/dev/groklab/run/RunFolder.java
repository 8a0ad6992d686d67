package dev.groklab.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A run's folder and the names of its files.
 *
 * @param path the folder; it need not exist
 */
public record RunFolder(Path path) {

  private static final Pattern SNAPSHOT = Pattern.compile("step-(\\d{1,18})\\.safetensors");

  /**
   * Everything that determines the run, see {@link ConfigFile}.
   *
   * @return {@code config.yaml}
   */
  public Path config() {
    return path.resolve("config.yaml");
  }

  /**
   * The evaluations, see {@link MetricsRow}.
   *
   * @return {@code metrics.csv}
   */
  public Path metrics() {
    return path.resolve("metrics.csv");
  }

  /**
   * What became of the run, see {@link Summary}.
   *
   * @return {@code summary.json}
   */
  public Path summary() {
    return path.resolve("summary.json");
  }

  /**
   * The newest whole checkpoint, see {@link Checkpoint}.
   *
   * @return {@code checkpoint/checkpoint.safetensors}
   */
  public Path checkpoint() {
    return path.resolve("checkpoint").resolve("checkpoint.safetensors");
  }

  /**
   * The parameters at the end.
   *
   * @return {@code final.safetensors}
   */
  public Path finalWeights() {
    return path.resolve("final.safetensors");
  }

  /**
   * The parameters at steps on the way.
   *
   * @return {@code snapshots}; there may be none
   */
  public Path snapshots() {
    return path.resolve("snapshots");
  }

  /**
   * The parameters at a step on the way.
   *
   * @param step steps made
   * @return {@code snapshots/step-N.safetensors}
   */
  public Path snapshot(long step) {
    return snapshots().resolve("step-" + step + ".safetensors");
  }

  /**
   * The steps of the snapshots that there are.
   *
   * @return ascending; none without the folder
   * @throws IOException if it cannot be listed
   */
  public List<Long> snapshotSteps() throws IOException {
    if (!Files.isDirectory(snapshots())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(snapshots())) {
      return files
          .map(file -> SNAPSHOT.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .map(match -> Long.parseLong(match.group(1)))
          .sorted()
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /**
   * The picture of the run as a drawing.
   *
   * @return {@code curves.svg}
   */
  public Path curvesSvg() {
    return path.resolve("curves.svg");
  }

  /**
   * The picture of the run as pixels.
   *
   * @return {@code curves.png}
   */
  public Path curvesPng() {
    return path.resolve("curves.png");
  }

  /**
   * Whether a run has been started here.
   *
   * @return true if there is a configuration or any other file of a run
   */
  public boolean holdsRun() {
    return Stream.of(config(), metrics(), summary(), checkpoint(), finalWeights())
        .anyMatch(Files::exists);
  }

  /**
   * The folders of single seeds in here, {@code seed-0} and so on.
   *
   * @return those that hold a run, in no particular order
   * @throws IOException if the folder cannot be listed
   */
  public List<RunFolder> seeds() throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(path)) {
      return children
          .filter(child -> child.getFileName().toString().matches("seed-\\d+"))
          .map(RunFolder::new)
          .filter(RunFolder::holdsRun)
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /**
   * The folder of one seed in here.
   *
   * @param seed the seed
   * @return {@code seed-N}
   */
  public RunFolder seed(long seed) {
    return new RunFolder(path.resolve("seed-" + seed));
  }

  /**
   * Makes the folder, with its parents.
   *
   * @throws IOException if that is impossible
   */
  public void create() throws IOException {
    Files.createDirectories(checkpoint().getParent());
  }

  /**
   * Reads the evaluations.
   *
   * @return the rows in order; one that a crash cut off is left out
   * @throws IOException if the file cannot be read or is none of evaluations
   */
  public List<MetricsRow> readMetrics() throws IOException {
    return MetricsLog.read(metrics());
  }

  /**
   * Deletes the files of a run, those of single seeds in here too, and nothing else.
   *
   * @throws IOException if one cannot be deleted
   */
  public void clear() throws IOException {
    for (RunFolder seed : seeds()) {
      seed.clear();
    }
    clearResults();
    for (long step : snapshotSteps()) {
      Files.deleteIfExists(snapshot(step));
    }
    Files.deleteIfExists(checkpoint());
    Files.deleteIfExists(metrics());
    Files.deleteIfExists(config());
  }

  /**
   * Deletes the files of a run as {@link #clear} does, and the folder if nothing else is in it.
   *
   * @throws IOException if a file cannot be deleted
   */
  public void discard() throws IOException {
    clear();
    for (Path folder : List.of(checkpoint().getParent(), snapshots(), path)) {
      try {
        Files.deleteIfExists(folder);
      } catch (FileSystemException _) {
        return; // others' files are in it, or it was never made
      }
    }
  }

  /** Deletes what a run writes at its end. */
  void clearResults() throws IOException {
    for (Path file : List.of(summary(), finalWeights(), curvesSvg(), curvesPng())) {
      Files.deleteIfExists(file);
    }
  }
}
