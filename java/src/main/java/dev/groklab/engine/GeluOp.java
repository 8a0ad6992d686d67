package dev.groklab.engine;

import dev.groklab.ffi.groklab_h;
import dev.groklab.ffi.groklab_op_gelu;
import java.lang.foreign.MemorySegment;

/**
 * The exact GELU, {@code y = x Φ(x)}, elementwise (<a
 * href="https://arxiv.org/abs/1606.08415">Hendrycks, Gimpel 2016</a>). See {@link Ops} for the
 * rules.
 */
public final class GeluOp {

  private final Engine engine;

  GeluOp(Engine engine) {
    this.engine = engine;
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
      groklab_op_gelu.x(op, call.in("x", x, r, n, d));
      groklab_op_gelu.y(op, call.out("y", y, r, n, d));
      call.run(groklab_h::groklab_op_gelu_forward);
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
      groklab_op_gelu.x(op, call.in("x", x, r, n, d));
      groklab_op_gelu.dy(op, call.in("dy", dy, r, n, d));
      groklab_op_gelu.dx(op, call.out("dx", dx, r, n, d));
      call.run(groklab_h::groklab_op_gelu_backward);
    }
  }

  private OpCall begin(Precision precision, RowShape shape) {
    OpCall call = new OpCall(engine, precision, groklab_op_gelu.layout());
    MemorySegment op = call.struct();
    groklab_op_gelu.precision(op, Codes.of(precision));
    groklab_op_gelu.replicas(op, shape.replicas());
    groklab_op_gelu.rows(op, shape.rows());
    groklab_op_gelu.width(op, shape.width());
    return call;
  }
}
