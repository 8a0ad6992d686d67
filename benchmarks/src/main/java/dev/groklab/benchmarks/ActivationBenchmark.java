package dev.groklab.benchmarks;

import dev.groklab.engine.ActivationOp;
import dev.groklab.engine.Ops;
import dev.groklab.engine.Precision;
import dev.groklab.engine.RowShape;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.infra.BenchmarkParams;

/** GELU and ReLU, and their gradients. */
public class ActivationBenchmark extends KernelBenchmark {
  private static final String FORM = "NxD";

  /** N rows of D numbers: the Transformer's hidden layers; the MLP's are 256x512. */
  @Param("706x512")
  public String shape;

  private ActivationOp gelu;
  private ActivationOp relu;
  private RowShape extents;
  private MemorySegment x; // [N, D]
  private MemorySegment dx;
  private MemorySegment y;
  private MemorySegment dy;

  /** For JMH. */
  public ActivationBenchmark() {}

  @Override
  void prepare(Ops ops) {
    gelu = ops.gelu();
    relu = ops.relu();
    int[] e = Extents.of(FORM, shape);
    extents = new RowShape(1, e[0], e[1]);
    x = normal(e);
    dx = normal(e);
    y = normal(e);
    dy = normal(e);
  }

  @Override
  public Map<String, Work> work(BenchmarkParams params) {
    int[] e = Extents.of(FORM, params.getParam("shape"));
    double numbers = (double) e[0] * e[1];
    Work forward = Work.words(2 * numbers);
    Work backward = Work.words(3 * numbers);
    return Map.of(
        "geluForward", forward,
        "geluBackward", backward,
        "reluForward", forward,
        "reluBackward", backward);
  }

  /** GELU. */
  @Benchmark
  public void geluForward() {
    gelu.forward(Precision.FP32, extents, x, y);
  }

  /** Its gradient. */
  @Benchmark
  public void geluBackward() {
    gelu.backward(Precision.FP32, extents, x, dy, dx);
  }

  /** ReLU. */
  @Benchmark
  public void reluForward() {
    relu.forward(Precision.FP32, extents, x, y);
  }

  /** Its gradient. */
  @Benchmark
  public void reluBackward() {
    relu.backward(Precision.FP32, extents, x, dy, dx);
  }
}
