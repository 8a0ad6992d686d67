package dev.groklab.run;

import static dev.groklab.run.ConfigKey.*;

import dev.groklab.data.Task;
import dev.groklab.data.Tasks;
import dev.groklab.engine.Backend;
import dev.groklab.engine.Precision;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
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
 * @param labelNoise share of the training rows whose labels are drawn at random
 * @param model name of the architecture
 * @param layers blocks, or LSTM layers
 * @param dim width of the embeddings
 * @param heads attention heads of a Transformer
 * @param hidden width of the feed-forward layers, or of an LSTM's state
 * @param dropout probability of dropping
 * @param optimizer name of the optimizer
 * @param lr learning rate of the first step
 * @param beta1 decay of the first moment, of Adam and AdamW
 * @param beta2 decay of the second moment, of Adam and AdamW
 * @param eps added to the denominator of the update; SGD has none
 * @param momentum momentum of SGD and RMSprop
 * @param nesterov whether SGD's momentum is Nesterov's
 * @param alpha decay of RMSprop's mean square
 * @param centered whether RMSprop divides by the standard deviation
 * @param weightDecay weight decay: AdamW's decoupled, else added to the gradient
 * @param clipNorm largest global norm of the gradient; 0: any
 * @param lrSchedule how the rate changes
 * @param lrDecayFactor step decay: what the rate is multiplied by
 * @param lrDecayEvery step decay: steps between two multiplications
 * @param lrDecaySteps cosine: steps until the minimum
 * @param lrMin cosine: the minimum
 * @param lrWarmup steps over which the rate rises linearly
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
 * @param labelSeed seed of the random labels
 * @param backend where to compute
 * @param threads CPU threads, 0: all
 * @param precision arithmetic
 * @param checkpointEvery steps between checkpoints
 * @param progressMeasures whether evaluations take progress measures
 * @param snapshots at which steps the parameters are kept
 * @param replay folder of recorded inputs: {@code init.safetensors}, {@code train_rows.npy} and
 *     {@code batches.npy}, each optional
 */
