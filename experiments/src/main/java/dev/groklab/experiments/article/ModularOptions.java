package dev.groklab.experiments.article;

import dev.groklab.data.BatchOrder;
import dev.groklab.data.FeatureTable;
import dev.groklab.data.RawIntegers;
import dev.groklab.data.Split;
import dev.groklab.engine.Dense;
import dev.groklab.engine.ReplicaOptions;
import dev.groklab.run.ConfigException;
import dev.groklab.run.ConfigKey;
import dev.groklab.run.EpochRun;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import dev.groklab.run.TrainerSetup;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import picocli.CommandLine.Option;

/** Modular addition of raw integers by a plain network: what two of the experiments train. */
final class ModularOptions {

  private static final int FEATURES = 2;
  private static final int LAYERS = 2;

  @Option(
      names = "--p",
      paramLabel = "N",
      defaultValue = "97",
      description = "The modulus, 2 to 4096 (default: 97).")
  private String p;

  @Option(
      names = "--train-samples",
      paramLabel = "N",
      defaultValue = "5000",
      description = "Pairs of integers that are trained on (default: 5000).")
  private String trainSamples;

  @Option(
      names = "--test-samples",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Pairs that are only tested on (default: 1000).")
  private String testSamples;

  @Option(
      names = "--hidden",
      paramLabel = "N",
      defaultValue = "512",
      description = "Width of the two hidden layers, 1 to 65536 (default: 512).")
  private String hidden;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "32",
      description = "Rows of a batch (default: 32).")
  private String batchSize;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      defaultValue = "0.0001",
      description = "Weight decay, at least 0 (default: 0.0001).")
  private String weightDecay;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "5000",
      description = "How often all training pairs are used (default: 5000).")
  private String epochs;

  @Option(
      names = "--eval-every",
      paramLabel = "N",
      defaultValue = "1",
      description = "Epochs between evaluations of both splits (default: 1).")
  private String evalEvery;

  /** A network in a table of several seeds' rows: how it learns, and what it is called. */
  record Learner(String name, RunConfig config, RunFolder folder, Network.Start start) {}

  Training.Length length() {
    return new Training.Length(
        Values.whole("epochs", epochs, 1, 100_000_000),
        Values.whole("eval-every", evalEvery, 1, 100_000_000));
  }

  /**
   * The pairs of a seed.
   *
   * @param asWritten whether they are drawn with replacement, as the article does
   */
  RawIntegers data(long seed, boolean asWritten) {
    int modulus = Values.whole("p", p, 2, 4096);
    int train = Values.whole("train-samples", trainSamples, 1, 10_000_000);
    int test = Values.whole("test-samples", testSamples, 1, 10_000_000);
    try {
      return asWritten
          ? RawIntegers.drawn(modulus, train, test, seed)
          : RawIntegers.distinct(modulus, train, test, seed);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("train-samples", e.getMessage());
    }
  }

  Dense model() {
    return new Dense(
        Values.whole("p", p, 2, 4096), LAYERS, Values.whole("hidden", hidden, 1, 65_536));
  }

  /** Such as {@code 2 → 512 → 512 → 97}. */
  String shape() {
    return FEATURES + " → " + hidden + " → " + hidden + " → " + p;
  }

  /** A learner's settings as of {@code train}, from the rate on. */
  RunConfig config(CommonOptions options, String optimizer, String rate, String seed) {
    return options.config(
        Map.of(
            ConfigKey.OPTIMIZER.key(), optimizer,
            ConfigKey.LR.key(), rate,
            ConfigKey.WEIGHT_DECAY.key(), weightDecay,
            ConfigKey.SEED.key(), seed));
  }

  /** One table of the rows of several data sets, one after the other. */
  static FeatureTable table(List<RawIntegers> data) {
    int rows = data.stream().mapToInt(set -> set.targets().length).sum();
    float[] features = new float[Math.multiplyExact(FEATURES, rows)];
    int[] targets = new int[rows];
    int row = 0;
    for (RawIntegers set : data) {
      System.arraycopy(set.features(), 0, features, FEATURES * row, set.features().length);
      System.arraycopy(set.targets(), 0, targets, row, set.targets().length);
      row += set.targets().length;
    }
    return FeatureTable.ofVectors(data.getFirst().p(), FEATURES, features, targets);
  }

  /** How far training and test pairs overlap, over some data sets. */
  static String overlap(List<RawIntegers> data) {
    int trainedOn = data.stream().mapToInt(RawIntegers::testRowsTrainedOn).sum();
    int tested = data.stream().mapToInt(RawIntegers::test).sum();
    return String.format(
        Locale.ROOT,
        "%d of %d test pairs are trained on too (%.1f%%)",
        trainedOn,
        tested,
        100.0 * trainedOn / tested);
  }

  /**
   * A network on the rows of a data set.
   *
   * @param experiment what it is part of
   * @param firstRow where the data set's rows begin in the table
   * @param asWritten what the settings shall say of that
   */
  Network network(
      String experiment, Learner learner, RawIntegers data, int firstRow, boolean asWritten) {
    int[] train = IntStream.range(firstRow, firstRow + data.train()).toArray();
    int[] test =
        IntStream.range(firstRow + data.train(), firstRow + data.targets().length).toArray();
    int size = Values.whole("batch-size", batchSize, 1, data.train());
    RunConfig config = learner.config();
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("experiment", experiment);
    settings.put("as-written", asWritten);
    settings.put("p", data.p());
    settings.put("train-samples", data.train());
    settings.put("test-samples", data.test());
    settings.put("test-samples-trained-on", data.testRowsTrainedOn());
    settings.put("hidden", model().hidden());
    settings.put("batch-size", size);
    settings.put("epochs", length().epochs());
    settings.put("eval-every", length().evalEvery());
    CommonOptions.putLearning(settings, config);
    String title =
        String.format(
            "(x₁ + x₂) mod %d of raw integers: %s, %s, seed %d",
            data.p(), shape(), config.optimizer(), config.seed());
    return new Network(
        learner.name(),
        title,
        new EpochRun(
            learner.folder(),
            settings,
            new Split(train, test),
            BatchOrder.shuffled(train, size, config.seed()),
            config.lr()),
        new ReplicaOptions(TrainerSetup.optimizer(config), 0, config.seed(), size),
        learner.start());
  }
}
