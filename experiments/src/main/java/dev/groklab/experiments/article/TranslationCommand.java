package dev.groklab.experiments.article;

import dev.groklab.data.BatchOrder;
import dev.groklab.data.text.EncodedCorpus;
import dev.groklab.data.text.ParallelCorpus;
import dev.groklab.engine.BatchLayout;
import dev.groklab.engine.Dataset;
import dev.groklab.engine.Engine;
import dev.groklab.engine.EngineOptions;
import dev.groklab.engine.ReplicaOptions;
import dev.groklab.engine.Seq2Seq;
import dev.groklab.engine.Trainer;
import dev.groklab.engine.TrainerOptions;
import dev.groklab.experiments.Display;
import dev.groklab.experiments.Version;
import dev.groklab.experiments.plot.Picture;
import dev.groklab.run.ConfigException;
import dev.groklab.run.ConfigKey;
import dev.groklab.run.EpochRun;
import dev.groklab.run.EpochRunner;
import dev.groklab.run.IoFailure;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import dev.groklab.run.Status;
import dev.groklab.run.Summary;
import dev.groklab.run.TrainerSetup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code groklab article translation}: German to English by an encoder–decoder Transformer. */
@Command(
    name = "translation",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    header = "Translate German to English by an encoder-decoder Transformer.",
    description = {
      "Without --data it learns from the JDK that runs it: messages of its compiler, tools and"
          + " libraries, which are there in both languages. At every evaluation it translates word"
          + " by word, and the translations are judged by BLEU: translation.csv and samples.txt."
          + "%n"
    })
final class TranslationCommand implements Callable<Integer> {

  private static final int DEFAULT_BATCH = 128;
  private static final String NAME = "translation";
  private static final int STOPPED = 130; // 128 + SIGINT
  private static final int LEAST_POSITIONS = 100; // the article's table of positions

  private final Consumer<Runnable> stopBy;

