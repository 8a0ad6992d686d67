package dev.groklab.benchmarks;

import dev.groklab.engine.AdamW;
import dev.groklab.engine.Ops;
import dev.groklab.engine.Optimizer;
import dev.groklab.engine.OptimizerOp;
import dev.groklab.engine.Precision;
import dev.groklab.engine.RmsProp;
import dev.groklab.engine.Sgd;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.infra.BenchmarkParams;

/** Steps of the optimizers over a whole model; Adam's is AdamW's but for a multiply-add. */
public class OptimizerBenchmark extends KernelBenchmark {
  private static final OptimizerOp.Settings ADAMW = settings(new AdamW(0.9, 0.98, 1e-8, 1), 0);
  private static final OptimizerOp.Settings ADAMW_CLIPPED =
      settings(new AdamW(0.9, 0.98, 1e-8, 1), 1);
  private static final OptimizerOp.Settings SGD = settings(new Sgd(0.9, true, 1e-4), 0);
  private static final OptimizerOp.Settings RMSPROP =
      settings(new RmsProp(0.99, 1e-8, 1e-4, 0.9, true), 0);

  /** Number of parameters: the Transformer's, and the LSTM's. */
  @Param({"422883", "3480163"})
  public String shape;

  private OptimizerOp optimizer;
  private OptimizerOp.Shape extents;
  private MemorySegment values; // [P]
  private MemorySegment gradients;
  private MemorySegment firstMoments;
  private MemorySegment secondMoments;
  private MemorySegment momentum;

  /** For JMH. */
  public OptimizerBenchmark() {}

  private static OptimizerOp.Settings settings(Optimizer optimizer, double clipNorm) {
    return new OptimizerOp.Settings(
        List.of(optimizer),
        new double[] {clipNorm},
        new long[] {1000},
        new double[] {ReportModel.LEARNING_RATE});
  }

  @Override
  void prepare(Ops ops) {
    optimizer = ops.optimizer();
    int p = Extents.of("P", shape)[0];
    extents = new OptimizerOp.Shape(1, p);
    values = normal(p);
    gradients = normal(p);
    firstMoments = zeros(p);
    secondMoments = zeros(p);
    momentum = zeros(p);
  }

  /** The gradient is read, values and what the optimizer keeps are updated. */
  @Override
  public Map<String, Work> work(BenchmarkParams params) {
    double p = Extents.of("P", params.getParam("shape"))[0];
    return Map.of(
        "adamw", Work.words(7 * p),
        "adamwClipped", Work.words(8 * p), // the norm comes before the step
        "sgd", Work.words(5 * p),
        "rmsprop", Work.words(9 * p));
  }

  /** AdamW. */
  @Benchmark
  public void adamw() {
    step(ADAMW);
  }

  /** AdamW with the gradient's norm held to 1. */
  @Benchmark
  public void adamwClipped() {
    step(ADAMW_CLIPPED);
  }

  /** SGD with Nesterov's momentum. */
  @Benchmark
  public void sgd() {
    step(SGD);
  }

  /** Centred RMSprop with momentum. */
  @Benchmark
  public void rmsprop() {
    step(RMSPROP);
  }

  private void step(OptimizerOp.Settings settings) {
    optimizer.step(
        Precision.FP32,
        extents,
        settings,
        gradients,
        values,
        firstMoments,
        secondMoments,
        momentum);
  }
}
