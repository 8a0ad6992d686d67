package dev.groklab.schedule;

import java.util.Objects;

/**
 * A schedule whose first rates rise linearly.
 *
 * @param schedule the schedule, which counts from step 0 of the run
 * @param steps steps until its rates are its own
 */
record Warmup(Schedule schedule, long steps) implements Schedule {

  Warmup {
    Objects.requireNonNull(schedule, "schedule");
    if (steps < 0) {
      throw new IllegalArgumentException(
          "the warm-up is to take " + steps + " steps; at least 0 is allowed");
    }
  }

  @Override
  public double rate(long step) {
    double rate = schedule.rate(ScheduleChecks.requireStep(step));
    return step < steps ? rate * ((step + 1.0) / steps) : rate;
  }
}
