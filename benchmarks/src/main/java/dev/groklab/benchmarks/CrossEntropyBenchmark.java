package dev.groklab.benchmarks;

import dev.groklab.engine.CrossEntropyOp;
import dev.groklab.engine.Ops;
import dev.groklab.engine.Precision;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.infra.BenchmarkParams;

/** Cross-entropy alone, as in an evaluation, and with its gradient, as in a step. */
public class CrossEntropyBenchmark extends KernelBenchmark {
  private static final String FORM = "NxC";

  /** N rows of C logits: a batch, and all training rows. */
  @Param({"256x99", "4704x99"})
  public String shape;

  private CrossEntropyOp crossEntropy;
  private CrossEntropyOp.Shape extents;
  private MemorySegment logits; // [N, C]
  private MemorySegment dlogits;
  private MemorySegment targets; // [N]

  /** For JMH. */
  public CrossEntropyBenchmark() {}

  @Override
  void prepare(Ops ops) {
    crossEntropy = ops.crossEntropy();
    int[] e = Extents.of(FORM, shape);
    extents = new CrossEntropyOp.Shape(1, e[0], e[1]);
    logits = normal(e);
    dlogits = normal(e);
    targets = indices(e[0], e[1]);
  }

  @Override
  public Map<String, Work> work(BenchmarkParams params) {
    int[] e = Extents.of(FORM, params.getParam("shape"));
    double logits = (double) e[0] * e[1];
    return Map.of(
        "loss", Work.words(logits + e[0]), "lossAndGradient", Work.words(2 * logits + e[0]));
  }

  /**
   * The loss.
   *
   * @return the loss
   */
  @Benchmark
  public double loss() {
    return run(null);
  }

  /**
   * The loss and its gradient.
   *
   * @return the loss
   */
  @Benchmark
  public double lossAndGradient() {
    return run(dlogits);
  }

  private double run(MemorySegment gradient) {
    return crossEntropy.run(Precision.FP32, extents, logits, targets, null, gradient).losses()[0];
  }
}
