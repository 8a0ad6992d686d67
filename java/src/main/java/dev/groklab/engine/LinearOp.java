package dev.groklab.engine;

import dev.groklab.ffi.groklab_h;
import dev.groklab.ffi.groklab_op_linear;
import java.lang.foreign.MemorySegment;

/** The linear layer: {@code y[r] = x[r] weight[r]ᵀ + bias[r]}. See {@link Ops} for the rules. */
public final class LinearOp {

  private final Engine engine;

  LinearOp(Engine engine) {
    this.engine = engine;
  }

  /**
   * Extents.
   *
   * @param replicas R
   * @param rows N
   * @param inFeatures I
   * @param outFeatures O
   */
  public record Shape(long replicas, long rows, long inFeatures, long outFeatures) {}

  /**
   * Computes y.
   *
   * @param precision of all buffers
   * @param shape the extents
   * @param x [R, N, I]
   * @param weight [R, O, I]
   * @param bias [R, O]; null for none
   * @param y out: [R, N, O]
   */
  public void forward(
      Precision precision,
      Shape shape,
      MemorySegment x,
      MemorySegment weight,
      MemorySegment bias,
      MemorySegment y) {
    try (OpCall call = begin(precision, shape)) {
      MemorySegment op = call.struct();
      groklab_op_linear.x(op, call.in("x", x, shape.replicas, shape.rows, shape.inFeatures));
      groklab_op_linear.weight(op, weight(call, shape, weight));
      groklab_op_linear.bias(op, call.inOrNull("bias", bias, shape.replicas, shape.outFeatures));
      groklab_op_linear.y(op, call.out("y", y, shape.replicas, shape.rows, shape.outFeatures));
      call.run(groklab_h::groklab_op_linear_forward);
    }
  }

  /**
   * Computes gradients.
   *
   * @param precision of all buffers
   * @param shape the extents
   * @param x [R, N, I]
   * @param weight [R, O, I]
   * @param dy [R, N, O] gradient of y
   * @param dx out: [R, N, I]; null for not wanted
   * @param dweight out: [R, O, I]; null for not wanted
   * @param dbias out: [R, O]; null for not wanted
   */
  public void backward(
      Precision precision,
      Shape shape,
      MemorySegment x,
      MemorySegment weight,
      MemorySegment dy,
      MemorySegment dx,
      MemorySegment dweight,
      MemorySegment dbias) {
    try (OpCall call = begin(precision, shape)) {
      MemorySegment op = call.struct();
      groklab_op_linear.x(op, call.in("x", x, shape.replicas, shape.rows, shape.inFeatures));
      groklab_op_linear.weight(op, weight(call, shape, weight));
      groklab_op_linear.dy(op, call.in("dy", dy, shape.replicas, shape.rows, shape.outFeatures));
      groklab_op_linear.dx(
          op, call.outOrNull("dx", dx, shape.replicas, shape.rows, shape.inFeatures));
      groklab_op_linear.dweight(
          op,
          call.outOrNull("dweight", dweight, shape.replicas, shape.outFeatures, shape.inFeatures));
      groklab_op_linear.dbias(
          op, call.outOrNull("dbias", dbias, shape.replicas, shape.outFeatures));
      call.run(groklab_h::groklab_op_linear_backward);
    }
  }

  private static MemorySegment weight(OpCall call, Shape shape, MemorySegment weight) {
    return call.in("weight", weight, shape.replicas, shape.outFeatures, shape.inFeatures);
  }

  private OpCall begin(Precision precision, Shape shape) {
    OpCall call = new OpCall(engine, precision, groklab_op_linear.layout());
    MemorySegment op = call.struct();
    groklab_op_linear.precision(op, Codes.of(precision));
    groklab_op_linear.replicas(op, shape.replicas);
    groklab_op_linear.rows(op, shape.rows);
    groklab_op_linear.in_features(op, shape.inFeatures);
    groklab_op_linear.out_features(op, shape.outFeatures);
    return call;
  }
}
