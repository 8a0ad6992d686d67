package dev.groklab.engine;

import dev.groklab.ffi.groklab_h;
import dev.groklab.ffi.groklab_op_dropout;
import java.lang.foreign.MemorySegment;

/**
 * Inverted dropout, {@code y = x ⊙ mask / (1 − rate)}. Its backward is the same call on the
 * gradient. See {@link Ops} for the rules.
 */
public final class DropoutOp {

  private final Engine engine;

  DropoutOp(Engine engine) {
    this.engine = engine;
  }

  /**
   * What masks depend on, besides the index of the element.
   *
   * @param site which dropout of the network, at least 0
   * @param seeds [R] all 64 bits count
   * @param steps [R] at least 0
   * @param rates [R] probability of dropping, 0 ≤ rate &lt; 1
   */
  @SuppressWarnings("ArrayRecordComponent") // named arguments, never compared
  public record Masks(int site, long[] seeds, long[] steps, double[] rates) {}

  /**
   * Computes y.
   *
   * @param precision of all buffers
   * @param shape the extents
   * @param masks which masks
   * @param x [R, N, D]
   * @param y out: [R, N, D]
   */
  public void run(
      Precision precision, RowShape shape, Masks masks, MemorySegment x, MemorySegment y) {
    long r = shape.replicas();
    long n = shape.rows();
    long d = shape.width();
    Arguments.requireAtLeast("site", masks.site, 0);
    try (OpCall call = new OpCall(engine, precision, groklab_op_dropout.layout())) {
      MemorySegment op = call.struct();
      groklab_op_dropout.precision(op, Codes.of(precision));
      groklab_op_dropout.replicas(op, r);
      groklab_op_dropout.rows(op, n);
      groklab_op_dropout.width(op, d);
      groklab_op_dropout.site(op, masks.site);
      groklab_op_dropout.seeds(op, call.copy("the array of seeds", masks.seeds, r));
      groklab_op_dropout.steps(op, call.copy("the array of steps", masks.steps, r));
      groklab_op_dropout.rates(op, call.copy("the array of rates", masks.rates, r));
      groklab_op_dropout.x(op, call.in("x", x, r, n, d));
      groklab_op_dropout.y(op, call.out("y", y, r, n, d));
      call.run(groklab_h::groklab_op_dropout_run);
    }
  }
}
