package dev.groklab.schedule;

/** A learning rate for every step: a pure function, so that any step can be resumed from. */
@FunctionalInterface
public interface Schedule {

  /**
   * The learning rate of a step.
   *
   * @param step number of the step, counted from 0
   * @return the rate, finite and at least 0
   */
  double rate(long step);

  /**
   * The same rate for ever.
   *
   * @param learningRate the rate, finite and at least 0
   * @return the schedule
   * @throws IllegalArgumentException if the rate is negative or not finite
   */
  static Schedule constant(double learningRate) {
    return new StepDecay(learningRate, 1, Long.MAX_VALUE);
  }

  /**
   * Step decay: {@code learningRate · factor^⌊step / every⌋}.
   *
   * @param learningRate the rate of step 0, finite and at least 0
   * @param factor what the rate is multiplied by, finite and at least 0
   * @param every steps between two multiplications, at least 1
   * @return the schedule
   * @throws IllegalArgumentException if an argument is outside what is allowed
   */
  static Schedule step(double learningRate, double factor, long every) {
    return new StepDecay(learningRate, factor, every);
  }
}
