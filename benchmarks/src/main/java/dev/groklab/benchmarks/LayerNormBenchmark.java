package dev.groklab.benchmarks;

import dev.groklab.engine.LayerNormOp;
import dev.groklab.engine.Ops;
import dev.groklab.engine.Precision;
import dev.groklab.engine.RowShape;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.infra.BenchmarkParams;

/** Layer norm of a sum, and its gradients. */
public class LayerNormBenchmark extends KernelBenchmark {
  private static final String FORM = "NxD";
  private static final double EPSILON = 1e-5;

  /** N rows of D numbers: the Transformer's, and the MLP's. */
  @Param({"706x128", "256x512"})
  public String shape;

  private LayerNormOp layerNorm;
  private RowShape extents;
  private MemorySegment x; // [N, D]
  private MemorySegment residual;
  private MemorySegment dx;
  private MemorySegment normalized;
  private MemorySegment y;
  private MemorySegment dy;
  private MemorySegment inverseDeviation; // [N]
  private MemorySegment gamma; // [D]
  private MemorySegment beta;
  private MemorySegment dgamma;
  private MemorySegment dbeta;

  /** For JMH. */
  public LayerNormBenchmark() {}

  @Override
  void prepare(Ops ops) {
    layerNorm = ops.layerNorm();
    int[] e = Extents.of(FORM, shape);
    int n = e[0];
    int d = e[1];
    extents = new RowShape(1, n, d);
    x = normal(n, d);
    residual = normal(n, d);
    dx = normal(n, d);
    normalized = normal(n, d);
    y = normal(n, d);
    dy = normal(n, d);
    inverseDeviation = normal(n);
    gamma = normal(d);
    beta = normal(d);
    dgamma = normal(d);
    dbeta = normal(d);
    forward();
  }

  @Override
  public Map<String, Work> work(BenchmarkParams params) {
    int[] e = Extents.of(FORM, params.getParam("shape"));
    double n = e[0];
    double d = e[1];
    return Map.of(
        "forward", Work.words(4 * n * d + n + 2 * d),
        "backward", Work.words(3 * n * d + n + 3 * d));
  }

  /** Sum and norm. */
  @Benchmark
  public final void forward() {
    layerNorm.forward(
        Precision.FP32,
        extents,
        EPSILON,
        x,
        residual,
        gamma,
        beta,
        normalized,
        inverseDeviation,
        y);
  }

  /** The gradients of the sum, gamma and beta. */
  @Benchmark
  public void backward() {
    layerNorm.backward(
        Precision.FP32,
        extents,
        EPSILON,
        gamma,
        normalized,
        inverseDeviation,
        dy,
        dx,
        dgamma,
        dbeta);
  }
}
