package dev.groklab.experiments.article;

import dev.groklab.run.ConfigException;
import dev.groklab.run.ConfigKey;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** What every experiment can be told. Settings that {@code train} has too mean the same here. */
final class CommonOptions {

  /** PyTorch's defaults, where they are not ours: the article leaves them as they are. */
  private static final Map<String, Object> PYTORCH = Map.of(ConfigKey.BETA2.key(), 0.999);

  private static final List<ConfigKey> LEARNING =
      List.of(
          ConfigKey.OPTIMIZER,
          ConfigKey.LR,
          ConfigKey.BETA1,
          ConfigKey.BETA2,
          ConfigKey.ALPHA,
          ConfigKey.EPS,
          ConfigKey.MOMENTUM,
          ConfigKey.WEIGHT_DECAY,
          ConfigKey.DROPOUT,
          ConfigKey.SEED,
          ConfigKey.BACKEND,
          ConfigKey.THREADS,
          ConfigKey.PRECISION);

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      order = 100,
      description = "Where to compute: auto, cpu, cuda, naive or check (default: auto).")
  private String backend;

  @Option(
      names = "--threads",
      paramLabel = "N|all",
      order = 101,
      description = "CPU threads; results do not depend on it (default: all).")
  private String threads;

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      order = 102,
      description = "fp32 or fp64 (default: fp32).")
  private String precision;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      order = 103,
      description = "The folder of what comes of it (default: article/NAME).")
  private Path out;

  @Option(
      names = "--overwrite",
      order = 104,
      description = "Replace the experiment that is in the folder.")
  private boolean overwrite;

  @Option(names = "--quiet", order = 105, description = "Show no progress.")
  private boolean quiet;

  boolean isQuiet() {
    return quiet;
  }

  /**
   * Settings of {@code train}, with what was given here and PyTorch's defaults.
   *
   * @param more settings by name; null: not given
   * @throws ConfigException if a value is not allowed
   */
  RunConfig config(Map<String, ?> more) {
    Map<String, Object> settings = new LinkedHashMap<>(PYTORCH);
    put(settings, ConfigKey.BACKEND, backend);
    put(settings, ConfigKey.THREADS, threads);
    put(settings, ConfigKey.PRECISION, precision);
    settings.putAll(more);
    return RunConfig.of(settings);
  }

  private static void put(Map<String, Object> settings, ConfigKey key, String value) {
    if (value != null) {
      settings.put(key.key(), value);
    }
  }

  /** Writes down how a network learns, and by what means. */
  static void putLearning(Map<String, Object> settings, RunConfig config) {
    for (ConfigKey key : LEARNING) {
      if (key.matters(config)) {
        settings.put(key.key(), config.value(key));
      }
    }
  }

  /**
   * The folder of an experiment, into which nothing is written yet.
   *
   * @throws ConfigException if one is there already and shall not be replaced
   */
  RunFolder folder(String experiment) throws IOException {
    RunFolder folder = new RunFolder(out != null ? out : Path.of("article", experiment));
    if (!overwrite && (folder.holdsRun() || !networks(folder).isEmpty())) {
      throw new ConfigException(
          "out",
          folder.path()
              + " holds an experiment already: give --overwrite to replace it, or another folder");
    }
    return folder;
  }

  /** Takes the former experiment away, if it is to be replaced. */
  void clear(RunFolder folder) throws IOException {
    if (overwrite) {
      for (RunFolder network : networks(folder)) {
        network.discard();
      }
      folder.clear();
    }
  }

  /** The folders of single networks in the folder of an experiment. */
  private static List<RunFolder> networks(RunFolder folder) throws IOException {
    List<RunFolder> networks = new ArrayList<>();
    if (Files.isDirectory(folder.path())) {
      try (Stream<Path> children = Files.list(folder.path())) {
        children.map(RunFolder::new).filter(RunFolder::holdsRun).forEach(networks::add);
      }
    }
    return networks;
  }
}
