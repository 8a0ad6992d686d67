package dev.groklab.benchmarks;

import dev.groklab.engine.ActivationOp;
import dev.groklab.engine.Precision;
import dev.groklab.engine.RowShape;
import dev.groklab.engine.Trainer;
import dev.groklab.ffi.groklab_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to get into the library and back. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class DowncallBenchmark {
  private static final RowShape ONE = new RowShape(1, 1, 1);

  private Training training;
  private Trainer trainer;
  private ActivationOp relu;
  private final Arena arena = Arena.ofAuto();
  private MemorySegment x;
  private MemorySegment y;

  /** For JMH. */
  public DowncallBenchmark() {}

  /** Makes a trainer to ask, and an op's buffers. */
  @Setup
  public void open() {
    training = new Training("1", ReportModel.TINY, 1, 1);
    trainer = training.trainer();
    relu = training.engine().ops().relu();
    x = arena.allocate(ValueLayout.JAVA_FLOAT);
    y = arena.allocate(ValueLayout.JAVA_FLOAT);
  }

  /** Gives everything back. */
  @TearDown
  public void close() {
    training.close();
  }

  /**
   * The cheapest downcall: no arguments, and the function returns a constant.
   *
   * @return the result, so that the call stays
   */
  @Benchmark
  public int constant() {
    return groklab_h.groklab_abi_number();
  }

  /**
   * The library's version, a C string that becomes Java's.
   *
   * @return the result, so that the call stays
   */
  @Benchmark
  public String version() {
    return groklab_h.groklab_version().getString(0);
  }

  /**
   * A cheap call through the library's interface: handle and thread are checked on both sides, and
   * a number comes back through memory.
   *
   * @return the result, so that the call stays
   */
  @Benchmark
  public long trainerQuery() {
    return trainer.step(0);
  }

  /** The cheapest op, on one number: its struct is made and filled, its buffers are checked. */
  @Benchmark
  public void op() {
    relu.forward(Precision.FP32, ONE, x, y);
  }
}
