package dev.groklab.experiments.article;

import dev.groklab.data.FeatureTable;
import dev.groklab.data.control.CartPole;
import dev.groklab.engine.BatchLayout;
import dev.groklab.engine.Dataset;
import dev.groklab.engine.Dense;
import dev.groklab.engine.Engine;
import dev.groklab.engine.EngineOptions;
import dev.groklab.engine.ReplicaOptions;
import dev.groklab.engine.Trainer;
import dev.groklab.engine.TrainerOptions;
import dev.groklab.experiments.Display;
import dev.groklab.experiments.Version;
import dev.groklab.experiments.plot.Picture;
import dev.groklab.run.ConfigException;
import dev.groklab.run.ConfigKey;
import dev.groklab.run.RunConfig;
import dev.groklab.run.RunFolder;
import dev.groklab.run.SeedRange;
import dev.groklab.run.TrainerSetup;
import java.io.IOException;
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

/** {@code groklab article cartpole}: REINFORCE learns to balance a pole. */
@Command(
    name = "cartpole",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    abbreviateSynopsis = true,
    header = "Balance a pole on a cart, by REINFORCE.",
    description = {
      "A policy 4 → 128 → 128 → 2 with ReLU and softmax plays CartPole-v1 and is trained by AdamW"
          + " after every episode. metrics.csv has a row per episode: its return, the average of"
          + " the last 100, the loss. Solved: that average reaches 475.%n"
    })
final class CartPoleCommand implements Callable<Integer> {

  private static final String NAME = "cartpole";
  private static final int STOPPED = 130; // 128 + SIGINT
  private static final int LAYERS = 2;

  private final Consumer<Runnable> stopBy;
  private volatile boolean stopped;

  @Spec private CommandSpec spec;

  @Option(
      names = "--episodes",
      paramLabel = "N",
      defaultValue = "5000",
      description = "Episodes to play (default: 5000).")
  private String episodes;

  @Option(
      names = "--gamma",
      paramLabel = "X",
      defaultValue = "0.99",
      description = "Discount of later rewards, above 0, at most 1 (default: 0.99).")
  private String gamma;

  @Option(
      names = "--hidden",
      paramLabel = "N",
      defaultValue = "128",
      description = "Width of the two hidden layers, 1 to 65536 (default: 128).")
  private String hidden;

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
      names = "--seed",
      paramLabel = "N",
      description = "What weights, initial states and actions depend on (default: 0).")
  private String seed;

  @Option(
      names = "--seeds",
      paramLabel = "A..B",
      description = "One policy per seed, A to B, trained together; a sub-folder seed-N each.")
  private String seeds;

  @Mixin private CommonOptions options;

  CartPoleCommand(Consumer<Runnable> stopBy) {
    this.stopBy = stopBy;
  }

  @Override
  public Integer call() throws IOException {
    int last = Values.whole("episodes", episodes, 1, 100_000_000);
    double discount = Values.positive("gamma", gamma, 1);
    Dense policy = new Dense(CartPole.ACTIONS, LAYERS, Values.whole("hidden", hidden, 1, 65_536));
    List<RunConfig> configs = configs();
    RunFolder folder = options.folder(NAME);
    RunConfig means = configs.getFirst();
    stopBy.accept(() -> stopped = true);
    try (Progress progress = Progress.on(spec.commandLine().getOut(), options.isQuiet());
        Engine engine = Engine.open(new EngineOptions(means.backend(), means.threads()));
        Dataset dataset = engine.dataset(emptyRows(configs.size()));
        Trainer trainer = engine.trainer(dataset, trainerOptions(policy, configs))) {
      options.clear(folder);
      progress.say("training " + shape(policy) + " on " + Display.describe(engine.info()));
      List<Agent> agents = new ArrayList<>();
      try {
        for (int r = 0; r < configs.size(); r++) {
          RunConfig config = configs.get(r);
          RunFolder own = seeds == null ? folder : folder.seed(config.seed());
          agents.add(
              Agent.create(
                  config.seed(), own, settings(config, last, discount, policy), engine.info()));
          trainer.initialize(r, config.seed());
        }
        new Reinforce(trainer, dataset, agents, discount, means.lr())
            .train(last, () -> stopped, progress);
      } finally {
        for (Agent agent : agents) {
          agent.close();
        }
      }
      draw(shape(policy), agents, folder);
    }
    return stopped ? STOPPED : 0;
  }

  private static String shape(Dense policy) {
    return String.format("4 → %d → %d → 2", policy.hidden(), policy.hidden());
  }

  private List<RunConfig> configs() {
    if (seeds == null) {
      return List.of(config(seed == null ? "0" : seed));
    }
    if (seed != null) {
      throw new ConfigException("seeds", "cannot be given together with --seed");
    }
    return SeedRange.parse(seeds).seeds().mapToObj(s -> config(Long.toString(s))).toList();
  }

  private RunConfig config(String seed) {
    return options.config(
        Map.of(
            ConfigKey.LR.key(), lr,
            ConfigKey.WEIGHT_DECAY.key(), weightDecay,
            ConfigKey.SEED.key(), seed));
  }

  /** Room for the longest episode of each policy, yet to be played. */
  private static FeatureTable emptyRows(int policies) {
    int rows = Math.multiplyExact(CartPole.MAX_STEPS, policies);
    return new FeatureTable(
        CartPole.ACTIONS,
        CartPole.OBSERVATION_SIZE,
        1,
        1,
        new float[Math.multiplyExact(CartPole.OBSERVATION_SIZE, rows)],
        new int[rows],
        Optional.of(new double[rows]));
  }

  private static TrainerOptions trainerOptions(Dense policy, List<RunConfig> configs) {
    return new TrainerOptions(
        policy,
        configs.getFirst().precision(),
        BatchLayout.DENSE,
        configs.stream()
            .map(
                config ->
                    new ReplicaOptions(
                        TrainerSetup.optimizer(config), 0, config.seed(), CartPole.MAX_STEPS))
            .toList());
  }

  private static Map<String, Object> settings(
      RunConfig config, int last, double discount, Dense policy) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("experiment", NAME);
    settings.put("episodes", last);
    settings.put("gamma", discount);
    settings.put("hidden", policy.hidden());
    CommonOptions.putLearning(settings, config);
    return settings;
  }

  private void draw(String shape, List<Agent> agents, RunFolder folder) throws IOException {
    Optional<String> obstacle = Picture.obstacle();
    if (obstacle.isPresent()) {
      spec.commandLine()
          .getErr()
          .println(spec.qualifiedName() + ": no pictures were drawn: " + obstacle.get());
      return;
    }
    for (Agent agent : agents) {
      String title = "CartPole by REINFORCE: " + shape + ", seed " + agent.seed();
      ReturnPicture.of(List.of(agent), title)
          .write(agent.folder().curvesSvg(), agent.folder().curvesPng());
    }
    if (agents.size() > 1) {
      ReturnPicture.of(agents, "CartPole by REINFORCE: " + shape)
          .write(folder.curvesSvg(), folder.curvesPng());
    }
  }
}
