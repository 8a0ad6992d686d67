package dev.groklab.run;

import dev.groklab.data.Task;
import dev.groklab.data.TokenTable;
import dev.groklab.engine.Adam;
import dev.groklab.engine.AdamW;
import dev.groklab.engine.BatchLayout;
import dev.groklab.engine.Lstm;
import dev.groklab.engine.Mlp;
import dev.groklab.engine.Model;
import dev.groklab.engine.Optimizer;
import dev.groklab.engine.ReplicaOptions;
import dev.groklab.engine.RmsProp;
import dev.groklab.engine.Sgd;
import dev.groklab.engine.TrainerOptions;
import dev.groklab.engine.Transformer;
import dev.groklab.schedule.Schedule;
import java.util.List;

/** What configurations mean to the engine and to the schedule. */
public final class TrainerSetup {

  private TrainerSetup() {}

  /** Options of a trainer for replicas of one architecture. */
  static TrainerOptions trainer(Task task, TokenTable table, List<Replica> replicas) {
    RunConfig first = replicas.getFirst().config();
    return new TrainerOptions(
        model(first, task, table),
        first.precision(),
        BatchLayout.AUTO,
        replicas.stream().map(TrainerSetup::replica).toList());
  }

  /**
   * The architecture of a run.
   *
   * @param config the run
   * @param task its task
   * @param table the task's table
   * @return the model
   */
  public static Model model(RunConfig config, Task task, TokenTable table) {
    int vocabulary = table.vocabulary();
    int positions = task.positions();
    int layers = config.layers();
    int dim = config.dim();
    int hidden = config.hidden();
    return switch (config.model()) {
      case "mlp" -> new Mlp(vocabulary, positions, layers, dim, hidden);
      case "lstm" -> new Lstm(vocabulary, positions, layers, dim, hidden);
      default -> new Transformer(vocabulary, positions, layers, dim, config.heads(), hidden);
    };
  }

  private static ReplicaOptions replica(Replica replica) {
    RunConfig config = replica.config();
    return new ReplicaOptions(
        optimizer(config),
        config.dropout(),
        config.dropoutSeed(),
        replica.order().capacity(),
        config.clipNorm());
  }

  /**
   * The optimizer of a run.
   *
   * @param config the run
   * @return the optimizer
   */
  public static Optimizer optimizer(RunConfig config) {
    double decay = config.weightDecay();
    return switch (config.optimizer()) {
      case "adam" -> new Adam(config.beta1(), config.beta2(), config.eps(), decay);
      case "sgd" -> new Sgd(config.momentum(), config.nesterov(), decay);
      case "rmsprop" ->
          new RmsProp(config.alpha(), config.eps(), decay, config.momentum(), config.centered());
      default -> new AdamW(config.beta1(), config.beta2(), config.eps(), decay);
    };
  }

  static Schedule schedule(RunConfig config) {
    double lr = config.lr();
    Schedule schedule =
        switch (config.lrSchedule()) {
          case STEP -> Schedule.step(lr, config.lrDecayFactor(), config.lrDecayEvery());
          case CONSTANT -> Schedule.constant(lr);
          case COSINE -> Schedule.cosine(lr, config.lrMin(), config.lrDecaySteps());
        };
    return schedule.warmup(config.lrWarmup());
  }
}
