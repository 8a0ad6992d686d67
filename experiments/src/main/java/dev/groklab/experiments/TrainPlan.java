package dev.groklab.experiments;

import dev.groklab.run.ConfigException;
import dev.groklab.run.ConfigFile;
import dev.groklab.run.ConfigKey;
import dev.groklab.run.FormatException;
import dev.groklab.run.Run;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import dev.groklab.run.SeedRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which runs a request means, and where they go. Making a plan reads files and writes none.
 *
 * @param folder the run's folder, or that of all seeds
 * @param runs the runs
 * @param seeds the range of seeds, if there are several runs
 */
record TrainPlan(RunFolder folder, List<Run> runs, Optional<SeedRange> seeds) {

  private static final Path RUNS = Path.of("runs");

  /** New runs. */
  static TrainPlan fresh(TrainRequest request, boolean overwrite) throws IOException {
    Optional<SeedRange> seeds = seeds(request.settings());
    List<RunConfig> configs = configs(request.ofRun(), seeds);
    String name = name(configs, seeds);
    RunFolder folder =
        new RunFolder(
            request.value(TrainRequest.OUT).map(Path::of).orElseGet(() -> firstFree(name)));
    if (!overwrite && (folder.holdsRun() || !folder.seeds().isEmpty())) {
      throw new ConfigException(
          TrainRequest.OUT,
          folder.path()
              + " holds a run already: give --resume to go on with it, --overwrite to"
              + " replace it, or another folder");
    }
    return plan(request, folder, configs, seeds, false);
  }

  /** Runs that go on where they were left. */
  static TrainPlan resumed(TrainRequest request) throws IOException {
    RunFolder folder = existing(request);
    Map<String, String> base = ConfigFile.read(folder.config());
    Optional<SeedRange> seeds = seeds(base);
    requireSameSeeds(request, seeds);

    Map<String, String> settings = new LinkedHashMap<>(base);
    settings.remove(TrainRequest.SEEDS);
    settings.putAll(request.ofRun());
    List<RunConfig> configs = configs(settings, seeds);
    for (RunConfig config : configs) {
      RunFolder one = seeds.isPresent() ? folder.seed(config.seed()) : folder;
      if (Files.exists(one.config())) {
        requireSameRun(one, config);
      }
    }
    return plan(request, folder, configs, seeds, true);
  }

  private static TrainPlan plan(
      TrainRequest request,
      RunFolder folder,
      List<RunConfig> configs,
      Optional<SeedRange> seeds,
      boolean resume) {
    Optional<Path> trace = request.value(TrainRequest.TRACE).map(Path::of);
    List<Run> runs =
        configs.stream()
            .map(
                config ->
                    seeds.isEmpty()
                        ? new Run(config, folder, resume, trace)
                        : new Run(
                            config,
                            folder.seed(config.seed()),
                            resume,
                            trace.map(file -> ofSeed(file, config.seed()))))
            .toList();
    return new TrainPlan(folder, runs, seeds);
  }

  private static Optional<SeedRange> seeds(Map<String, String> settings) {
    Optional<SeedRange> seeds =
        Optional.ofNullable(settings.get(TrainRequest.SEEDS)).map(SeedRange::parse);
    if (seeds.isPresent()) {
      for (ConfigKey other : List.of(ConfigKey.SEED, ConfigKey.REPLAY)) {
        if (settings.containsKey(other.key())) {
          throw new ConfigException(
              TrainRequest.SEEDS, "cannot be given together with --" + other.key());
        }
      }
    }
    return seeds;
  }

  private static List<RunConfig> configs(Map<String, String> settings, Optional<SeedRange> seeds) {
    if (seeds.isEmpty()) {
      return List.of(RunConfig.of(settings));
    }
    return seeds.get().seeds().mapToObj(seed -> ofSeed(settings, seed)).toList();
  }

  private static RunConfig ofSeed(Map<String, String> settings, long seed) {
    Map<String, String> one = new LinkedHashMap<>(settings);
    one.put(ConfigKey.SEED.key(), Long.toString(seed));
    return RunConfig.of(one);
  }

