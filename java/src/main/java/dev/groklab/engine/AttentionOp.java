package dev.groklab.engine;

import dev.groklab.ffi.groklab_h;
import dev.groklab.ffi.groklab_op_attention;
import java.lang.foreign.MemorySegment;

/**
 * Multi-head attention of queries along paths of a prefix tree: query n attends to the key rows
 * {@code path[r, n, 0 … T−1]}, leaving out the entries −1; at least one must be there. Scores are
 * scaled by 1/√(D/heads). See {@link Ops} for the rules.
 */
public final class AttentionOp {

  private final Engine engine;

  AttentionOp(Engine engine) {
    this.engine = engine;
  }

  /**
   * Extents.
   *
   * @param replicas R
   * @param queries N
   * @param keys M
   * @param pathLength T
   * @param heads H, which divides the width
   * @param width D
   */
  public record Shape(
      long replicas, long queries, long keys, long pathLength, long heads, long width) {}

  /**
   * Computes y, and what the backward op needs.
   *
   * @param precision of all buffers of reals
   * @param shape the extents
   * @param path int32 [R, N, T], entries −1 or 0 … M−1
   * @param q [R, N, D] queries
   * @param k [R, M, D] keys
   * @param v [R, M, D] values
   * @param weights out: softmax [R, N, H, T], 0 where the path is −1
   * @param y out: [R, N, D]
   */
  public void forward(
      Precision precision,
      Shape shape,
      MemorySegment path,
      MemorySegment q,
      MemorySegment k,
      MemorySegment v,
      MemorySegment weights,
      MemorySegment y) {
    long r = shape.replicas;
    long n = shape.queries;
    try (OpCall call = begin(precision, shape)) {
      MemorySegment op = call.struct();
      inputs(call, shape, path, q, k, v);
      groklab_op_attention.weights(
          op, call.out("weights", weights, r, n, shape.heads, shape.pathLength));
      groklab_op_attention.y(op, call.out("y", y, r, n, shape.width));
      call.run(groklab_h::groklab_op_attention_forward);
    }
  }

  /**
   * Computes gradients.
   *
   * @param precision of all buffers of reals
   * @param shape the extents
   * @param path int32 [R, N, T], entries −1 or 0 … M−1
   * @param q [R, N, D] queries
   * @param k [R, M, D] keys
   * @param v [R, M, D] values
   * @param weights softmax of the forward op [R, N, H, T]
   * @param dy [R, N, D] gradient of y
   * @param dq out: [R, N, D]
   * @param dk out: [R, M, D]
   * @param dv out: [R, M, D]
   */
  public void backward(
      Precision precision,
      Shape shape,
      MemorySegment path,
      MemorySegment q,
      MemorySegment k,
      MemorySegment v,
      MemorySegment weights,
      MemorySegment dy,
      MemorySegment dq,
      MemorySegment dk,
      MemorySegment dv) {
    long r = shape.replicas;
    long n = shape.queries;
    long d = shape.width;
    try (OpCall call = begin(precision, shape)) {
      MemorySegment op = call.struct();
      inputs(call, shape, path, q, k, v);
      groklab_op_attention.weights(
          op, call.in("weights", weights, r, n, shape.heads, shape.pathLength));
      groklab_op_attention.dy(op, call.in("dy", dy, r, n, d));
      groklab_op_attention.dq(op, call.out("dq", dq, r, n, d));
      groklab_op_attention.dk(op, call.out("dk", dk, r, shape.keys, d));
      groklab_op_attention.dv(op, call.out("dv", dv, r, shape.keys, d));
      call.run(groklab_h::groklab_op_attention_backward);
    }
  }

  private OpCall begin(Precision precision, Shape shape) {
    OpCall call = new OpCall(engine, precision, groklab_op_attention.layout());
    MemorySegment op = call.struct();
    groklab_op_attention.precision(op, Codes.of(precision));
    groklab_op_attention.replicas(op, shape.replicas);
    groklab_op_attention.queries(op, shape.queries);
    groklab_op_attention.keys(op, shape.keys);
    groklab_op_attention.path_length(op, shape.pathLength);
    groklab_op_attention.heads(op, shape.heads);
    groklab_op_attention.width(op, shape.width);
    return call;
  }

  private static void inputs(
      OpCall call,
      Shape shape,
      MemorySegment path,
      MemorySegment q,
      MemorySegment k,
      MemorySegment v) {
    MemorySegment op = call.struct();
    long r = shape.replicas;
    long d = shape.width;
    groklab_op_attention.path(op, call.ints("path", path, r, shape.queries, shape.pathLength));
    groklab_op_attention.q(op, call.in("q", q, r, shape.queries, d));
    groklab_op_attention.k(op, call.in("k", k, r, shape.keys, d));
    groklab_op_attention.v(op, call.in("v", v, r, shape.keys, d));
  }
}
