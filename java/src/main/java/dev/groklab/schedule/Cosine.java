package dev.groklab.schedule;

/**
 * Half a period of a cosine, from a rate down to a minimum.
 *
 * @param learningRate rate of step 0
 * @param minimum rate from step {@code steps} on
 * @param steps length of the half period
 */
record Cosine(double learningRate, double minimum, long steps) implements Schedule {

  Cosine {
    ScheduleChecks.requireRate("the learning rate", learningRate);
    ScheduleChecks.requireRate("the minimum of the learning rate", minimum);
    if (minimum > learningRate) {
      throw new IllegalArgumentException(
          "the minimum of the learning rate is "
              + minimum
              + "; at most the rate of step 0, "
              + learningRate
              + ", is allowed");
    }
    if (steps < 1) {
      throw new IllegalArgumentException(
          "the learning rate is to reach its minimum at step " + steps + "; at least 1 is allowed");
    }
  }

  /** Falls from the rate, not rises from the minimum: then step 0 has the rate to the last bit. */
  @Override
  public double rate(long step) {
    if (ScheduleChecks.requireStep(step) >= steps) {
      return minimum;
    }
    double way = (1 - StrictMath.cos(Math.PI * step / steps)) / 2;
    return Math.max(minimum, learningRate - (learningRate - minimum) * way);
  }
}
