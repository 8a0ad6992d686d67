package dev.groklab.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * What the boundary between Java and the engine costs in a {@link ChunkBenchmark}: each chunk once
 * {@link #emptyChunk}, each of its steps {@link #handOver}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class BoundaryBenchmark {
  private static final int STEPS = 100;

  /** What is trained. */
  @Param({"TINY", "TRANSFORMER"})
  public ReportModel model;

  private Training training;

  /** For JMH. */
  public BoundaryBenchmark() {}

  /** Makes the trainer. */
  @Setup
  public void open() {
    training = new Training(Threads.ALL, model, 1, STEPS);
  }

  /** Gives everything back. */
  @TearDown
  public void close() {
    training.close();
  }

  /** A chunk without steps, checked on both sides of the boundary. */
  @Benchmark
  public void emptyChunk() {
    training.empty();
    training.run();
  }

  /**
   * A step's batch is copied into native memory, its loss read from there.
   *
   * @return the sum of losses
   */
  @Benchmark
  @OperationsPerInvocation(STEPS)
  public double handOver() {
    training.fill();
    return training.losses();
  }
}
