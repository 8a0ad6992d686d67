package dev.groklab.engine;

import dev.groklab.ffi.groklab_h;
import dev.groklab.ffi.groklab_op_adamw;
import java.lang.foreign.MemorySegment;

/**
 * One AdamW step on flat buffers, by PyTorch's order of operations: {@code p ← p (1 − lr·λ)};
 * {@code m ← β₁m + (1−β₁)g}; {@code v ← β₂v + (1−β₂)g²}; {@code p ← p − lr/(1−β₁ᵗ) · m /
 * (√v/√(1−β₂ᵗ) + ε)} (<a href="https://arxiv.org/abs/1711.05101">Loshchilov, Hutter, ICLR
 * 2019</a>). See {@link Ops} for the rules.
 */
public final class AdamWOp {

  private final Engine engine;

  AdamWOp(Engine engine) {
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
   * @param steps [R] t, at least 1, counting this step
   * @param learningRates [R] lr
   * @param beta1 [R] β₁
   * @param beta2 [R] β₂
   * @param epsilon [R] ε
   * @param weightDecay [R] λ
   */
  @SuppressWarnings("ArrayRecordComponent") // named arguments, never compared
  public record Settings(
      long[] steps,
      double[] learningRates,
      double[] beta1,
      double[] beta2,
      double[] epsilon,
      double[] weightDecay) {}

  /**
   * Makes the step.
   *
   * @param precision of all buffers
   * @param shape the extents
   * @param settings rates, decays and counters
   * @param gradients [R, P] g
   * @param values in and out: [R, P] p
   * @param firstMoments in and out: [R, P] m
   * @param secondMoments in and out: [R, P] v
   */
  public void step(
      Precision precision,
      Shape shape,
      Settings settings,
      MemorySegment gradients,
      MemorySegment values,
      MemorySegment firstMoments,
      MemorySegment secondMoments) {
    long r = shape.replicas;
    long p = shape.parameters;
    try (OpCall call = new OpCall(engine, precision, groklab_op_adamw.layout())) {
      MemorySegment op = call.struct();
      groklab_op_adamw.precision(op, Codes.of(precision));
      groklab_op_adamw.replicas(op, r);
      groklab_op_adamw.parameters(op, p);
      groklab_op_adamw.steps(op, call.copy("the array of steps", settings.steps, r));
      groklab_op_adamw.learning_rates(
          op, call.copy("the array of learning rates", settings.learningRates, r));
      groklab_op_adamw.beta1(op, call.copy("the array of beta1", settings.beta1, r));
      groklab_op_adamw.beta2(op, call.copy("the array of beta2", settings.beta2, r));
      groklab_op_adamw.epsilon(op, call.copy("the array of epsilon", settings.epsilon, r));
      groklab_op_adamw.weight_decay(
          op, call.copy("the array of weight decays", settings.weightDecay, r));
      groklab_op_adamw.gradients(op, call.in("gradients", gradients, r, p));
      groklab_op_adamw.values(op, call.out("values", values, r, p));
      groklab_op_adamw.first_moments(op, call.out("firstMoments", firstMoments, r, p));
      groklab_op_adamw.second_moments(op, call.out("secondMoments", secondMoments, r, p));
      call.run(groklab_h::groklab_op_adamw_step);
    }
  }
}
