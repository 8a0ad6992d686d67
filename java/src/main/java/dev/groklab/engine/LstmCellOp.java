package dev.groklab.engine;

import dev.groklab.ffi.groklab_h;
import dev.groklab.ffi.groklab_op_lstm_cell;
import java.lang.foreign.MemorySegment;

/**
 * One step of an LSTM layer (<a href="https://doi.org/10.1162/neco.1997.9.8.1735">Hochreiter,
 * Schmidhuber 1997</a>; gates as in PyTorch and cuDNN) for N rows: {@code a = input + hidden +
 * bias} in four parts of H columns for the gates i, f, g, o; {@code c = σ(f) c' + σ(i) tanh(g)},
 * {@code h = σ(o) tanh(c)}. The products with the weights are {@link LinearOp}'s. See {@link Ops}
 * for the rules.
 */
public final class LstmCellOp {

  private static final int GATES = 4;

  private final Engine engine;

  LstmCellOp(Engine engine) {
    this.engine = engine;
  }

  /**
   * Computes c and h, and what the backward op needs.
   *
   * @param precision of all buffers
   * @param shape the extents; the width is H, that of the state
   * @param input [R, N, 4H] input weights times x, plus their bias
   * @param hidden [R, N, 4H] hidden weights times the h of the step before; null for zero
   * @param bias [R, 4H] of the hidden weights
   * @param previousCell c' [R, N, H] of the step before; null for zero
   * @param gates out: σ(i), σ(f), tanh(g), σ(o) [R, N, 4H]
   * @param cell out: c [R, N, H]
   * @param squashedCell out: tanh(c) [R, N, H]
   * @param output out: h [R, N, H]
   */
  public void forward(
      Precision precision,
      RowShape shape,
      MemorySegment input,
      MemorySegment hidden,
      MemorySegment bias,
      MemorySegment previousCell,
      MemorySegment gates,
      MemorySegment cell,
      MemorySegment squashedCell,
      MemorySegment output) {
    long r = shape.replicas();
    long n = shape.rows();
    long h = shape.width();
    try (OpCall call = begin(precision, shape)) {
      MemorySegment op = call.struct();
      groklab_op_lstm_cell.input(op, call.in("input", input, r, n, GATES, h));
      groklab_op_lstm_cell.hidden(op, call.inOrNull("hidden", hidden, r, n, GATES, h));
      groklab_op_lstm_cell.bias(op, call.in("bias", bias, r, GATES, h));
      groklab_op_lstm_cell.previous_cell(op, call.inOrNull("previousCell", previousCell, r, n, h));
      groklab_op_lstm_cell.gates(op, call.out("gates", gates, r, n, GATES, h));
      groklab_op_lstm_cell.cell(op, call.out("cell", cell, r, n, h));
      groklab_op_lstm_cell.squashed_cell(op, call.out("squashedCell", squashedCell, r, n, h));
      groklab_op_lstm_cell.output(op, call.out("output", output, r, n, h));
      call.run(groklab_h::groklab_op_lstm_cell_forward);
    }
  }

  /**
   * Computes gradients.
   *
   * @param precision of all buffers
   * @param shape the extents; the width is H, that of the state
   * @param gates σ(i), σ(f), tanh(g), σ(o) of the forward op [R, N, 4H]
   * @param squashedCell tanh(c) of the forward op [R, N, H]
   * @param previousCell c' [R, N, H] of the step before; null for zero
   * @param doutput [R, N, H] gradient of h
   * @param dcell [R, N, H] gradient of c by way of later steps, not of h; null for zero
   * @param dgates out: [R, N, 4H] gradient of a: that of input and of hidden, and, summed over
   *     rows, that of the bias
   * @param dpreviousCell out: [R, N, H] gradient of c'; null for not wanted
   */
  public void backward(
      Precision precision,
      RowShape shape,
      MemorySegment gates,
      MemorySegment squashedCell,
      MemorySegment previousCell,
      MemorySegment doutput,
      MemorySegment dcell,
      MemorySegment dgates,
      MemorySegment dpreviousCell) {
    long r = shape.replicas();
    long n = shape.rows();
    long h = shape.width();
    try (OpCall call = begin(precision, shape)) {
      MemorySegment op = call.struct();
      groklab_op_lstm_cell.gates(op, call.in("gates", gates, r, n, GATES, h));
      groklab_op_lstm_cell.squashed_cell(op, call.in("squashedCell", squashedCell, r, n, h));
      groklab_op_lstm_cell.previous_cell(op, call.inOrNull("previousCell", previousCell, r, n, h));
      groklab_op_lstm_cell.doutput(op, call.in("doutput", doutput, r, n, h));
      groklab_op_lstm_cell.dcell(op, call.inOrNull("dcell", dcell, r, n, h));
      groklab_op_lstm_cell.dgates(op, call.out("dgates", dgates, r, n, GATES, h));
      groklab_op_lstm_cell.dprevious_cell(
          op, call.outOrNull("dpreviousCell", dpreviousCell, r, n, h));
      call.run(groklab_h::groklab_op_lstm_cell_backward);
    }
  }

  private OpCall begin(Precision precision, RowShape shape) {
    OpCall call = new OpCall(engine, precision, groklab_op_lstm_cell.layout());
    MemorySegment op = call.struct();
    groklab_op_lstm_cell.precision(op, Codes.of(precision));
    groklab_op_lstm_cell.replicas(op, shape.replicas());
    groklab_op_lstm_cell.rows(op, shape.rows());
    groklab_op_lstm_cell.width(op, shape.width());
    return call;
  }
}
