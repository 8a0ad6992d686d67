package dev.groklab.engine;

import dev.groklab.ffi.groklab_h;
import dev.groklab.ffi.groklab_op_cross_entropy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Mean cross-entropy of softmax(logits) against targets, and its gradient, in one call. See {@link
 * Ops} for the rules.
 */
public final class CrossEntropyOp {

  private final Engine engine;

  CrossEntropyOp(Engine engine) {
    this.engine = engine;
  }

  /**
   * Extents.
   *
   * @param replicas R
   * @param rows N
   * @param classes C
   */
  public record Shape(long replicas, long rows, long classes) {}

  /**
   * What the op found. The arrays are the caller's.
   *
   * @param losses [R] mean cross-entropy in nats over all counts; 0 where there are none
   * @param correct [R] counted rows whose first largest logit is the target's
   */
  @SuppressWarnings("ArrayRecordComponent") // a pair of results, never compared
  public record Result(double[] losses, double[] correct) {}

  /**
   * Computes losses and gradient.
   *
   * @param precision of all buffers of reals
   * @param shape the extents
   * @param logits [R, N, C]
   * @param targets int32 [R, N], 0 … C−1
   * @param counts int32 [R, N], how many equal rows a row stands for; null for one each
   * @param dlogits out: [R, N, C] gradient of the loss; null for not wanted
   * @return losses and counts of right answers
   */
  public Result run(
      Precision precision,
      Shape shape,
      MemorySegment logits,
      MemorySegment targets,
      MemorySegment counts,
      MemorySegment dlogits) {
    long r = shape.replicas;
    long n = shape.rows;
    long c = shape.classes;
    try (OpCall call = new OpCall(engine, precision, groklab_op_cross_entropy.layout())) {
      MemorySegment op = call.struct();
      MemorySegment losses = call.doubles(r);
      MemorySegment correct = call.doubles(r);
      groklab_op_cross_entropy.precision(op, Codes.of(precision));
      groklab_op_cross_entropy.replicas(op, r);
      groklab_op_cross_entropy.rows(op, n);
      groklab_op_cross_entropy.classes(op, c);
      groklab_op_cross_entropy.logits(op, call.in("logits", logits, r, n, c));
      groklab_op_cross_entropy.targets(op, call.ints("targets", targets, r, n));
      groklab_op_cross_entropy.counts(op, call.intsOrNull("counts", counts, r, n));
      groklab_op_cross_entropy.dlogits(op, call.outOrNull("dlogits", dlogits, r, n, c));
      groklab_op_cross_entropy.losses(op, losses);
      groklab_op_cross_entropy.correct(op, correct);
      call.run(groklab_h::groklab_op_cross_entropy_run);
      return new Result(
          losses.toArray(ValueLayout.JAVA_DOUBLE), correct.toArray(ValueLayout.JAVA_DOUBLE));
    }
  }
}
