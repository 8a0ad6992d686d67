package dev.groklab.schedule;

/**
 * A learning rate for every step: a pure function, so that any step can be resumed from. Schedules
 * compose: {@code Schedule.cosine(5e-4, 0, 20_000).warmup(100)}. Powers and cosines are {@link
 * StrictMath}'s, because the same run must see the same rates on every machine.
 */
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

  /**
   * Cosine annealing without restarts: {@code minimum + (learningRate − minimum) · (1 + cos(π s /
   * steps)) / 2} at step s, and the minimum from step {@code steps} on. Loshchilov and Hutter,
   * "SGDR: Stochastic gradient descent with warm restarts" (ICLR 2017), equation 5.
   *
   * @param learningRate the rate of step 0, finite and at least 0
   * @param minimum the rate at the end, 0 … learningRate
   * @param steps the first step with the minimum, at least 1
   * @return the schedule
   * @throws IllegalArgumentException if an argument is outside what is allowed
   */
  static Schedule cosine(double learningRate, double minimum, long steps) {
    return new Cosine(learningRate, minimum, steps);
  }

  /**
   * This schedule with a linear warm-up: at step s below {@code steps} its rate is multiplied by
   * {@code (s + 1) / steps}. It goes on counting from step 0 of the run, so from step {@code steps
   * − 1} on the rates are those without the warm-up. To begin it after the warm-up, see {@link
   * #then}.
   *
   * @param steps steps of the warm-up, at least 0; with 0 or 1 nothing changes
   * @return another schedule
   * @throws IllegalArgumentException if the number of steps is negative
   */
  default Schedule warmup(long steps) {
    return new Warmup(this, steps);
  }

  /**
   * The product of two schedules, step by step: one gives rates, the other factors.
   *
   * @param factor what the rates are multiplied by
   * @return another schedule
   */
  default Schedule times(Schedule factor) {
    return new Product(this, factor);
  }

  /**
   * This schedule up to a step, then another: {@code constant(lr).warmup(n).then(n, cosine(lr, 0,
   * m))} anneals over the m steps after the warm-up.
   *
   * @param at first step of the other schedule, at least 0
   * @param next the schedule from there on; it counts its steps from 0 at that step
   * @return another schedule
   * @throws IllegalArgumentException if the step is negative
   */
  default Schedule then(long at, Schedule next) {
    return new Sequence(this, at, next);
  }
}
