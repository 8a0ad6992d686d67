package dev.groklab.benchmarks;

import dev.groklab.engine.LinearOp;
import dev.groklab.engine.Ops;
import dev.groklab.engine.Precision;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.infra.BenchmarkParams;

/** Products: the linear layer and its gradients. */
public class LinearBenchmark extends KernelBenchmark {
  private static final String FORM = "NxI->O";

  /**
   * N rows of I numbers, made to N of O: queries, keys and values of the Transformer, the two
   * layers of its feed-forward network, those of the MLP, and the inputs of the LSTM's gates.
   */
  @Param({"706x128->384", "706x128->512", "706x512->128", "256x512->512", "706x512->2048"})
  public String shape;

  private LinearOp linear;
  private LinearOp.Shape extents;
  private MemorySegment x; // [N, I]
  private MemorySegment dx;
  private MemorySegment y; // [N, O]
  private MemorySegment dy;
  private MemorySegment weight; // [O, I]
  private MemorySegment dweight;
  private MemorySegment bias; // [O]
  private MemorySegment dbias;

  /** For JMH. */
  public LinearBenchmark() {}

  @Override
  void prepare(Ops ops) {
    linear = ops.linear();
    int[] e = Extents.of(FORM, shape);
    int n = e[0];
    int i = e[1];
    int o = e[2];
    extents = new LinearOp.Shape(1, n, i, o);
    x = normal(n, i);
    dx = normal(n, i);
    y = normal(n, o);
    dy = normal(n, o);
    weight = normal(o, i);
    dweight = normal(o, i);
    bias = normal(o);
    dbias = normal(o);
  }

  @Override
  public Map<String, Work> work(BenchmarkParams params) {
    int[] e = Extents.of(FORM, params.getParam("shape"));
    Work product = Work.multiplyAdds((double) e[0] * e[1] * e[2]);
    return Map.of("forward", product, "backwardInput", product, "backwardWeight", product);
  }

  /** The product and the bias. */
  @Benchmark
  public void forward() {
    linear.forward(Precision.FP32, extents, x, weight, bias, y);
  }

  /** The gradient of what comes in. */
  @Benchmark
  public void backwardInput() {
    linear.backward(Precision.FP32, extents, x, weight, dy, dx, null, null);
  }

  /** The gradients of weight and bias. */
  @Benchmark
  public void backwardWeight() {
    linear.backward(Precision.FP32, extents, x, weight, dy, null, dweight, dbias);
  }
}
