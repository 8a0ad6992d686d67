package dev.groklab.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A chunk of steps from its batches to its losses, on all threads. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 2, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class ChunkBenchmark {
  /** What is trained. */
  @Param({"TINY", "TRANSFORMER"})
  public ReportModel model;

  /** Steps of the chunk. */
  @Param({"1", "10", "100"})
  public int steps;

  private Training training;

  /** For JMH. */
  public ChunkBenchmark() {}

  /** Makes the trainer. */
  @Setup
  public void open() {
    training = new Training(Threads.ALL, model, 1, steps);
  }

  /** Starts anew. */
  @Setup(Level.Iteration)
  public void initialize() {
    training.initialize();
  }

  /** Gives everything back. */
  @TearDown
  public void close() {
    training.close();
  }

  /**
   * Hands the batches over, trains, and takes the losses back.
   *
   * @return their sum
   */
  @Benchmark
  public double chunk() {
    training.fill();
    training.run();
    return training.losses();
  }
}
