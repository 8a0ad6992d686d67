package dev.groklab.experiments.article;

import dev.groklab.data.RawIntegers;
import dev.groklab.experiments.Version;
import dev.groklab.run.ConfigException;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import dev.groklab.run.SeedRange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code groklab article modular-mlp}: modular addition, with the integers themselves as inputs.
 */
@Command(
    name = "modular-mlp",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    header = "Modular addition of raw integers by a plain network.",
    description = {
      "A network 2 → 512 → 512 → p with ReLU reads two integers as two real numbers and is trained"
          + " by AdamW to tell their sum modulo p.%n"
    })
final class ModularMlpCommand implements Callable<Integer> {

  private static final String NAME = "modular-mlp";

  private final Consumer<Runnable> stopBy;

  @Spec private CommandSpec spec;

  @Mixin private ModularOptions modular;

  @Option(
      names = "--lr",
      paramLabel = "X",
      defaultValue = "0.001",
      description = "Learning rate, at least 0 (default: 0.001).")
  private String lr;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "What pairs, weights and batches depend on (default: 0).")
  private String seed;

  @Option(
      names = "--seeds",
      paramLabel = "A..B",
      description = "One network per seed, A to B, trained together; a sub-folder seed-N each.")
  private String seeds;

  @Option(
      names = "--as-written",
      description =
          "Draw training and test pairs with replacement, as the article does: they overlap.")
  private boolean asWritten;

  @Mixin private CommonOptions options;

  ModularMlpCommand(Consumer<Runnable> stopBy) {
    this.stopBy = stopBy;
  }

  @Override
  public Integer call() throws IOException {
    Optional<SeedRange> range = seeds();
    RunFolder folder = options.folder(NAME);
    List<RunConfig> configs = new ArrayList<>();
    if (range.isPresent()) {
      range.get().seeds().forEach(s -> configs.add(config(Long.toString(s))));
    } else {
      configs.add(config(seed == null ? "0" : seed));
    }
    List<RawIntegers> data = new ArrayList<>();
    List<Network> networks = new ArrayList<>();
    int row = 0;
    for (RunConfig config : configs) {
      RawIntegers pairs = modular.data(config.seed(), asWritten);
      ModularOptions.Learner learner =
          new ModularOptions.Learner(
              "seed " + config.seed(),
              config,
              range.isPresent() ? folder.seed(config.seed()) : folder,
              (trainer, replica) -> trainer.initialize(replica, config.seed()));
      networks.add(modular.network(NAME, learner, pairs, row, asWritten));
      data.add(pairs);
      row += pairs.targets().length;
    }
    options.clear(folder);
    try (Progress progress = Progress.on(spec.commandLine().getOut(), options.isQuiet())) {
      progress.say(ModularOptions.overlap(data));
      Training training = new Training(spec, stopBy, configs.getFirst(), progress);
      training.train(
          modular.shape(), ModularOptions.table(data), modular.model(), networks, modular.length());
      training.draw("Raw integers: " + modular.shape(), networks, folder);
      return training.status();
    }
  }

  private Optional<SeedRange> seeds() {
    if (seeds != null && seed != null) {
      throw new ConfigException("seeds", "cannot be given together with --seed");
    }
    return Optional.ofNullable(seeds).map(SeedRange::parse);
  }

  private RunConfig config(String seed) {
    return modular.config(options, "adamw", lr, seed);
  }
}
