package dev.groklab.run;

import dev.groklab.data.Tasks;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The settings of a run, each declared once: the command line, the YAML files, the help and the
 * check of a resumed run all read this table. {@link RunConfig} gives them types and limits.
 */
public enum ConfigKey {
  /** The operation that is learnt. */
  TASK(
      "task",
      "NAME",
      "add",
      Resume.KEEP,
      "operation to learn: " + String.join(", ", Tasks.names())),
  /** The modulus. */
  P("p", "N", "97; 120 for S5", Resume.KEEP, "modulus, at least 2; number of elements of a group"),
  /** Number of summands. */
  SUMMANDS("summands", "K", "2", Resume.KEEP, "operands in a row: 2 to 6 for add, else 2"),
  /** Share of the table that trains. */
  TRAIN_FRACTION(
      "train-fraction", "α", "0.5", Resume.KEEP, "⌊α·rows⌋ rows train, the others validate"),
  /** Share of the training rows with random labels. */
  LABEL_NOISE(
      "label-noise",
      "X",
      "0",
      Resume.KEEP,
      "share of the training rows whose labels are drawn at random, 0 ≤ X ≤ 1"),
  /** The architecture. */
  MODEL("model", "NAME", "transformer", Resume.KEEP, "architecture: transformer, mlp, lstm"),
  /** Number of blocks. */
  LAYERS("layers", "N", "2", Resume.KEEP, "blocks, or LSTM layers, 1 to 64"),
  /** Width of the embeddings. */
  DIM("dim", "N", "128", Resume.KEEP, "width of the embeddings, 1 to 8192"),
  /** Attention heads. */
  HEADS("heads", "N", "4", Resume.KEEP, "transformer: attention heads; must divide --dim"),
  /** Width of the feed-forward layer. */
  HIDDEN(
      "hidden",
      "N",
      "4·dim",
      Resume.KEEP,
      "width of the feed-forward layers, or of an LSTM's state, 1 to 65536"),
  /** Dropout probability. */
  DROPOUT("dropout", "P", "0", Resume.KEEP, "probability of dropping, 0 ≤ P < 1"),
  /** The optimizer. */
  OPTIMIZER("optimizer", "NAME", "adamw", Resume.KEEP, "optimizer: adamw, adam, sgd, rmsprop"),
  /** Initial learning rate. */
  LR("lr", "X", "0.0005", Resume.KEEP, "learning rate at step 1, at least 0"),
  /** Decay of the first moment. */
  BETA1("beta1", "X", "0.9", Resume.KEEP, "adam, adamw: decay of the first moment, 0 ≤ X < 1"),
  /** Decay of the second moment. */
  BETA2("beta2", "X", "0.98", Resume.KEEP, "adam, adamw: decay of the second moment, 0 ≤ X < 1"),
  /** Added to the denominator of the update. */
  EPS(
      "eps",
      "X",
      "0.00000001",
      Resume.KEEP,
      "all but sgd: added to the update's denominator, at least 0"),
  /** Momentum, for optimizers that have it. */
  MOMENTUM("momentum", "X", "0", Resume.KEEP, "sgd, rmsprop: momentum, at least 0"),
  /** Nesterov's momentum. */
  NESTEROV("nesterov", "true|false", "false", Resume.KEEP, "sgd: Nesterov's momentum"),
  /** Smoothing of the squared gradient. */
  ALPHA("alpha", "X", "0.99", Resume.KEEP, "rmsprop: decay of the squared gradient, 0 ≤ X < 1"),
  /** Division by the standard deviation. */
  CENTERED(
      "centered",
      "true|false",
      "false",
      Resume.KEEP,
      "rmsprop: divide by the gradient's standard deviation, not by its root mean square"),
  /** Weight decay. */
  WEIGHT_DECAY(
      "weight-decay",
      "X",
      "1",
      Resume.KEEP,
      "decay of every parameter, at least 0: adamw's decoupled, else added to the gradient"),
  /** Largest norm of the gradient. */
  CLIP_NORM(
      "clip-norm",
      "X",
      "0",
      Resume.KEEP,
      "scale gradients down to a global norm of at most X (0: as they are)"),
  /** How the rate changes. */
  LR_SCHEDULE(
      "lr-schedule", "NAME", "step", Resume.KEEP, "how the rate goes on: step, constant, cosine"),
  /** Factor of the step decay. */
  LR_DECAY_FACTOR(
      "lr-decay-factor",
      "X",
      "0.8",
      Resume.KEEP,
      "step: the rate is multiplied by this, 0 < X ≤ 1 (1: constant rate)"),
  /** Steps between two decays of the rate. */
  LR_DECAY_EVERY("lr-decay-every", "N", "5000", Resume.KEEP, "step: … every so many steps"),
  /** Steps that the cosine takes. */
  LR_DECAY_STEPS(
      "lr-decay-steps", "N", "--steps", Resume.KEEP, "cosine: steps until the minimum is reached"),
  /** Where the cosine ends. */
  LR_MIN("lr-min", "X", "0", Resume.KEEP, "cosine: the rate at its end, 0 to --lr"),
  /** Steps of the warm-up. */
  LR_WARMUP("lr-warmup", "N", "0", Resume.KEEP, "the rate rises linearly over the first N steps"),
  /** Rows of a batch. */
  BATCH_SIZE("batch-size", "N|full", "256", Resume.KEEP, "rows of a batch, or all training rows"),
  /** Steps to make. */
  STEPS("steps", "N", "20000", Resume.MAY_CHANGE, "steps to make (with --replay: those it holds)"),
  /** When to stop early. */
  UNTIL(
      "until",
      "none|grok",
      "none",
      Resume.MAY_CHANGE,
      "grok: stop after validation accuracy ≥ 0.99 in 5 evaluations in a row"),
  /** Steps between evaluations. */
  EVAL_EVERY("eval-every", "N", "100", Resume.KEEP, "steps between evaluations of both splits"),
  /** Rows that an evaluation looks at. */
  EVAL_ROWS(
      "eval-rows",
      "N|all",
      "all, or 16384 for tables of more than 65536 rows",
      Resume.KEEP,
      "evaluate on at most this many rows of a split, a fixed random subset"),
  /** The seed that the others follow. */
  SEED("seed", "N", "0", Resume.KEEP, "seed that those below follow unless given"),
  /** Seed of the split. */
  SPLIT_SEED("split-seed", "N", "--seed", Resume.KEEP, "which rows train"),
  /** Seed of the initial weights. */
  INIT_SEED("init-seed", "N", "--seed", Resume.KEEP, "initial weights"),
  /** Seed of the batch order. */
  BATCH_SEED("batch-seed", "N", "--seed", Resume.KEEP, "order of the rows in each epoch"),
  /** Seed of the dropout masks. */
  DROPOUT_SEED("dropout-seed", "N", "--seed", Resume.KEEP, "dropout masks"),
  /** Seed of the random labels. */
  LABEL_SEED(
      "label-seed", "N", "--seed", Resume.KEEP, "which labels are random, and what they are"),
  /** Where to compute. */
  BACKEND(
      "backend",
      "NAME",
      "auto",
      Resume.KEEP,
      "auto, cpu, cuda, naive (slow reference in plain loops), or check (auto beside naive)"),
  /** CPU threads. */
  THREADS("threads", "N|all", "all", Resume.MAY_CHANGE, "CPU threads; results do not depend on it"),
  /** Arithmetic. */
  PRECISION("precision", "NAME", "fp32", Resume.KEEP, "fp32 or fp64"),
  /** Steps between checkpoints. */
  CHECKPOINT_EVERY("checkpoint-every", "N", "1000", Resume.MAY_CHANGE, "steps between checkpoints"),
  /** Progress measures. */
  PROGRESS_MEASURES(
      "progress-measures",
      "true|false",
      "true",
      Resume.MAY_CHANGE,
      "measure at each evaluation which algorithm forms: more columns of metrics.csv"),
  /** Steps between snapshots. */
  SNAPSHOT_EVERY(
      "snapshot-every",
      "N|log",
      "none",
      Resume.MAY_CHANGE,
      "keep the parameters as snapshots/step-N.safetensors: every N steps, or 20 to a power of"
          + " ten"),
  /** Recorded inputs. */
  REPLAY(
      "replay",
      "DIR",
      "none",
      Resume.KEEP,
      "repeat a run of another framework: init.safetensors, train_rows.npy, batches.npy");

