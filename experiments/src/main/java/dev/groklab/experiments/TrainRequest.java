package dev.groklab.experiments;

import dev.groklab.run.ConfigException;
import dev.groklab.run.ConfigFile;
import dev.groklab.run.ConfigKey;
import dev.groklab.run.FormatException;
import dev.groklab.run.IoFailure;
import dev.groklab.run.RunConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the user asked for: options, over the settings of a {@code --config} file.
 *
 * @param settings values by name, of the run and of {@link #OWN}
 * @param fromFile the names whose values come from the file
 * @param file the file, if there is one
 */
record TrainRequest(Map<String, String> settings, Set<String> fromFile, Optional<Path> file) {

  private static final String CONFIG = "config";

  static final String SEEDS = "seeds";
  static final String OUT = "out";
  static final String TRACE = "trace-steps";
  static final String QUIET = "quiet";

  /** Settings of the command that are none of a run. */
  static final List<String> OWN = List.of(SEEDS, OUT, TRACE, QUIET);

  /**
   * Puts options over the settings of a file.
   *
   * @throws ConfigException if the file cannot be used
   */
  static TrainRequest of(Map<String, String> options, Optional<Path> file) {
    Map<String, String> settings = new LinkedHashMap<>();
    if (file.isPresent()) {
      settings.putAll(readFile(file.get(), options));
    }
    Set<String> fromFile = new LinkedHashSet<>(settings.keySet());
    fromFile.removeAll(options.keySet());
    settings.putAll(options);
    return new TrainRequest(settings, fromFile, file);
  }

  private static Map<String, String> readFile(Path file, Map<String, String> options) {
    try {
      Map<String, String> settings = ConfigFile.read(file);
      List<String> allowed = new ArrayList<>(OWN);
      Arrays.stream(ConfigKey.values()).map(ConfigKey::key).forEach(allowed::add);
      for (String name : settings.keySet()) {
        if (!allowed.contains(name)) {
          throw new FormatException(
              file,
              "'"
                  + name
                  + "' is no setting; nearest: "
                  + String.join(", ", ConfigKey.nearest(name, allowed)));
        }
      }
      if (!ConfigFile.readEnvironment(file).isEmpty()) {
        settings = minimal(settings);
      }
      if (options.containsKey(SEEDS)) {
        settings.remove(ConfigKey.SEED.key());
      }
      if (options.containsKey(ConfigKey.SEED.key())) {
        settings.remove(SEEDS);
      }
      return settings;
    } catch (IOException e) {
      throw new ConfigException(CONFIG, IoFailure.describe(e));
    } catch (ConfigException e) {
      throw new ConfigException(CONFIG, file + ": " + e.getMessage());
    }
  }

  /**
   * A run folder's file without what followed from the rest, so that it follows the options now:
   * {@code --seed 5} over the file of seed 0 means all four seeds.
   */
  private static Map<String, String> minimal(Map<String, String> settings) {
    Map<String, String> minimal = new LinkedHashMap<>();
    RunConfig.of(ofRun(settings))
        .toMinimalMap()
        .forEach((name, value) -> minimal.put(name, value.toString()));
    minimal.keySet().retainAll(settings.keySet());
    for (String name : OWN) {
      if (settings.containsKey(name)) {
        minimal.put(name, settings.get(name));
      }
    }
    return minimal;
  }

  private static Map<String, String> ofRun(Map<String, String> settings) {
    Map<String, String> run = new LinkedHashMap<>(settings);
    run.keySet().removeAll(OWN);
    return run;
  }

  /** The settings of a run alone. */
  Map<String, String> ofRun() {
    return ofRun(settings);
  }

  /** Sentences about options that change nothing: the heads of an MLP, say. */
  List<String> withoutEffect(RunConfig config) {
    return Arrays.stream(ConfigKey.values())
        .filter(key -> settings.containsKey(key.key()) && !fromFile.contains(key.key()))
        .filter(key -> !key.matters(config))
        .map(key -> "--" + key.key() + " changes nothing: this run does not depend on it")
        .toList();
  }

  /** The value of a setting, if it is given. */
  Optional<String> value(String name) {
    return Optional.ofNullable(settings.get(name));
  }

  /** Whether progress shall not be shown. */
  boolean isQuiet() {
    return switch (settings.getOrDefault(QUIET, "false")) {
      case "true" -> true;
      case "false" -> false;
      case String other ->
          throw new ConfigException(QUIET, "'" + other + "' is not allowed: true or false");
    };
  }

  /** The same fault where the user wrote the setting: in the file, or as an option. */
  ConfigException locate(ConfigException fault) {
    return fromFile.contains(fault.key())
        ? new ConfigException(CONFIG, file.orElseThrow() + ": " + fault.getMessage())
        : fault;
  }
}
