package dev.groklab.benchmarks;

import java.util.Map;
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
import org.openjdk.jmh.infra.BenchmarkParams;

/** A training step of many replicas of the report's Transformer together. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 1, time = 1)
@Measurement(iterations = 3, time = 1)
public class SweepStepBenchmark implements Workload {
  private static final int STEPS = 10; // in a chunk

  /** How many replicas. */
  @Param("8")
  public int replicas;

  /** Threads of the engine. */
  @Param({"1", Threads.ALL})
  public String threads;

  private Training training;

  /** For JMH. */
  public SweepStepBenchmark() {}

  /** Makes the trainer and its batches. */
  @Setup
  public void open() {
    training = new Training(threads, ReportModel.TRANSFORMER, replicas, STEPS);
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

  @Override
  public Map<String, Work> work(BenchmarkParams params) {
    int asked = Integer.parseInt(params.getParam("replicas"));
    try (Training like = new Training("1", ReportModel.TRANSFORMER, asked, STEPS)) {
      return Map.of("step", like.work());
    }
  }

  /**
   * Trains a chunk; the time is that of one step of all replicas.
   *
   * @return the sum of its losses
   */
  @Benchmark
  @OperationsPerInvocation(STEPS)
  public double step() {
    training.run();
    return training.losses();
  }
}
