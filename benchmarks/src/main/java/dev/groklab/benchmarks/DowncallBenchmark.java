package dev.groklab.benchmarks;

import dev.groklab.engine.Backend;
import dev.groklab.engine.Dataset;
import dev.groklab.engine.Engine;
import dev.groklab.engine.EngineOptions;
import dev.groklab.engine.Trainer;
import dev.groklab.ffi.groklab_h;
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
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DowncallBenchmark {
  private Engine engine;
  private Dataset dataset;
  private Trainer trainer;

  /** For JMH. */
  public DowncallBenchmark() {}

  /** Creates a trainer to ask. */
  @Setup
  public void open() {
    engine = Engine.open(new EngineOptions(Backend.CPU, 1));
    dataset = engine.dataset(ReportSetting.table());
    trainer = engine.trainer(dataset, ReportSetting.trainer(1));
  }

  /** Gives everything back. */
  @TearDown
  public void close() {
    trainer.close();
    dataset.close();
    engine.close();
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
   * A cheap call through the library's interface: handle and thread are checked on both sides, and
   * a number comes back through memory.
   *
   * @return the result, so that the call stays
   */
  @Benchmark
  public long trainerQuery() {
    return trainer.step(0);
  }
}
