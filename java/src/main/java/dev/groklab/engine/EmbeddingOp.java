package dev.groklab.engine;

import dev.groklab.ffi.groklab_h;
import dev.groklab.ffi.groklab_op_embedding;
import java.lang.foreign.MemorySegment;

/**
 * Sum of embeddings: {@code y = tokenTable[token] + positionTable[position]}. See {@link Ops} for
 * the rules.
 */
public final class EmbeddingOp {

  private final Engine engine;

  EmbeddingOp(Engine engine) {
    this.engine = engine;
  }

  /**
   * Extents.
   *
   * @param replicas R
   * @param rows N
   * @param width D
   * @param vocabulary V
   * @param positions Q
   */
  public record Shape(long replicas, long rows, long width, long vocabulary, long positions) {}

  /**
   * Computes y.
   *
   * @param precision of all buffers of reals
   * @param shape the extents
   * @param tokens int32 [R, N], 0 … V−1
   * @param positionOf int32 [R, N], 0 … Q−1
   * @param tokenTable [R, V, D]
   * @param positionTable [R, Q, D]
   * @param y out: [R, N, D]
   */
  public void forward(
      Precision precision,
      Shape shape,
      MemorySegment tokens,
      MemorySegment positionOf,
      MemorySegment tokenTable,
      MemorySegment positionTable,
      MemorySegment y) {
    long r = shape.replicas;
    long d = shape.width;
    try (OpCall call = begin(precision, shape)) {
      MemorySegment op = call.struct();
      indices(call, shape, tokens, positionOf);
      groklab_op_embedding.token_table(
          op, call.in("tokenTable", tokenTable, r, shape.vocabulary, d));
      groklab_op_embedding.position_table(
          op, call.in("positionTable", positionTable, r, shape.positions, d));
      groklab_op_embedding.y(op, call.out("y", y, r, shape.rows, d));
      call.run(groklab_h::groklab_op_embedding_forward);
    }
  }

  /**
   * Computes gradients.
   *
   * @param precision of all buffers of reals
   * @param shape the extents
   * @param tokens int32 [R, N], 0 … V−1
   * @param positionOf int32 [R, N], 0 … Q−1
   * @param dy [R, N, D] gradient of y
   * @param dtokenTable out: [R, V, D]
   * @param dpositionTable out: [R, Q, D]
   */
  public void backward(
      Precision precision,
      Shape shape,
      MemorySegment tokens,
      MemorySegment positionOf,
      MemorySegment dy,
      MemorySegment dtokenTable,
      MemorySegment dpositionTable) {
    long r = shape.replicas;
    long d = shape.width;
    try (OpCall call = begin(precision, shape)) {
      MemorySegment op = call.struct();
      indices(call, shape, tokens, positionOf);
      groklab_op_embedding.dy(op, call.in("dy", dy, r, shape.rows, d));
      groklab_op_embedding.dtoken_table(
          op, call.out("dtokenTable", dtokenTable, r, shape.vocabulary, d));
      groklab_op_embedding.dposition_table(
          op, call.out("dpositionTable", dpositionTable, r, shape.positions, d));
      call.run(groklab_h::groklab_op_embedding_backward);
    }
  }

  private OpCall begin(Precision precision, Shape shape) {
    OpCall call = new OpCall(engine, precision, groklab_op_embedding.layout());
    MemorySegment op = call.struct();
    groklab_op_embedding.precision(op, Codes.of(precision));
    groklab_op_embedding.replicas(op, shape.replicas);
    groklab_op_embedding.rows(op, shape.rows);
    groklab_op_embedding.width(op, shape.width);
    groklab_op_embedding.vocabulary(op, shape.vocabulary);
    groklab_op_embedding.positions(op, shape.positions);
    return call;
  }

  private static void indices(
      OpCall call, Shape shape, MemorySegment tokens, MemorySegment positionOf) {
    MemorySegment op = call.struct();
    groklab_op_embedding.tokens(op, call.ints("tokens", tokens, shape.replicas, shape.rows));
    groklab_op_embedding.position_of(
        op, call.ints("positionOf", positionOf, shape.replicas, shape.rows));
  }
}
