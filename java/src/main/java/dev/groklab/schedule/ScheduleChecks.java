package dev.groklab.schedule;

/** The argument checks that all schedules share. */
final class ScheduleChecks {

  private ScheduleChecks() {}

  static long requireStep(long step) {
    if (step < 0) {
      throw new IllegalArgumentException("step " + step + " is negative; steps count from 0");
    }
    return step;
  }

  static void requireRate(String what, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          what + " is " + value + "; a finite number that is at least 0 is allowed");
    }
  }
}
