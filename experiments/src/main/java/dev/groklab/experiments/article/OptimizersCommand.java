package dev.groklab.experiments.article;

import dev.groklab.data.RawIntegers;
import dev.groklab.engine.Buffer;
import dev.groklab.experiments.Version;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code groklab article optimizers}: four optimizers from the same weights. */
@Command(
    name = "optimizers",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    header = "Compare SGD, Adam, AdamW and RMSprop on modular addition of raw integers.",
    description = {
      "The network of modular-mlp, trained by SGD at a rate of 0.01 and by Adam, AdamW and RMSprop"
          + " at 0.001, each from the same fresh weights on the same batches; a sub-folder each.%n"
    })
final class OptimizersCommand implements Callable<Integer> {

  private static final String NAME = "optimizers";

  /** An optimizer of the article. */
  private record Contender(String name, String rate) {}

  private static final List<Contender> CONTENDERS =
      List.of(
          new Contender("SGD", "0.01"),
          new Contender("Adam", "0.001"),
          new Contender("AdamW", "0.001"),
          new Contender("RMSprop", "0.001"));

  private final Consumer<Runnable> stopBy;

  @Spec private CommandSpec spec;

  @Mixin private ModularOptions modular;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "What pairs, weights and batches depend on (default: 0).")
  private String seed;

  @Option(
      names = "--as-written",
      description =
          "As the article does: pairs with replacement, and one network that each optimizer takes"
              + " over from the one before.")
  private boolean asWritten;

  @Mixin private CommonOptions options;

  OptimizersCommand(Consumer<Runnable> stopBy) {
    this.stopBy = stopBy;
  }

  @Override
  public Integer call() throws IOException {
    RunFolder folder = options.folder(NAME);
    long first = config(CONTENDERS.getFirst()).seed();
    RawIntegers data = modular.data(first, asWritten);
    Network.Start fresh = (trainer, replica) -> trainer.initialize(replica, first);
    List<Network> networks = new ArrayList<>();
    for (Contender contender : CONTENDERS) {
      networks.add(network(contender, folder, data, fresh));
    }
    options.clear(folder);
    try (Progress progress = Progress.on(spec.commandLine().getOut(), options.isQuiet())) {
      progress.say(ModularOptions.overlap(List.of(data)));
      Training training = new Training(spec, stopBy, config(CONTENDERS.getFirst()), progress);
      if (asWritten) {
        networks = trainInTurn(training, folder, data, fresh);
      } else {
        train(training, data, networks);
      }
      training.draw("Optimizers: " + modular.shape(), networks, folder);
      return training.status();
    }
  }

  /** One network that goes from optimizer to optimizer; those after a stop do not begin. */
  private List<Network> trainInTurn(
      Training training, RunFolder folder, RawIntegers data, Network.Start fresh)
      throws IOException {
    List<Network> trained = new ArrayList<>();
    Network.Start start = fresh;
    for (Contender contender : CONTENDERS) {
      if (training.isStopped()) {
        break;
      }
      Network network = network(contender, folder, data, start);
      double[] weights = train(training, data, List.of(network)).getFirst();
      start = (trainer, replica) -> trainer.write(replica, Buffer.PARAMETERS, weights);
      trained.add(network);
    }
    return trained;
  }

  private List<double[]> train(Training training, RawIntegers data, List<Network> networks)
      throws IOException {
    return training.train(
        modular.shape(),
        ModularOptions.table(List.of(data)),
        modular.model(),
        networks,
        modular.length());
  }

  private Network network(
      Contender contender, RunFolder folder, RawIntegers data, Network.Start start) {
    String child = contender.name().toLowerCase(Locale.ROOT);
    return modular.network(
        NAME,
        new ModularOptions.Learner(
            contender.name(),
            config(contender),
            new RunFolder(folder.path().resolve(child)),
            start),
        data,
        0,
        asWritten);
  }

  private RunConfig config(Contender contender) {
    return modular.config(
        options, contender.name().toLowerCase(Locale.ROOT), contender.rate(), seed);
  }
}
