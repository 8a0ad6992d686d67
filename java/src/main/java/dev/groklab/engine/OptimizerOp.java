package dev.groklab.engine;

import dev.groklab.ffi.groklab_h;
import dev.groklab.ffi.groklab_op_optimizer;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One step of each replica's {@link Optimizer} on flat buffers. A buffer that no replica's
 * optimizer keeps may be null; of one that some keep, the other replicas' part is neither read nor
 * written. See {@link Ops} for the rules.
 */
public final class OptimizerOp {

  private final Engine engine;

  OptimizerOp(Engine engine) {
    this.engine = engine;
  }

  /**
   * Extents.
   *
   * @param replicas R
   * @param parameters P
   */
  public record Shape(long replicas, long parameters) {}

  /**
   * What each replica's step depends on.
   *
   * @param optimizers [R]
   * @param clipNorms [R] largest norm of the gradient, at least 0; 0: the gradient is taken as it
   *     is; see {@link ReplicaOptions}
   * @param steps [R] t, at least 1, counting this step
   * @param learningRates [R] γ
   */
  @SuppressWarnings("ArrayRecordComponent") // named arguments, never compared
  public record Settings(
      List<Optimizer> optimizers, double[] clipNorms, long[] steps, double[] learningRates) {

    /** Copies the list of optimizers. */
    public Settings {
      optimizers = List.copyOf(optimizers);
    }
  }

  /**
   * Makes the step.
   *
   * @param precision of all buffers
   * @param shape the extents
   * @param settings optimizers, clip norms, counters and rates
   * @param gradients [R, P] g, before clipping
   * @param values in and out: [R, P] p
   * @param firstMoments in and out: [R, P] m; null where no optimizer keeps them
   * @param secondMoments in and out: [R, P] v; null where no optimizer keeps them
   * @param momentum in and out: [R, P] b; null where no optimizer keeps it
   */
  public void step(
      Precision precision,
      Shape shape,
      Settings settings,
      MemorySegment gradients,
      MemorySegment values,
      MemorySegment firstMoments,
      MemorySegment secondMoments,
      MemorySegment momentum) {
    long r = shape.replicas;
    long p = shape.parameters;
    try (OpCall call = new OpCall(engine, precision, groklab_op_optimizer.layout())) {
      MemorySegment op = call.struct();
      groklab_op_optimizer.precision(op, Codes.of(precision));
      groklab_op_optimizer.replicas(op, r);
      groklab_op_optimizer.parameters(op, p);
      groklab_op_optimizer.optimizers(op, call.copy(settings.optimizers, settings.clipNorms, r));
      groklab_op_optimizer.steps(op, call.copy("the array of steps", settings.steps, r));
      groklab_op_optimizer.learning_rates(
          op, call.copy("the array of learning rates", settings.learningRates, r));
      groklab_op_optimizer.gradients(op, call.in("gradients", gradients, r, p));
      groklab_op_optimizer.values(op, call.out("values", values, r, p));
      groklab_op_optimizer.first_moments(op, call.outOrNull("firstMoments", firstMoments, r, p));
      groklab_op_optimizer.second_moments(op, call.outOrNull("secondMoments", secondMoments, r, p));
      groklab_op_optimizer.momentum(op, call.outOrNull("momentum", momentum, r, p));
      call.run(groklab_h::groklab_op_optimizer_step);
    }
  }
}
