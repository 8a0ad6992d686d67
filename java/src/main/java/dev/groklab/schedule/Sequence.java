package dev.groklab.schedule;

import java.util.Objects;

/**
 * One schedule after another.
 *
 * @param first the schedule of the steps before {@code at}
 * @param at the step at which the other begins
 * @param next the schedule from there on, counting from 0
 */
record Sequence(Schedule first, long at, Schedule next) implements Schedule {

  Sequence {
    Objects.requireNonNull(first, "first");
    Objects.requireNonNull(next, "next");
    if (at < 0) {
      throw new IllegalArgumentException(
          "the schedule is to change at step " + at + "; at least 0 is allowed");
    }
  }

  @Override
  public double rate(long step) {
    ScheduleChecks.requireStep(step);
    return step < at ? first.rate(step) : next.rate(step - at);
  }
}
