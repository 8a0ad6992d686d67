package dev.groklab.benchmarks;

import dev.groklab.engine.AttentionOp;
import dev.groklab.engine.Ops;
import dev.groklab.engine.Precision;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.infra.BenchmarkParams;

/** Attention with four heads along the paths of a batch's prefix tree, and its gradients. */
public class AttentionBenchmark extends KernelBenchmark {
  private static final String FORM = "NxD of M";
  private static final int T = PrefixTree.DEPTH;
  private static final int HEADS = ReportModel.HEADS;

  /**
   * Queries of width D from the last N of the tree's M nodes, which are the keys: all of them, and
   * in the last block only those where the answer is read.
   */
  @Param({"706x128 of 706", "256x128 of 706"})
  public String shape;

  private AttentionOp attention;
  private AttentionOp.Shape extents;
  private MemorySegment path; // [N, T]
  private MemorySegment weights; // [N, HEADS, T]
  private MemorySegment q; // [N, D]
  private MemorySegment dq;
  private MemorySegment y;
  private MemorySegment dy;
  private MemorySegment k; // [M, D]
  private MemorySegment dk;
  private MemorySegment v;
  private MemorySegment dv;

  /** For JMH. */
  public AttentionBenchmark() {}

  @Override
  void prepare(Ops ops) {
    attention = ops.attention();
    int[] e = Extents.of(FORM, shape);
    int n = e[0];
    int d = e[1];
    int m = e[2];
    PrefixTree tree = new PrefixTree(m);
    if (n > m) {
      throw new IllegalArgumentException(
          "the shape is '" + shape + "'; allowed are at most as many queries as nodes");
    }
    extents = new AttentionOp.Shape(1, n, m, T, HEADS, d);
    path = indices(n * T, i -> tree.path(m - n + i / T)[i % T]);
    weights = normal(n, HEADS, T);
    q = normal(n, d);
    dq = normal(n, d);
    y = normal(n, d);
    dy = normal(n, d);
    k = normal(m, d);
    dk = normal(m, d);
    v = normal(m, d);
    dv = normal(m, d);
    forward();
  }

  @Override
  public Map<String, Work> work(BenchmarkParams params) {
    int[] e = Extents.of(FORM, params.getParam("shape"));
    double queries = (double) e[0] * e[1];
    double keys = (double) e[2] * e[1];
    double paths = (double) e[0] * T * (1 + HEADS); // and their weights
    return Map.of(
        "forward", Work.words(2 * queries + 2 * keys + paths),
        "backward", Work.words(3 * queries + 4 * keys + paths));
  }

  /** Scores, softmax and the weighted sum. */
  @Benchmark
  public final void forward() {
    attention.forward(Precision.FP32, extents, path, q, k, v, weights, y);
  }

  /** The gradients of queries, keys and values. */
  @Benchmark
  public void backward() {
    attention.backward(Precision.FP32, extents, path, q, k, v, weights, dy, dq, dk, dv);
  }
}
