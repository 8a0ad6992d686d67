package dev.groklab.run;

import static dev.groklab.run.ConfigKey.*;

import dev.groklab.data.Tasks;
import dev.groklab.engine.Backend;
import dev.groklab.engine.Precision;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Everything that determines a run. An instance is always valid: the constructor refuses what
 * cannot be trained. {@link #of} makes one from the settings by name, with the defaults of {@link
 * ConfigKey} for those not given; {@link #toMap} is its inverse.
 *
 * @param task name of the task
 * @param p modulus
 * @param summands operands of a row
 * @param trainFraction α: ⌊α·rows⌋ rows train, the others validate
 * @param model name of the architecture
 * @param layers blocks
 * @param dim width of the residual stream
 * @param heads attention heads
 * @param hidden width of the feed-forward layer
 * @param dropout probability of dropping
 * @param optimizer name of the optimizer
 * @param lr learning rate of the first step
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param eps added to the denominator of the update
 * @param momentum momentum of optimizers that have it
 * @param weightDecay decoupled weight decay
 * @param lrDecayFactor what the rate is multiplied by
 * @param lrDecayEvery steps between two multiplications
 * @param batchSize rows of a batch; empty: all training rows
 * @param steps steps to make
 * @param until what ends the run before its last step
 * @param evalEvery steps between evaluations
 * @param evalRows most rows of a split that are evaluated; empty: all
 * @param seed what the other seeds followed where they were not given
 * @param splitSeed seed of the split
 * @param initSeed seed of the initial weights
 * @param batchSeed seed of the batch order
 * @param dropoutSeed seed of the dropout masks
 * @param backend where to compute
 * @param threads CPU threads, 0: all
 * @param precision arithmetic
 * @param checkpointEvery steps between checkpoints
 * @param replay folder of recorded inputs: {@code init.safetensors}, {@code train_rows.npy} and
 *     {@code batches.npy}, each optional
 */
public record RunConfig(
    String task,
    int p,
    int summands,
    double trainFraction,
    String model,
    int layers,
    int dim,
    int heads,
    int hidden,
    double dropout,
    String optimizer,
    double lr,
    double beta1,
    double beta2,
    double eps,
    double momentum,
    double weightDecay,
    double lrDecayFactor,
    long lrDecayEvery,
    OptionalInt batchSize,
    long steps,
    Until until,
    long evalEvery,
    OptionalInt evalRows,
    long seed,
    long splitSeed,
    long initSeed,
    long batchSeed,
    long dropoutSeed,
    Backend backend,
    int threads,
    Precision precision,
    long checkpointEvery,
    Optional<Path> replay) {

  private static final List<String> KNOWN_MODELS = List.of("transformer", "mlp", "lstm");
  private static final List<String> KNOWN_OPTIMIZERS = List.of("adamw", "adam", "sgd", "rmsprop");

  /**
   * Checks every setting against its limits and against the others.
   *
   * @throws ConfigException if one is outside what is allowed
   */
  public RunConfig {
    requireOffered(TASK, task, List.copyOf(Tasks.names()), List.copyOf(Tasks.names()));
    require(P, p, p >= 2, "the modulus must be at least 2");
    require(SUMMANDS, summands, summands >= 2, "at least 2 operands are needed");
    long rows = tableRows(task, p, summands);
    require(
        TRAIN_FRACTION,
        trainFraction,
        trainFraction > 0 && trainFraction < 1,
        "must be above 0 and below 1");
    requireOffered(MODEL, model, KNOWN_MODELS, List.of("transformer"));
    requireRange(LAYERS, layers, 1, 64);
    requireRange(DIM, dim, 1, 8192);
    require(
        HEADS,
        heads,
        heads >= 1 && dim % heads == 0,
        "must divide the width, --dim " + dim + ", into equal parts");
    requireRange(HIDDEN, hidden, 1, 65536);
    require(DROPOUT, dropout, dropout >= 0 && dropout < 1, "must be at least 0 and below 1");
    requireOffered(OPTIMIZER, optimizer, KNOWN_OPTIMIZERS, List.of("adamw"));
    requireNotNegative(LR, lr);
    require(BETA1, beta1, beta1 >= 0 && beta1 < 1, "must be at least 0 and below 1");
    require(BETA2, beta2, beta2 >= 0 && beta2 < 1, "must be at least 0 and below 1");
    requireNotNegative(EPS, eps);
    if (momentum != 0) {
      throw new ConfigException(
          MOMENTUM.key(),
          momentum + " is not available yet: it belongs to sgd and rmsprop, and adamw has none");
    }
    requireNotNegative(WEIGHT_DECAY, weightDecay);
    require(
        LR_DECAY_FACTOR,
        lrDecayFactor,
        lrDecayFactor > 0 && lrDecayFactor <= 1,
        "must be above 0 and at most 1");
    requireAtLeastOne(LR_DECAY_EVERY, lrDecayEvery);
    if (batchSize.isPresent()) {
      requireAtLeastOne(BATCH_SIZE, batchSize.getAsInt());
    }
    requireAtLeastOne(STEPS, steps);
    requireAtLeastOne(EVAL_EVERY, evalEvery);
    if (evalRows.isPresent()) {
      requireAtLeastOne(EVAL_ROWS, evalRows.getAsInt());
    }
    requireNotNegative(SEED, seed);
    requireNotNegative(SPLIT_SEED, splitSeed);
    requireNotNegative(INIT_SEED, initSeed);
    requireNotNegative(BATCH_SEED, batchSeed);
    requireNotNegative(DROPOUT_SEED, dropoutSeed);
    requireRange(THREADS, threads, 0, 1024);
    requireAtLeastOne(CHECKPOINT_EVERY, checkpointEvery);
    if (replay.isEmpty()) {
      long train = trainRows(rows, trainFraction);
      require(
          TRAIN_FRACTION,
          trainFraction,
          train > 0,
          "of " + rows + " rows it would leave none to train on");
      if (batchSize.isPresent()) {
        requireBatchFits(batchSize.getAsInt(), train);
      }
    }
  }

  /**
   * A configuration from settings by name; the others take their defaults. With {@code replay}, the
   * defaults of {@code steps} and {@code batch-size} are those of the recorded batches.
   *
   * @param settings values by {@link ConfigKey#key()}, as numbers or as text
   * @return the configuration
   * @throws ConfigException if a name is unknown or a value not allowed
   */
  public static RunConfig of(Map<String, ?> settings) {
    return new Settings(settings).resolve();
  }

  /**
   * The settings by name, all of them, as {@link #of} takes them: numbers as decimals, the rest as
   * text.
   *
   * @return a map in the order of {@link ConfigKey}
   */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    for (ConfigKey key : ConfigKey.values()) {
      Object value = value(key);
      if (value != null) {
        map.put(key.key(), value);
      }
    }
    return map;
  }

  /**
   * {@link #toMap} without what follows from the rest: such as the seeds that are equal to {@code
   * seed}. With other settings changed, those then follow these.
   *
   * @return a map in the order of {@link ConfigKey}
   */
  public Map<String, Object> toMinimalMap() {
    Map<String, Object> map = toMap();
    for (ConfigKey key : ConfigKey.values()) {
      if (key.isDerived()) {
        Map<String, Object> without = new LinkedHashMap<>(map);
        without.remove(key.key());
        if (of(without).equals(this)) {
          map = without;
        }
      }
    }
    return map;
  }

  /**
   * The same configuration with one setting changed.
   *
   * @param key the setting
   * @param value its new value
   * @return another configuration
   * @throws ConfigException if the value is not allowed
   */
  public RunConfig with(ConfigKey key, Object value) {
    Map<String, Object> map = toMap();
    map.put(key.key(), value);
    return of(map);
  }

  /**
   * The value of a setting in the form that YAML shows.
   *
   * @param key the setting
   * @return a number, a word, or null where there is none
   */
  public Object value(ConfigKey key) {
    return switch (key) {
      case TASK -> task;
      case P -> p;
      case SUMMANDS -> summands;
      case TRAIN_FRACTION -> plain(trainFraction);
      case MODEL -> model;
      case LAYERS -> layers;
      case DIM -> dim;
      case HEADS -> heads;
      case HIDDEN -> hidden;
      case DROPOUT -> plain(dropout);
      case OPTIMIZER -> optimizer;
      case LR -> plain(lr);
      case BETA1 -> plain(beta1);
      case BETA2 -> plain(beta2);
      case EPS -> plain(eps);
      case MOMENTUM -> plain(momentum);
      case WEIGHT_DECAY -> plain(weightDecay);
      case LR_DECAY_FACTOR -> plain(lrDecayFactor);
      case LR_DECAY_EVERY -> lrDecayEvery;
      case BATCH_SIZE -> batchSize.isPresent() ? (Object) batchSize.getAsInt() : "full";
      case STEPS -> steps;
      case UNTIL -> word(until);
      case EVAL_EVERY -> evalEvery;
      case EVAL_ROWS -> evalRows.isPresent() ? (Object) evalRows.getAsInt() : "all";
      case SEED -> seed;
      case SPLIT_SEED -> splitSeed;
      case INIT_SEED -> initSeed;
      case BATCH_SEED -> batchSeed;
      case DROPOUT_SEED -> dropoutSeed;
      case BACKEND -> word(backend);
      case THREADS -> threads == 0 ? "all" : (Object) threads;
      case PRECISION -> word(precision);
      case CHECKPOINT_EVERY -> checkpointEvery;
      case REPLAY -> replay.map(Path::toString).orElse(null);
    };
  }

  /**
   * A name for the run that tells what it is, such as {@code add-p97-k2-a0.5-transformer-adamw-s0}.
   *
   * @return a file name
   */
  public String name() {
    return nameWithoutSeed() + "-s" + seed;
  }

  /**
   * {@link #name()} without its end, for what several seeds share.
   *
   * @return a file name
   */
  public String nameWithoutSeed() {
    return String.format(
        Locale.ROOT,
        "%s-p%d-k%d-a%s-%s-%s",
        task,
        p,
        summands,
        plain(trainFraction).stripTrailingZeros().toPlainString(),
        model,
        optimizer);
  }

  /** Refuses batches larger than the training split. */
  static void requireBatchFits(int batchSize, long trainRows) {
    require(
        BATCH_SIZE,
        batchSize,
        batchSize <= trainRows,
        "the training split has " + trainRows + " rows; give at most that many, or 'full'");
  }

  private static long tableRows(String task, int p, int summands) {
    try {
      Tasks.of(task, p, summands); // knows how large a table may be
      return Math.powExact((long) p, summands);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(SUMMANDS.key(), e.getMessage());
    }
  }

  private static long trainRows(long rows, double fraction) {
    return BigDecimal.valueOf(fraction)
        .multiply(BigDecimal.valueOf(rows))
        .setScale(0, RoundingMode.FLOOR)
        .longValueExact();
  }

  private static void requireOffered(
      ConfigKey key, String name, List<String> known, List<String> offered) {
    if (offered.contains(name)) {
      return;
    }
    String choice = "choose " + String.join(" or ", offered);
    throw new ConfigException(
        key.key(),
        known.contains(name)
            ? "'" + name + "' is not available yet; " + choice
            : "'" + name + "' is not known; " + choice);
  }

  private static void requireRange(ConfigKey key, int value, int least, int most) {
    require(key, value, value >= least && value <= most, "must be from " + least + " to " + most);
  }

  private static void requireAtLeastOne(ConfigKey key, long value) {
    require(key, value, value >= 1, "must be at least 1");
  }

  private static void requireNotNegative(ConfigKey key, double value) {
    require(key, value, value >= 0 && !Double.isInfinite(value), "must be at least 0");
  }

  private static void requireNotNegative(ConfigKey key, long value) {
    require(key, value, value >= 0, "must be at least 0");
  }

  private static void require(ConfigKey key, Number value, boolean allowed, String rule) {
    if (!allowed) {
      String shown = value instanceof Double real ? decimal(real) : value.toString();
      throw new ConfigException(key.key(), shown + " is not allowed: " + rule);
    }
  }

  private static String decimal(double value) {
    return Double.isFinite(value) ? plain(value).toPlainString() : Double.toString(value);
  }

  /** The decimal number that a double is written as: 0.0005, never 5.0E-4. */
  private static BigDecimal plain(double value) {
    BigDecimal decimal = BigDecimal.valueOf(value);
    return decimal.stripTrailingZeros().scale() <= 0
        ? decimal.setScale(1, RoundingMode.UNNECESSARY)
        : decimal.stripTrailingZeros();
  }

  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