  /** Whether a resumed run may have another value than the run it goes on from. */
  private enum Resume {
    KEEP,
    MAY_CHANGE
  }

  private final String key;
  private final String label;
  private final String fallback;
  private final Resume resume;
  private final String description;

  ConfigKey(String key, String label, String fallback, Resume resume, String description) {
    this.key = key;
    this.label = label;
    this.fallback = fallback;
    this.resume = resume;
    this.description = description;
  }

  /**
   * The name in YAML files, and after two dashes on the command line.
   *
   * @return such as {@code train-fraction}
   */
  public String key() {
    return key;
  }

  /**
   * What stands for the value in the help.
   *
   * @return such as {@code N}
   */
  public String label() {
    return label;
  }

  /**
   * The default, as the help shows it; where it depends on other settings, in words.
   *
   * @return such as {@code 0.5} or {@code 4·dim}
   */
  public String fallback() {
    return fallback;
  }

  /**
   * What the setting means.
   *
   * @return one line for the help
   */
  public String description() {
    return description;
  }

  /**
   * Whether its default depends on other settings.
   *
   * @return true if so
   */
  public boolean isDerived() {
    return switch (this) {
      case HIDDEN,
          EVAL_ROWS,
          LR_DECAY_STEPS,
          SPLIT_SEED,
          INIT_SEED,
          BATCH_SEED,
          DROPOUT_SEED,
          LABEL_SEED ->
          true;
      default -> false;
    };
  }

