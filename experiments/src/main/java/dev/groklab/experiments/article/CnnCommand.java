package dev.groklab.experiments.article;

import dev.groklab.data.BatchOrder;
import dev.groklab.data.FeatureTable;
import dev.groklab.data.Split;
import dev.groklab.data.images.CifarFiles;
import dev.groklab.data.images.Features;
import dev.groklab.data.images.Images;
import dev.groklab.engine.Buffer;
import dev.groklab.engine.Cnn;
import dev.groklab.engine.ReplicaOptions;
import dev.groklab.engine.Trainer;
import dev.groklab.experiments.Version;
import dev.groklab.run.ConfigKey;
import dev.groklab.run.EpochRun;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import dev.groklab.run.TrainerSetup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code groklab article cnn}: a convolutional network on images. */
@Command(
    name = "cnn",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    header = "Images by a convolutional network: CIFAR-10, or drawn shapes.",
    description = {
      "Three convolutions of 3 × 3 with pooling, 3 → 64 → 128 → 256, then 4096 → 1024 → 512 → 10"
          + " with dropout, trained by AdamW on images that are flipped at random. Without --data,"
          + " ten kinds of shapes are drawn into the folder's data/, in CIFAR-10's format. LIST is"
          + " one value or several, separated by commas: all combinations are trained together.%n"
    })
final class CnnCommand implements Callable<Integer> {

  private static final String NAME = "cnn";
  private static final int LAYERS = 3;

  private final Consumer<Runnable> stopBy;