  @Spec private CommandSpec spec;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Read train.de, train.en, val.de and val.en from there, one sentence a line, as Multi30k"
              + " has them; each may be a .gz instead (default: the JDK's own messages).")
  private Path data;

  @Option(
      names = "--most-words",
      paramLabel = "N",
      defaultValue = "20",
      description = "Leave pairs out that have a sentence of more words, 1 to 1000 (default: 20).")
  private String mostWords;

  @Option(
      names = "--layers",
      paramLabel = "N",
      defaultValue = "3",
      description = "Layers of the encoder, and of the decoder, 1 to 64 (default: 3).")
  private String layers;

  @Option(
      names = "--dim",
      paramLabel = "N",
      defaultValue = "256",
      description = "Width of the model, 1 to 8192 (default: 256).")
  private String dim;

  @Option(
      names = "--heads",
      paramLabel = "N",
      defaultValue = "8",
      description = "Attention heads; must divide --dim (default: 8).")
  private String heads;

  @Option(
      names = "--hidden",
      paramLabel = "N",
      defaultValue = "512",
      description = "Width inside the feed-forward layers, 1 to 65536 (default: 512).")
  private String hidden;

  @Option(
      names = "--dropout",
      paramLabel = "X",
      defaultValue = "0.1",
      description = "Probability of dropping, 0 up to 1 (default: 0.1).")
  private String dropout;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = "Pairs of a batch (default: 128, or all where they are fewer).")
  private String batchSize;

  @Option(
      names = "--lr",
      paramLabel = "X",
      defaultValue = "0.001",
      description = "Learning rate, at least 0 (default: 0.001).")
  private String lr;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      defaultValue = "0.0001",
      description = "Weight decay, at least 0 (default: 0.0001).")
  private String weightDecay;

  @Option(
      names = "--clip-norm",
      paramLabel = "X",
      defaultValue = "1",
      description = "Largest norm of the gradient; 0: any (default: 1).")
  private String clipNorm;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "500",
      description = "How often all training pairs are used (default: 500).")
  private String epochs;

  @Option(
      names = "--eval-every",
      paramLabel = "N",
      defaultValue = "1",
      description = "Epochs between evaluations (default: 1).")
  private String evalEvery;

  @Option(
      names = "--bleu-sentences",
      paramLabel = "N",
      defaultValue = "128",
      description = "Sentences of each split that are translated at an evaluation (default: 128).")
  private String bleuSentences;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "What the split of the JDK's messages, weights and batches depend on (default: 0).")
  private String seed;

  @Option(
      names = "--as-written",
      description =
          "Let the decoder see the words that it shall tell, as the article's does: without a"
              + " causal mask.")
  private boolean asWritten;

  @Mixin private CommonOptions options;

  TranslationCommand(Consumer<Runnable> stopBy) {
    this.stopBy = stopBy;
  }

  @Override
  public Integer call() throws IOException {
    RunConfig config = config();
    RunFolder folder = options.folder(NAME);
    EncodedCorpus corpus = corpus(config.seed());
    EpochRun run = run(corpus, folder, config);
    Seq2Seq model = model(corpus);
    ReplicaOptions replica =
        new ReplicaOptions(
            TrainerSetup.optimizer(config),
            config.dropout(),
            config.seed(),
            run.order().capacity(),
            config.clipNorm());
    Network network =
        new Network(NAME, shape(model), run, replica, (t, r) -> t.initialize(r, config.seed()));
    int sentences = Values.whole("bleu-sentences", bleuSentences, 1, Integer.MAX_VALUE);
    try (Progress progress = Progress.on(spec.commandLine().getOut(), options.isQuiet());
        Engine engine = Engine.open(new EngineOptions(config.backend(), config.threads()));
        Dataset dataset = engine.dataset(GreedyDecoder.withRoom(corpus.table()));
        Trainer trainer =
            engine.trainer(
                dataset,
                new TrainerOptions(
                    model, config.precision(), BatchLayout.DENSE, List.of(replica)))) {
      network.start().write(trainer, 0);
      EpochRunner runner =
          new EpochRunner(
              trainer,
              engine.info(),
              List.of(run),
              Values.whole("epochs", epochs, 1, 100_000_000),
              Values.whole("eval-every", evalEvery, 1, 100_000_000));
      stopBy.accept(runner::stop);
      options.clear(folder);
      folder.create();
      progress.say(describe(corpus));
      progress.say(
          String.format(
              Locale.ROOT,
              "training %s (%,d parameters) on %s",
              shape(model),
              trainer.parameterCount(),
              Display.describe(engine.info())));
      GreedyDecoder decoder = new GreedyDecoder(trainer, dataset, corpus.table(), model.causal());
      Summary summary;
      try (TranslationLog log =
          new TranslationLog(
              new Told(progress, List.of(network)), progress, corpus, decoder, sentences, folder)) {
        summary = runner.run(log).getFirst();
        draw(log.points(), shape(model), folder);
      }
      return summary.status() == Status.STOPPED ? STOPPED : 0;
    }
  }

  private RunConfig config() {
    return options.config(
        Map.of(
            ConfigKey.LR.key(), lr,
            ConfigKey.WEIGHT_DECAY.key(), weightDecay,
            ConfigKey.CLIP_NORM.key(), clipNorm,
            ConfigKey.DROPOUT.key(), dropout,
            ConfigKey.SEED.key(), seed));
  }

  private EncodedCorpus corpus(long seed) throws IOException {
    int most = Values.whole("most-words", mostWords, 1, 1000);
    ParallelCorpus corpus;
    if (data == null) {
      corpus = ParallelCorpus.ofJdk(seed);
    } else {
      try {
        corpus = ParallelCorpus.ofFiles(data);
      } catch (IOException e) {
        throw new ConfigException("data", IoFailure.describe(e));
      }
    }
    try {
      return EncodedCorpus.of(corpus, most);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("most-words", e.getMessage());
    }
  }

  private Seq2Seq model(EncodedCorpus corpus) {
    int width = Values.whole("dim", dim, 1, 8192);
    int attentionHeads = Values.whole("heads", heads, 1, width);
    if (width % attentionHeads != 0) {
      throw new ConfigException(
          "heads", attentionHeads + " is not allowed: must divide --dim, which is " + width);
    }
    int longest = Math.max(corpus.table().sourceLength(), corpus.table().targetLength());
    return new Seq2Seq(
        corpus.table().targetVocabulary(),
        Math.max(LEAST_POSITIONS, longest),
        Values.whole("layers", layers, 1, 64),
        width,
        attentionHeads,
        Values.whole("hidden", hidden, 1, 65_536),
        !asWritten);
  }

  private EpochRun run(EncodedCorpus corpus, RunFolder folder, RunConfig config) {
    int[] train = corpus.split().train();
    int size =
        batchSize == null
            ? Math.min(DEFAULT_BATCH, train.length)
            : Values.whole("batch-size", batchSize, 1, train.length);
    Seq2Seq model = model(corpus);
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("experiment", NAME);
    settings.put("as-written", asWritten);
    settings.put("data", data == null ? "jdk " + Runtime.version() : data.toString());
    settings.put("most-words", Values.whole("most-words", mostWords, 1, 1000));
    settings.put("train-pairs", train.length);
    settings.put("validation-pairs", corpus.split().validation().length);
    settings.put("source-vocabulary", corpus.sourceVocabulary().size());
    settings.put("target-vocabulary", corpus.targetVocabulary().size());
    settings.put("layers", model.layers());
    settings.put("dim", model.width());
    settings.put("heads", model.heads());
    settings.put("hidden", model.hidden());
    settings.put("batch-size", size);
    settings.put("epochs", Values.whole("epochs", epochs, 1, 100_000_000));
    settings.put("eval-every", Values.whole("eval-every", evalEvery, 1, 100_000_000));
    settings.put(ConfigKey.CLIP_NORM.key(), config.clipNorm());
    CommonOptions.putLearning(settings, config);
    return new EpochRun(
        folder,
        settings,
        corpus.split(),
        BatchOrder.shuffled(train, size, config.seed()),
        config.lr());
  }

  private static String describe(EncodedCorpus corpus) {
    return String.format(
        Locale.ROOT,
        "%,d pairs to train on, %,d to validate with, %,d left out; %,d German and %,d English"
            + " words",
        corpus.split().train().length,
        corpus.split().validation().length,
        corpus.dropped(),
        corpus.sourceVocabulary().size(),
        corpus.targetVocabulary().size());
  }

  private static String shape(Seq2Seq model) {
    return String.format(
        Locale.ROOT,
        "%d + %d layers of width %d%s",
        model.layers(),
        model.layers(),
        model.width(),
        model.causal() ? "" : " without a causal mask");
  }

  private void draw(List<TranslationLog.Point> points, String shape, RunFolder folder)
      throws IOException {
    Optional<String> obstacle = Picture.obstacle();
    if (obstacle.isPresent()) {
      spec.commandLine()
          .getErr()
          .println(spec.qualifiedName() + ": no pictures were drawn: " + obstacle.get());
      return;
    }
    TranslationPicture.of(points, "German to English: " + shape)
        .write(folder.curvesSvg(), folder.curvesPng());
  }
}