  /**
   * Whether its value is true or false; on the command line, its name alone means true.
   *
   * @return true if so
   */
  public boolean isFlag() {
    return this == NESTEROV || this == CENTERED || this == PROGRESS_MEASURES;
  }

  /**
   * Whether a run depends on it at all: a Transformer's heads mean nothing to an MLP.
   *
   * @param config the run
   * @return false if any value would give the same run
   */
  public boolean matters(RunConfig config) {
    String optimizer = config.optimizer();
    return switch (this) {
      case HEADS -> config.model().equals("transformer");
      case BETA1, BETA2 -> optimizer.startsWith("adam");
      case EPS -> !optimizer.equals("sgd");
      case MOMENTUM -> optimizer.equals("sgd") || optimizer.equals("rmsprop");
      case NESTEROV -> optimizer.equals("sgd");
      case ALPHA, CENTERED -> optimizer.equals("rmsprop");
      case LR_DECAY_FACTOR, LR_DECAY_EVERY -> config.lrSchedule() == LrSchedule.STEP;
      case LR_DECAY_STEPS, LR_MIN -> config.lrSchedule() == LrSchedule.COSINE;
      case LABEL_SEED -> config.labelNoise() > 0;
      case DROPOUT_SEED -> config.dropout() > 0;
      default -> true;
    };
  }

  /**
   * Whether a resumed run may change it, because the steps already made do not depend on it.
   *
   * @return true if it may change
   */
  public boolean mayChangeOnResume() {
    return resume == Resume.MAY_CHANGE;
  }

  /**
   * Finds a setting by name.
   *
   * @param key the name, without dashes
   * @return the setting, empty if there is none of that name
   */
  public static Optional<ConfigKey> find(String key) {
    return Arrays.stream(values()).filter(k -> k.key.equals(key)).findFirst();
  }

  /**
   * The names nearest to a misspelt one, by edit distance.
   *
   * @param misspelt what was written
   * @param allowed the names to choose from
   * @return up to three of them, the nearest first
   */
  public static List<String> nearest(String misspelt, List<String> allowed) {
    return allowed.stream()
        .sorted(Comparator.comparingInt(name -> editDistance(misspelt, name)))
        .limit(3)
        .toList();
  }

  /** Levenshtein distance: the fewest insertions, deletions and replacements of a character. */
  private static int editDistance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
