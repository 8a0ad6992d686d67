package dev.groklab.benchmarks;

import dev.groklab.engine.EmbeddingOp;
import dev.groklab.engine.Ops;
import dev.groklab.engine.Precision;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.infra.BenchmarkParams;

/** Sums of a token's and a position's embedding, and the gradients of both tables. */
public class EmbeddingBenchmark extends KernelBenchmark {
  private static final String FORM = "NxD of V";
  private static final int POSITIONS = ReportModel.TRANSFORMER.positions();

  /** N rows of D numbers, of a vocabulary of V tokens. */
  @Param("706x128 of 99")
  public String shape;

  private EmbeddingOp embedding;
  private EmbeddingOp.Shape extents;
  private MemorySegment tokens; // [N]
  private MemorySegment positionOf;
  private MemorySegment tokenTable; // [V, D]
  private MemorySegment dtokenTable;
  private MemorySegment positionTable; // [POSITIONS, D]
  private MemorySegment dpositionTable;
  private MemorySegment y; // [N, D]
  private MemorySegment dy;

  /** For JMH. */
  public EmbeddingBenchmark() {}

  @Override
  void prepare(Ops ops) {
    embedding = ops.embedding();
    int[] e = Extents.of(FORM, shape);
    int n = e[0];
    int d = e[1];
    int v = e[2];
    extents = new EmbeddingOp.Shape(1, n, d, v, POSITIONS);
    tokens = indices(n, v);
    positionOf = indices(n, POSITIONS);
    tokenTable = normal(v, d);
    dtokenTable = normal(v, d);
    positionTable = normal(POSITIONS, d);
    dpositionTable = normal(POSITIONS, d);
    y = normal(n, d);
    dy = normal(n, d);
  }

  @Override
  public Map<String, Work> work(BenchmarkParams params) {
    int[] e = Extents.of(FORM, params.getParam("shape"));
    Work either = Work.words((double) (e[0] + e[2] + POSITIONS) * e[1] + 2.0 * e[0]);
    return Map.of("forward", either, "backward", either);
  }

  /** The sums. */
  @Benchmark
  public void forward() {
    embedding.forward(Precision.FP32, extents, tokens, positionOf, tokenTable, positionTable, y);
  }

  /** The gradients of the tables. */
  @Benchmark
  public void backward() {
    embedding.backward(
        Precision.FP32, extents, tokens, positionOf, dy, dtokenTable, dpositionTable);
  }
}