  /** {@code losses.csv} becomes {@code losses-seed-3.csv}. */
  private static Path ofSeed(Path file, long seed) {
    String name = file.getFileName().toString();
    int dot = name.lastIndexOf('.');
    int end = dot > 0 ? dot : name.length();
    return file.resolveSibling(name.substring(0, end) + "-seed-" + seed + name.substring(end));
  }

  private static String name(List<RunConfig> configs, Optional<SeedRange> seeds) {
    RunConfig first = configs.getFirst();
    return seeds
        .map(range -> first.nameWithoutSeed() + "-s" + range.first() + "-" + range.last())
        .orElse(first.name());
  }

  /** {@code runs/NAME}, or the first of {@code runs/NAME-2}, {@code runs/NAME-3}… that is free. */
  private static Path firstFree(String name) {
    return candidates(name).filter(folder -> !Files.exists(folder)).findFirst().orElseThrow();
  }

  private static Stream<Path> candidates(String name) {
    return Stream.iterate(1, n -> n + 1).map(n -> RUNS.resolve(n == 1 ? name : name + "-" + n));
  }

  /** The folder of the run to resume: the one named, or the last that this command has made. */
  private static RunFolder existing(TrainRequest request) throws IOException {
    Optional<Path> out = request.value(TrainRequest.OUT).map(Path::of);
    Path path;
    if (out.isPresent()) {
      path = out.get();
    } else {
      Optional<SeedRange> seeds = seeds(request.settings());
      String name = name(configs(request.ofRun(), seeds), seeds);
      path =
          candidates(name)
              .takeWhile(Files::exists)
              .reduce((_, next) -> next)
              .orElse(RUNS.resolve(name));
    }
    RunFolder folder = new RunFolder(path);
    if (!Files.isRegularFile(folder.config())) {
      throw new ConfigException(
          "resume", "there is no run in " + path + ": it has no " + folder.config().getFileName());
    }
    return folder;
  }

  private static void requireSameSeeds(TrainRequest request, Optional<SeedRange> seeds) {
    Optional<SeedRange> asked = request.value(TrainRequest.SEEDS).map(SeedRange::parse);
    if (asked.isPresent() && !asked.equals(seeds)) {
      throw new ConfigException(
          TrainRequest.SEEDS,
          asked.get()
              + " is not allowed: the run to resume has "
              + seeds.map(range -> "the seeds " + range).orElse("one seed"));
    }
    if (seeds.isPresent() && request.value(ConfigKey.SEED.key()).isPresent()) {
      throw new ConfigException(
          ConfigKey.SEED.key(), "is not allowed: the run to resume has the seeds " + seeds.get());
    }
  }

  /** Refuses settings on which the steps already made depend. */
  private static void requireSameRun(RunFolder folder, RunConfig config) throws IOException {
    RunConfig made;
    try {
      made = RunConfig.of(ConfigFile.read(folder.config()));
    } catch (ConfigException e) {
      throw new FormatException(folder.config(), e.getMessage());
    }
    for (ConfigKey key : made.differences(config)) {
      if (!key.mayChangeOnResume()) {
        throw new ConfigException(
            key.key(),
            Objects.requireNonNullElse(config.value(key), "none")
                + " is not allowed: the run in "
                + folder.path()
                + " was begun with "
                + Objects.requireNonNullElse(made.value(key), "none")
                + ", and what it has computed depends on that");
      }
    }
  }

  /**
   * Writes what the folder of several seeds has of its own: a {@code config.yaml} with the range of
   * seeds, good for {@code --resume} and {@code --config}.
   */
  void writeOwnFiles() throws IOException {
    if (seeds.isEmpty()) {
      return;
    }
    Map<String, Object> settings = new LinkedHashMap<>(runs.getFirst().config().toMinimalMap());
    settings.remove(ConfigKey.SEED.key());
    settings.put(TrainRequest.SEEDS, seeds.get().toString());
    Files.createDirectories(folder.path());
    ConfigFile.write(folder.config(), settings, Map.of());
  }

  /** Takes {@link #writeOwnFiles} back, if no run came of it. */
  void discardOwnFiles() throws IOException {
    if (seeds.isPresent() && folder.seeds().isEmpty()) {
      folder.discard();
    }
  }
}