public record RunConfig(
    String task,
    int p,
    int summands,
    double trainFraction,
    double labelNoise,
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
    boolean nesterov,
    double alpha,
    boolean centered,
    double weightDecay,
    double clipNorm,
    LrSchedule lrSchedule,
    double lrDecayFactor,
    long lrDecayEvery,
    long lrDecaySteps,
    double lrMin,
    long lrWarmup,
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
    long labelSeed,
    Backend backend,
    int threads,
    Precision precision,
    long checkpointEvery,
    boolean progressMeasures,
    SnapshotGrid snapshots,
    Optional<Path> replay) {

  private static final List<String> MODELS = List.of("transformer", "mlp", "lstm");
  private static final List<String> OPTIMIZERS = List.of("adamw", "adam", "sgd", "rmsprop");

  /** The widest layer that the engine has. */
  private static final int MAX_WIDTH = 65536;

  /**
   * Checks every setting against its limits and against the others.
   *
   * @throws ConfigException if one is outside what is allowed
   */
  public RunConfig {
    requireOneOf(TASK, task, Tasks.names());
    require(P, p, p >= 2, "the modulus must be at least 2");
    require(SUMMANDS, summands, summands >= 2, "at least 2 operands are needed");
    Task data = task(task, p, summands);
    long rows = data.rows();
    require(
        TRAIN_FRACTION,
        trainFraction,
        trainFraction > 0 && trainFraction < 1,
        "must be above 0 and below 1");
    require(LABEL_NOISE, labelNoise, labelNoise >= 0 && labelNoise <= 1, "must be from 0 to 1");
    requireOneOf(MODEL, model, MODELS);
    requireRange(LAYERS, layers, 1, 64);
    requireRange(DIM, dim, 1, 8192);
    if (model.equals("transformer")) {
      require(
          HEADS,
          heads,
          heads >= 1 && dim % heads == 0,
          "must divide the width, --dim " + dim + ", into equal parts");
    }
    if (model.equals("mlp")) {
      int length = data.positions() - 1; // the answer's position is not read
      require(
          DIM,
          dim,
          length * dim <= MAX_WIDTH,
          "the " + length + " tokens of a row side by side may be at most " + MAX_WIDTH + " wide");
    }
    requireRange(HIDDEN, hidden, 1, MAX_WIDTH);
    require(DROPOUT, dropout, dropout >= 0 && dropout < 1, "must be at least 0 and below 1");
    requireOneOf(OPTIMIZER, optimizer, OPTIMIZERS);
    requireNotNegative(LR, lr);
    require(BETA1, beta1, beta1 >= 0 && beta1 < 1, "must be at least 0 and below 1");
    require(BETA2, beta2, beta2 >= 0 && beta2 < 1, "must be at least 0 and below 1");
    requireNotNegative(EPS, eps);
    requireNotNegative(MOMENTUM, momentum);
    boolean hasMomentum = optimizer.equals("sgd") || optimizer.equals("rmsprop");
    require(
        MOMENTUM,
        momentum,
        momentum == 0 || hasMomentum,
        "it belongs to sgd and rmsprop; " + optimizer + " has none");
    requireOnlyWith(NESTEROV, nesterov, optimizer, "sgd");
    if (nesterov && momentum == 0) {
      throw new ConfigException(NESTEROV.key(), "needs a --momentum above 0");
    }
    require(ALPHA, alpha, alpha >= 0 && alpha < 1, "must be at least 0 and below 1");
    requireOnlyWith(CENTERED, centered, optimizer, "rmsprop");
    requireNotNegative(WEIGHT_DECAY, weightDecay);
    requireNotNegative(CLIP_NORM, clipNorm);
    require(
        LR_DECAY_FACTOR,
        lrDecayFactor,
        lrDecayFactor > 0 && lrDecayFactor <= 1,
        "must be above 0 and at most 1");
    requireAtLeastOne(LR_DECAY_EVERY, lrDecayEvery);
    requireAtLeastOne(LR_DECAY_STEPS, lrDecaySteps);
    requireNotNegative(LR_MIN, lrMin);
    if (lrSchedule == LrSchedule.COSINE) {
      require(LR_MIN, lrMin, lrMin <= lr, "must be at most the rate, --lr " + plain(lr));
    }
    requireNotNegative(LR_WARMUP, lrWarmup);
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
    requireNotNegative(LABEL_SEED, labelSeed);
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
   * The settings in which two runs differ, of those that matter to one of them.
   *
   * @param other another configuration
   * @return in the order of {@link ConfigKey}
   */
  public List<ConfigKey> differences(RunConfig other) {
    return Arrays.stream(ConfigKey.values())
        .filter(key -> key.matters(this) || key.matters(other))
        .filter(key -> !Objects.equals(value(key), other.value(key)))
        .toList();
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
      case LABEL_NOISE -> plain(labelNoise);
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
      case NESTEROV -> nesterov;
      case ALPHA -> plain(alpha);
      case CENTERED -> centered;
      case WEIGHT_DECAY -> plain(weightDecay);
      case CLIP_NORM -> plain(clipNorm);
      case LR_SCHEDULE -> word(lrSchedule);
      case LR_DECAY_FACTOR -> plain(lrDecayFactor);
      case LR_DECAY_EVERY -> lrDecayEvery;
      case LR_DECAY_STEPS -> lrDecaySteps;
      case LR_MIN -> plain(lrMin);
      case LR_WARMUP -> lrWarmup;
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
      case LABEL_SEED -> labelSeed;
      case BACKEND -> word(backend);
      case THREADS -> threads == 0 ? "all" : (Object) threads;
      case PRECISION -> word(precision);
      case CHECKPOINT_EVERY -> checkpointEvery;
      case PROGRESS_MEASURES -> progressMeasures;
      case SNAPSHOT_EVERY -> snapshots.value();
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

  /** The task, which knows what sizes it can have. */
  private static Task task(String name, int p, int summands) {
    ConfigKey fault = P;
    try {
      Tasks.of(name, p, 2); // every task takes two operands, if it takes p
      fault = SUMMANDS;
      return Tasks.of(name, p, summands);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(fault.key(), e.getMessage());
    }
  }

  /**
   * The task that is learnt.
   *
   * @return the task, with its table yet to be made
   */
  public Task newTask() {
    return Tasks.of(task, p, summands);
  }

  private static long trainRows(long rows, double fraction) {
    return BigDecimal.valueOf(fraction)
        .multiply(BigDecimal.valueOf(rows))
        .setScale(0, RoundingMode.FLOOR)
        .longValueExact();
  }

  private static void requireOneOf(ConfigKey key, String name, Collection<String> known) {
    if (!known.contains(name)) {
      throw new ConfigException(
          key.key(), "'" + name + "' is not known; choose " + String.join(" or ", known));
    }
  }

  private static void requireOnlyWith(
      ConfigKey key, boolean wanted, String optimizer, String owner) {
    if (wanted && !optimizer.equals(owner)) {
      throw new ConfigException(
          key.key(), "is not allowed: it belongs to " + owner + ", not to " + optimizer);
    }
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
