package dev.groklab.benchmarks;

import dev.groklab.data.BatchOrder;
import dev.groklab.data.Split;
import dev.groklab.engine.Backend;
import dev.groklab.engine.Chunk;
import dev.groklab.engine.Dataset;
import dev.groklab.engine.Engine;
import dev.groklab.engine.EngineOptions;
import dev.groklab.engine.Trainer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A training step of the report's Transformer (p = 97, batches of 256) in float32: forward,
 * backward, AdamW. The time is that of one step of all replicas together.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
public class TrainingStepBenchmark {
  private static final int STEPS = 10; // in a chunk

  /** CPU threads; 0 takes all. */
  @Param({"1", "0"})
  public int threads;

  /** Replicas trained together. */
  @Param({"1", "8"})
  public int replicas;

  private Engine engine;
  private Dataset dataset;
  private Trainer trainer;
  private Chunk chunk;

  /** For JMH. */
  public TrainingStepBenchmark() {}

  /** Creates the trainer and a chunk of batches, others for each replica. */
  @Setup
  public void open() {
    engine = Engine.open(new EngineOptions(Backend.CPU, threads));
    dataset = engine.dataset(ReportSetting.table());
    trainer = engine.trainer(dataset, ReportSetting.trainer(replicas));
    chunk = trainer.chunk(STEPS, ReportSetting.BATCH_SIZE);
    int[] rows = new int[ReportSetting.BATCH_SIZE];
    for (int replica = 0; replica < replicas; replica++) {
      int[] train =
          Split.random(ReportSetting.table().rows(), ReportSetting.TRAIN_FRACTION, replica).train();
      BatchOrder order = BatchOrder.shuffled(train, ReportSetting.BATCH_SIZE, replica);
      for (int step = 0; step < STEPS; step++) {
        int count = order.rows(step, rows);
        chunk.batch(replica, step, rows, 0, count, ReportSetting.LEARNING_RATE);
      }
    }
  }

  /** Starts anew, so that every iteration trains through the same numbers. */
  @Setup(Level.Iteration)
  public void initialize() {
    for (int replica = 0; replica < replicas; replica++) {
      trainer.initialize(replica, replica);
    }
  }

  /** Gives everything back. */
  @TearDown
  public void close() {
    chunk.close();
    trainer.close();
    dataset.close();
    engine.close();
  }

  /**
   * Trains.
   *
   * @return the last loss of the first replica
   */
  @Benchmark
  @OperationsPerInvocation(STEPS)
  public double step() {
    trainer.run(chunk);
    return chunk.loss(0, STEPS - 1);
  }
}