  @Spec private CommandSpec spec;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "A folder with the six files of CIFAR-10's binary version.")
  private Path data;

  @Option(
      names = "--train-images",
      paramLabel = "N",
      description = "Training images (default: 300, or all of --data).")
  private String trainImages;

  @Option(
      names = "--test-images",
      paramLabel = "N",
      description = "Test images (default: 1000, or all of --data).")
  private String testImages;

  @Option(
      names = "--width",
      paramLabel = "N",
      defaultValue = "64",
      description = "Channels of the first convolution; each later one doubles (default: 64).")
  private String width;

  @Option(
      names = "--hidden",
      paramLabel = "N",
      defaultValue = "1024",
      description = "Width of the first hidden layer, twice that of the second (default: 1024).")
  private String hidden;

  @Option(
      names = "--dropout",
      paramLabel = "P",
      defaultValue = "0.5",
      description = "Probability of dropping, 0 ≤ P < 1 (default: 0.5).")
  private String dropout;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "64",
      description = "Images of a batch (default: 64).")
  private String batchSize;

  @Option(
      names = "--lr",
      paramLabel = "X",
      defaultValue = "0.001",
      description = "Learning rate, at least 0 (default: 0.001).")
  private String lr;

  @Option(
      names = "--weight-decay",
      paramLabel = "LIST",
      defaultValue = "0.0001",
      description = "Weight decays, at least 0 (default: 0.0001).")
  private String weightDecays;

  @Option(
      names = "--init-scale",
      paramLabel = "LIST",
      defaultValue = "1",
      description = "What all initial weights are multiplied by, above 0 (default: 1).")
  private String scales;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "500",
      description = "How often all training images are used (default: 500).")
  private String epochs;

  @Option(
      names = "--eval-every",
      paramLabel = "N",
      defaultValue = "1",
      description = "Epochs between evaluations of both splits (default: 1).")
  private String evalEvery;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "What images, weights, batches and dropout depend on (default: 0).")
  private String seed;

  @Mixin private CommonOptions options;

  CnnCommand(Consumer<Runnable> stopBy) {
    this.stopBy = stopBy;
  }

  /** A combination of what is varied. */
  private record Variant(RunConfig config, double scale) {

    String name() {
      return String.format("decay %s, scale %s", decay(), Values.number(scale));
    }

    String folder() {
      return String.format("decay-%s-scale-%s", decay(), Values.number(scale));
    }

    private String decay() {
      return config.value(ConfigKey.WEIGHT_DECAY).toString();
    }

    /** Draws the replica's weights and rescales them (Liu, Michaud, Tegmark, "Omnigrok", 2023). */
    void start(Trainer trainer, int replica) {
      trainer.initialize(replica, config.initSeed());
      if (scale != 1) {
        double[] weights = trainer.readDoubles(replica, Buffer.PARAMETERS);
        for (int i = 0; i < weights.length; i++) {
          weights[i] *= scale;
        }
        trainer.write(replica, Buffer.PARAMETERS, weights);
      }
    }
  }

  @Override
  public Integer call() throws IOException {
    Training.Length length =
        new Training.Length(
            Values.whole("epochs", epochs, 1, 100_000_000),
            Values.whole("eval-every", evalEvery, 1, 100_000_000));
    Cnn model = model();
    List<Variant> variants = variants();
    RunConfig means = variants.getFirst().config();
    RunFolder folder = options.folder(NAME);
    ImageSource source = source(means.seed());
    int batch = Values.whole("batch-size", batchSize, 1, source.train());
    List<Network> networks = new ArrayList<>();
    for (Variant variant : variants) {
      RunFolder own =
          variants.size() == 1 ? folder : new RunFolder(folder.path().resolve(variant.folder()));
      networks.add(network(variant, own, source, batch, length));
    }
    options.clear(folder);
    try (Progress progress = Progress.on(spec.commandLine().getOut(), options.isQuiet())) {
      CifarFiles.Contents images = source.images(folder.path().resolve("data"));
      progress.say(
          source.train() + " training and " + source.test() + " test images: " + source.describe());
      Training training = new Training(spec, stopBy, means, progress);
      training.train(
          shape(), table(Features.of(images.train(), images.test())), model, networks, length);
      training.draw("Images: " + shape(), networks, folder);
      return training.status();
    }
  }

  private Cnn model() {
    return new Cnn(
        Images.CLASSES,
        LAYERS,
        Values.whole("width", width, 1, 1024),
        Values.whole("hidden", hidden, 2, 65_536));
  }

  private String shape() {
    int channels = Integer.parseInt(width.strip());
    return String.format(
        "%d → %d → %d → %d → %s → %d → %d",
        Images.CHANNELS,
        channels,
        2 * channels,
        4 * channels,
        hidden,
        Integer.parseInt(hidden.strip()) / 2,
        Images.CLASSES);
  }

  private List<Variant> variants() {
    List<Variant> variants = new ArrayList<>();
    for (String decay : Values.list("weight-decay", weightDecays)) {
      RunConfig config =
          options.config(
              Map.of(
                  ConfigKey.LR.key(), lr,
                  ConfigKey.WEIGHT_DECAY.key(), decay,
                  ConfigKey.DROPOUT.key(), dropout,
                  ConfigKey.SEED.key(), seed));
      for (String scale : Values.list("init-scale", scales)) {
        variants.add(new Variant(config, Values.positive("init-scale", scale, 1e6)));
      }
    }
    return variants;
  }

  private ImageSource source(long imageSeed) {
    Optional<String> train = Optional.ofNullable(trainImages);
    Optional<String> test = Optional.ofNullable(testImages);
    return data == null
        ? ImageSource.shapes(train, test, imageSeed)
        : ImageSource.cifar(data, train, test, imageSeed);
  }

  private static FeatureTable table(Features features) {
    return new FeatureTable(
        Images.CLASSES,
        Images.CHANNELS,
        Images.SIZE,
        Images.SIZE,
        features.values(),
        features.targets(),
        Optional.empty());
  }

  private Network network(
      Variant variant, RunFolder folder, ImageSource source, int batch, Training.Length length) {
    RunConfig config = variant.config();
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("experiment", NAME);
    settings.put("images", source.describe());
    settings.put("train-images", source.train());
    settings.put("test-images", source.test());
    settings.put("width", model().width());
    settings.put("hidden", model().hidden());
    settings.put("batch-size", batch);
    settings.put("epochs", length.epochs());
    settings.put("eval-every", length.evalEvery());
    settings.put("init-scale", variant.scale());
    CommonOptions.putLearning(settings, config);
    int[] train = Features.trainRows(source.train());
    return new Network(
        variant.name(),
        shape() + ", " + variant.name() + ", " + source.train() + " images",
        new EpochRun(
            folder,
            settings,
            new Split(train, Features.testRows(source.train(), source.test())),
            BatchOrder.flipped(
                BatchOrder.shuffled(train, batch, config.batchSeed()),
                source.train(),
                config.batchSeed()),
            config.lr()),
        new ReplicaOptions(
            TrainerSetup.optimizer(config), config.dropout(), config.dropoutSeed(), batch),
        variant::start);
  }
}
