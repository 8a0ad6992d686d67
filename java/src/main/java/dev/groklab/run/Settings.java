package dev.groklab.run;

import static dev.groklab.run.ConfigKey.*;

import dev.groklab.data.Split;
import dev.groklab.data.Tasks;
import dev.groklab.engine.Backend;
import dev.groklab.engine.Precision;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Settings by name on their way to a configuration: text becomes numbers, gaps defaults. */
record Settings(Map<String, ?> given) {

  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");

  Settings {
    List<String> allowed = Arrays.stream(ConfigKey.values()).map(ConfigKey::key).toList();
    for (String name : new TreeSet<>(given.keySet())) {
      if (!allowed.contains(name)) {
        throw new ConfigException(
            name,
            "is not a setting; nearest: " + String.join(", ", ConfigKey.nearest(name, allowed)));
      }
    }
  }

  RunConfig resolve() {
    Optional<Path> replay = text(REPLAY).map(Settings::folder);
    Optional<int[]> recorded = replay.flatMap(Replay::batchesShape);
    int dim = integer(DIM);
    String task = word(TASK);
    int p = has(P) ? integer(P) : defaultP(task);
    int summands = integer(SUMMANDS);
    long steps = recorded.isPresent() && !has(STEPS) ? recorded.get()[0] : whole(STEPS);
    long seed = whole(SEED);
    return new RunConfig(
        task,
        p,
        summands,
        real(TRAIN_FRACTION),
        real(LABEL_NOISE),
        word(MODEL),
        integer(LAYERS),
        dim,
        integer(HEADS),
        has(HIDDEN) ? integer(HIDDEN) : (int) Math.min(4L * dim, Integer.MAX_VALUE),
        real(DROPOUT),
        word(OPTIMIZER),
        real(LR),
        real(BETA1),
        real(BETA2),
        real(EPS),
        real(MOMENTUM),
        flag(NESTEROV),
        real(ALPHA),
        flag(CENTERED),
        real(WEIGHT_DECAY),
        real(CLIP_NORM),
        constant(LR_SCHEDULE, LrSchedule.values()),
        real(LR_DECAY_FACTOR),
        whole(LR_DECAY_EVERY),
        wholeOr(LR_DECAY_STEPS, Math.max(steps, 1)),
        real(LR_MIN),
        whole(LR_WARMUP),
        recorded.isPresent() && !has(BATCH_SIZE)
            ? OptionalInt.of(recorded.get()[1])
            : countOr(BATCH_SIZE, "full"),
        steps,
        constant(UNTIL, Until.values()),
        whole(EVAL_EVERY),
        has(EVAL_ROWS) ? countOr(EVAL_ROWS, "all") : defaultEvalRows(task, p, summands),
        seed,
        wholeOr(SPLIT_SEED, seed),
        wholeOr(INIT_SEED, seed),
        wholeOr(BATCH_SEED, seed),
        wholeOr(DROPOUT_SEED, seed),
        wholeOr(LABEL_SEED, seed),
        constant(BACKEND, Backend.values()),
        threads(),
        constant(PRECISION, Precision.values()),
        whole(CHECKPOINT_EVERY),
        flag(PROGRESS_MEASURES),
        SnapshotGrid.parse(word(SNAPSHOT_EVERY)),
        replay);
  }

  private boolean has(ConfigKey key) {
    return given.get(key.key()) != null;
  }

  private Optional<String> text(ConfigKey key) {
    return Optional.ofNullable(given.get(key.key())).map(value -> value.toString().strip());
  }

  private String word(ConfigKey key) {
    return text(key).orElse(key.fallback());
  }

  private int integer(ConfigKey key) {
    long value = whole(key);
    if (value != (int) value) {
      throw new ConfigException(key.key(), value + " is not allowed: it is too large");
    }
    return (int) value;
  }

  private long whole(ConfigKey key) {
    String value = word(key);
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new ConfigException(
          key.key(), "'" + value + "' is not allowed: a whole number is needed");
    }
  }

  private long wholeOr(ConfigKey key, long fallback) {
    return has(key) ? whole(key) : fallback;
  }

  private double real(ConfigKey key) {
    String value = word(key);
    if (!DECIMAL.matcher(value).matches()) {
      throw new ConfigException(
          key.key(), "'" + value + "' is not allowed: a decimal number is needed");
    }
    return Double.parseDouble(value);
  }

  private boolean flag(ConfigKey key) {
    return switch (word(key)) {
      case "true" -> true;
      case "false" -> false;
      case String other ->
          throw new ConfigException(key.key(), "'" + other + "' is not allowed: true or false");
    };
  }

  private OptionalInt countOr(ConfigKey key, String everything) {
    String value = word(key);
    if (value.equals(everything)) {
      return OptionalInt.empty();
    }
    if (!value.matches("[-+]?\\d+")) {
      throw new ConfigException(
          key.key(),
          "'" + value + "' is not allowed: a whole number or '" + everything + "' is needed");
    }
    return OptionalInt.of(integer(key));
  }

  private int threads() {
    OptionalInt threads = countOr(THREADS, "all");
    if (threads.isPresent() && threads.getAsInt() == 0) {
      throw new ConfigException(THREADS.key(), "0 is not allowed: at least 1, or 'all'");
    }
    return threads.orElse(0);
  }

  private <E extends Enum<E>> E constant(ConfigKey key, E[] values) {
    String value = word(key);
    return Arrays.stream(values)
        .filter(constant -> RunConfig.word(constant).equals(value))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigException(
                    key.key(),
                    "'"
                        + value
                        + "' is not allowed; choose "
                        + String.join(
                            " or ", Arrays.stream(values).map(RunConfig::word).toList())));
  }

  /** Unknown tasks are refused later. */
  private static int defaultP(String task) {
    return Tasks.names().contains(task) ? Tasks.defaultP(task) : Integer.MAX_VALUE;
  }

  /** Tables too large to evaluate whole get a subset; invalid sizes are refused later. */
  private static OptionalInt defaultEvalRows(String task, int p, int summands) {
    try {
      int rows = Tasks.of(task, p, summands).rows();
      int evaluated = Split.defaultEvaluationRows(rows);
      return evaluated < rows ? OptionalInt.of(evaluated) : OptionalInt.empty();
    } catch (IllegalArgumentException _) {
      return OptionalInt.empty();
    }
  }

  private static Path folder(String text) {
    return Path.of(text).toAbsolutePath().normalize();
  }
}
