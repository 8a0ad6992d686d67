package dev.groklab.run;

import dev.groklab.engine.Chunk;
import dev.groklab.engine.Trainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What runs that train together cost on this machine, from a moment's trial.
 *
 * @param stepSeconds time of a step of all of them
 * @param evaluationSeconds time of an evaluation of all of them, on both splits
 * @param parameters elements of a flat buffer of one of them
 */
public record Speed(double stepSeconds, double evaluationSeconds, long parameters) {

  private static final double TRIAL_SECONDS = 0.1;
  private static final int MAX_STEPS = 1024;
  private static final int ROW_BYTES = 130;
  private static final int MEASURES_BYTES = 1400; // of the report's Transformer
  private static final int SAMPLE_ROWS = 1024; // a whole table may take many seconds

  /**
   * Tries runs out, for about a fifth of a second, or three steps if these take longer. Writes no
   * file.
   *
   * @param configs what would be trained together
   * @param threads CPU threads, 0: all
   * @return their speed
   * @throws ConfigException if the runs cannot be trained together
   * @throws dev.groklab.engine.EngineException if the backend cannot be used or memory does not
   *     suffice
   * @throws IOException if a file of recorded inputs cannot be read
   */
  public static Speed measure(List<RunConfig> configs, int threads) throws IOException {
    List<Run> runs = configs.stream().map(config -> new Run(config, Path.of(""))).toList();
    try (Runner runner = Runner.open(runs, threads)) {
      return runner.speed();
    }
  }

  static Speed measure(Trainer trainer, List<Replica> replicas) {
    return new Speed(
        step(trainer, replicas), evaluation(trainer, replicas), trainer.parameterCount());
  }

  /** The first step makes plans and fills caches; then chunks of twice as many steps each. */
  private static double step(Trainer trainer, List<Replica> replicas) {
    int capacity = replicas.stream().mapToInt(r -> r.order().capacity()).max().orElseThrow();
    long limit = replicas.stream().mapToLong(r -> r.order().limit()).min().orElseThrow();
    int[] rows = new int[capacity];
    long step = 0;
    double seconds = 0;
    int count = 1;
    while (true) {
      try (Chunk chunk = trainer.chunk(count, capacity)) {
        for (int r = 0; r < replicas.size(); r++) {
          Replica replica = replicas.get(r);
          for (int s = 0; s < count; s++) {
            int size = replica.order().rows((step + s) % limit, rows);
            chunk.batch(r, s, rows, 0, size, replica.schedule().rate(step + s));
          }
        }
        long before = System.nanoTime();
        trainer.run(chunk);
        seconds = secondsSince(before);
      }
      step += count;
      if (step > 1 && (seconds >= TRIAL_SECONDS || count == MAX_STEPS)) {
        return seconds / count;
      }
      count = Math.min(2 * count, MAX_STEPS);
    }
  }

  private static double evaluation(Trainer trainer, List<Replica> replicas) {
    double share = 0;
    for (int r = 0; r < replicas.size(); r++) {
      share = Math.max(share, replicas.get(r).sampleSplits(trainer, SAMPLE_ROWS));
    }
    trainer.evaluate(Replica.SPLITS, null);
    long before = System.nanoTime();
    trainer.evaluate(Replica.SPLITS, null);
    return secondsSince(before) * share;
  }

  private static double secondsSince(long nanos) {
    return 1e-9 * (System.nanoTime() - nanos);
  }

  /**
   * Time for the rest of a run.
   *
   * @param config one of the runs
   * @param step steps that it has made
   * @return seconds until its last step
   */
  public double secondsLeft(RunConfig config, long step) {
    long evaluations = Math.ceilDiv(config.steps(), config.evalEvery()) - step / config.evalEvery();
    return (config.steps() - step) * stepSeconds + evaluations * evaluationSeconds;
  }

  /**
   * What a run's folder takes on the disk, but for pictures.
   *
   * @param config one of the runs
   * @return bytes: the checkpoint, the final parameters, snapshots, a row per evaluation
   */
  public long diskBytes(RunConfig config) {
    int buffers = 2 + TrainerSetup.optimizer(config).buffers().size();
    long rows = Math.ceilDiv(config.steps(), config.evalEvery());
    int rowBytes = ROW_BYTES + (config.progressMeasures() ? MEASURES_BYTES : 0);
    long copies = buffers + config.snapshots().count(config.steps());
    return copies * parameters * config.precision().bytes() + rows * rowBytes;
  }
}
