package dev.groklab.engine;

import dev.groklab.ffi.groklab_op_activation;
import java.lang.foreign.MemorySegment;

/** An activation, elementwise; which one, {@link Ops} says, as it says the rules. */
public final class ActivationOp {

  private final Engine engine;
  private final OpCall.Function forward;
  private final OpCall.Function backward;

  ActivationOp(Engine engine, OpCall.Function forward, OpCall.Function backward) {
    this.engine = engine;
    this.forward = forward;
    this.backward = backward;
  }

  /**
   * Computes y.
   *
   * @param precision of all buffers
   * @param shape the extents
   * @param x [R, N, D]
   * @param y out: [R, N, D]
   */
  public void forward(Precision precision, RowShape shape, MemorySegment x, MemorySegment y) {
    long r = shape.replicas();
    long n = shape.rows();
    long d = shape.width();
    try (OpCall call = begin(precision, shape)) {
      MemorySegment op = call.struct();
      groklab_op_activation.x(op, call.in("x", x, r, n, d));
      groklab_op_activation.y(op, call.out("y", y, r, n, d));
      call.run(forward);
    }
  }

  /**
   * Computes the gradient.
   *
   * @param precision of all buffers
   * @param shape the extents
   * @param x [R, N, D]
   * @param dy [R, N, D] gradient of y
   * @param dx out: [R, N, D]
   */
  public void backward(
      Precision precision, RowShape shape, MemorySegment x, MemorySegment dy, MemorySegment dx) {
    long r = shape.replicas();
    long n = shape.rows();
    long d = shape.width();
    try (OpCall call = begin(precision, shape)) {
      MemorySegment op = call.struct();
      groklab_op_activation.x(op, call.in("x", x, r, n, d));
      groklab_op_activation.dy(op, call.in("dy", dy, r, n, d));
      groklab_op_activation.dx(op, call.out("dx", dx, r, n, d));
      call.run(backward);
    }
  }

  private OpCall begin(Precision precision, RowShape shape) {
    OpCall call = new OpCall(engine, precision, groklab_op_activation.layout());
    MemorySegment op = call.struct();
    groklab_op_activation.precision(op, Codes.of(precision));
    groklab_op_activation.replicas(op, shape.replicas());
    groklab_op_activation.rows(op, shape.rows());
    groklab_op_activation.width(op, shape.width());
    return call;
  }
}
