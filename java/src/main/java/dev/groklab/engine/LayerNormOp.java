package dev.groklab.engine;

import dev.groklab.ffi.groklab_h;
import dev.groklab.ffi.groklab_op_layer_norm;
import java.lang.foreign.MemorySegment;

/**
 * Layer normalization: {@code y = γ ⊙ x̂ + β} with {@code x̂ = (s − mean s) / sqrt(var s + ε)} and
 * {@code s = x + residual}, along the last axis. See {@link Ops} for the rules.
 */
public final class LayerNormOp {

  private final Engine engine;

  LayerNormOp(Engine engine) {
    this.engine = engine;
  }

  /**
   * Computes y, and what the backward op needs.
   *
   * @param precision of all buffers
   * @param shape the extents
   * @param epsilon ε, finite and at least 0
   * @param x [R, N, D]
   * @param residual [R, N, D]; null for none
   * @param gamma [R, D]
   * @param beta [R, D]
   * @param normalized out: x̂ [R, N, D]
   * @param inverseDeviation out: {@code 1/sqrt(var s + ε)} [R, N]
   * @param y out: [R, N, D]
   */
  public void forward(
      Precision precision,
      RowShape shape,
      double epsilon,
      MemorySegment x,
      MemorySegment residual,
      MemorySegment gamma,
      MemorySegment beta,
      MemorySegment normalized,
      MemorySegment inverseDeviation,
      MemorySegment y) {
    long r = shape.replicas();
    long n = shape.rows();
    long d = shape.width();
    try (OpCall call = begin(precision, shape, epsilon)) {
      MemorySegment op = call.struct();
      groklab_op_layer_norm.x(op, call.in("x", x, r, n, d));
      groklab_op_layer_norm.residual(op, call.inOrNull("residual", residual, r, n, d));
      groklab_op_layer_norm.gamma(op, call.in("gamma", gamma, r, d));
      groklab_op_layer_norm.beta(op, call.in("beta", beta, r, d));
      groklab_op_layer_norm.normalized(op, call.out("normalized", normalized, r, n, d));
      groklab_op_layer_norm.inverse_deviation(
          op, call.out("inverseDeviation", inverseDeviation, r, n));
      groklab_op_layer_norm.y(op, call.out("y", y, r, n, d));
      call.run(groklab_h::groklab_op_layer_norm_forward);
    }
  }

  /**
   * Computes gradients.
   *
   * @param precision of all buffers
   * @param shape the extents
   * @param epsilon ε, finite and at least 0
   * @param gamma [R, D]
   * @param normalized x̂ of the forward op [R, N, D]
   * @param inverseDeviation {@code 1/sqrt(var s + ε)} of the forward op [R, N]
   * @param dy [R, N, D] gradient of y
   * @param dx out: [R, N, D] gradient of s, hence of x and of the residual
   * @param dgamma out: [R, D]
   * @param dbeta out: [R, D]
   */
  public void backward(
      Precision precision,
      RowShape shape,
      double epsilon,
      MemorySegment gamma,
      MemorySegment normalized,
      MemorySegment inverseDeviation,
      MemorySegment dy,
      MemorySegment dx,
      MemorySegment dgamma,
      MemorySegment dbeta) {
    long r = shape.replicas();
    long n = shape.rows();
    long d = shape.width();
    try (OpCall call = begin(precision, shape, epsilon)) {
      MemorySegment op = call.struct();
      groklab_op_layer_norm.gamma(op, call.in("gamma", gamma, r, d));
      groklab_op_layer_norm.normalized(op, call.in("normalized", normalized, r, n, d));
      groklab_op_layer_norm.inverse_deviation(
          op, call.in("inverseDeviation", inverseDeviation, r, n));
      groklab_op_layer_norm.dy(op, call.in("dy", dy, r, n, d));
      groklab_op_layer_norm.dx(op, call.out("dx", dx, r, n, d));
      groklab_op_layer_norm.dgamma(op, call.out("dgamma", dgamma, r, d));
      groklab_op_layer_norm.dbeta(op, call.out("dbeta", dbeta, r, d));
      call.run(groklab_h::groklab_op_layer_norm_backward);
    }
  }

  private OpCall begin(Precision precision, RowShape shape, double epsilon) {
    OpCall call = new OpCall(engine, precision, groklab_op_layer_norm.layout());
    MemorySegment op = call.struct();
    groklab_op_layer_norm.precision(op, Codes.of(precision));
    groklab_op_layer_norm.replicas(op, shape.replicas());
    groklab_op_layer_norm.rows(op, shape.rows());
    groklab_op_layer_norm.width(op, shape.width());
    groklab_op_layer_norm.epsilon(op, epsilon);
    return call;
  }
}
