package dev.groklab.benchmarks;

import dev.groklab.engine.Engine;
import dev.groklab.engine.Ops;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.IntUnaryOperator;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Single ops in float32, one replica, at shapes of the report's models: see {@link ReportModel}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 1, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 250, timeUnit = TimeUnit.MILLISECONDS)
public abstract class KernelBenchmark implements Workload {
  /** Threads of the engine. */
  @Param({"1", Threads.ALL})
  public String threads;

  private final Random random = new Random(1);
  private final Arena arena = Arena.ofAuto();
  private Engine engine;

  /** For JMH. */
  protected KernelBenchmark() {}

  /** Opens the engine and fills the buffers. */
  @Setup
  public final void open() {
    engine = Threads.open(threads);
    prepare(engine.ops());
  }

  /** Gives everything back. */
  @TearDown
  public final void close() {
    engine.close();
  }

  /**
   * Makes the buffers, and what backward ops read of forward ones.
   *
   * @param ops of the engine to measure
   */
  abstract void prepare(Ops ops);

  /** Random numbers of the standard normal distribution; outputs are made so too. */
  final MemorySegment normal(int... extents) {
    MemorySegment reals = zeros(extents);
    for (long i = 0; i < count(extents); i++) {
      reals.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
    return reals;
  }

  /** What an optimizer keeps, at its start. */
  final MemorySegment zeros(int... extents) {
    return arena.allocate(ValueLayout.JAVA_FLOAT, count(extents));
  }

  /** Random numbers 0 … bound−1. */
  final MemorySegment indices(int count, int bound) {
    return indices(count, _ -> random.nextInt(bound));
  }

  final MemorySegment indices(int count, IntUnaryOperator index) {
    MemorySegment indices = arena.allocate(ValueLayout.JAVA_INT, count);
    for (int i = 0; i < count; i++) {
      indices.setAtIndex(ValueLayout.JAVA_INT, i, index.applyAsInt(i));
    }
    return indices;
  }

  private static long count(int... extents) {
    long count = 1;
    for (int extent : extents) {
      count = Math.multiplyExact(count, extent);
    }
    return count;
  }
}
