package dev.groklab.schedule;

/**
 * A rate multiplied by a factor every so many steps; with factor 1, a constant.
 *
 * @param learningRate rate of step 0
 * @param factor what it is multiplied by
 * @param every steps between two multiplications
 */
record StepDecay(double learningRate, double factor, long every) implements Schedule {

  StepDecay {
    ScheduleChecks.requireRate("the learning rate", learningRate);
    ScheduleChecks.requireRate("the decay factor of the learning rate", factor);
    if (every < 1) {
      throw new IllegalArgumentException(
          "the learning rate is to decay every " + every + " steps; at least 1 is allowed");
    }
  }

  /** {@code StrictMath}, because the same run must see the same rates on every machine. */
  @Override
  public double rate(long step) {
    long decays = ScheduleChecks.requireStep(step) / every;
    return learningRate * StrictMath.pow(factor, (double) decays);
  }
}
