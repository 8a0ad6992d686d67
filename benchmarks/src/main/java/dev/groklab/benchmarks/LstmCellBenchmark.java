package dev.groklab.benchmarks;

import dev.groklab.engine.LstmCellOp;
import dev.groklab.engine.Ops;
import dev.groklab.engine.Precision;
import dev.groklab.engine.RowShape;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.infra.BenchmarkParams;

/** A position of an LSTM layer, from products to state, and its gradients. */
public class LstmCellBenchmark extends KernelBenchmark {
  private static final String FORM = "NxH";
  private static final int GATES = 4;

  /** N states of H numbers. */
  @Param("256x512")
  public String shape;

  private LstmCellOp lstmCell;
  private RowShape extents;
  private MemorySegment input; // [N, 4H]
  private MemorySegment hidden;
  private MemorySegment gates;
  private MemorySegment dgates;
  private MemorySegment bias; // [4H]
  private MemorySegment previousCell; // [N, H]
  private MemorySegment dpreviousCell;
  private MemorySegment cell;
  private MemorySegment dcell;
  private MemorySegment squashedCell;
  private MemorySegment output;
  private MemorySegment doutput;

  /** For JMH. */
  public LstmCellBenchmark() {}

  @Override
  void prepare(Ops ops) {
    lstmCell = ops.lstmCell();
    int[] e = Extents.of(FORM, shape);
    int n = e[0];
    int h = e[1];
    extents = new RowShape(1, n, h);
    input = normal(n, GATES, h);
    hidden = normal(n, GATES, h);
    gates = normal(n, GATES, h);
    dgates = normal(n, GATES, h);
    bias = normal(GATES, h);
    previousCell = normal(n, h);
    dpreviousCell = normal(n, h);
    cell = normal(n, h);
    dcell = normal(n, h);
    squashedCell = normal(n, h);
    output = normal(n, h);
    doutput = normal(n, h);
    forward();
  }

  @Override
  public Map<String, Work> work(BenchmarkParams params) {
    int[] e = Extents.of(FORM, params.getParam("shape"));
    double states = (double) e[0] * e[1];
    return Map.of(
        "forward", Work.words((3 * GATES + 4) * states + GATES * e[1]),
        "backward", Work.words((2 * GATES + 5) * states));
  }

  /** Gates, cell and output. */
  @Benchmark
  public final void forward() {
    lstmCell.forward(
        Precision.FP32,
        extents,
        input,
        hidden,
        bias,
        previousCell,
        gates,
        cell,
        squashedCell,
        output);
  }

  /** The gradients of gates and of the cell before. */
  @Benchmark
  public void backward() {
    lstmCell.backward(
        Precision.FP32,
        extents,
        gates,
        squashedCell,
        previousCell,
        doutput,
        dcell,
        dgates,
        dpreviousCell);
  }
}
