package dev.groklab.schedule;

import java.util.Objects;

/**
 * The rates of one schedule times those of another.
 *
 * @param schedule the rates
 * @param factor what they are multiplied by
 */
record Product(Schedule schedule, Schedule factor) implements Schedule {

  Product {
    Objects.requireNonNull(schedule, "schedule");
    Objects.requireNonNull(factor, "factor");
  }

  @Override
  public double rate(long step) {
    ScheduleChecks.requireStep(step);
    return schedule.rate(step) * factor.rate(step);
  }
}
