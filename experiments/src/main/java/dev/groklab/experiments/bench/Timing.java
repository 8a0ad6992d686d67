package dev.groklab.experiments.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntToDoubleFunction;

/**
 * How long steps take, by blocks of several.
 *
 * @param seconds a step's seconds in each block, ascending
 * @param stepsPerBlock steps of a block
 */
record Timing(List<Double> seconds, int stepsPerBlock) {

  /** Fewer steps than this are few. */
  static final int MANY = 5;

  private static final int BLOCKS = 5;
  private static final double WARM_UP = 0.25; // of the time to spend

  Timing {
    List<Double> sorted = new ArrayList<>(seconds);
    Collections.sort(sorted);
    seconds = List.copyOf(sorted);
  }

  /**
   * Warms up, then times blocks for about the time given; at least one step, which is then cold if
   * it is known to take longer than that.
   *
   * @param work makes a number of steps and returns the seconds they took
   * @param spend seconds to spend
   * @param least seconds that a step takes at least, as far as is known
   * @param stopped whether to be satisfied with what there is
   */
  static Timing measure(
      IntToDoubleFunction work, double spend, double least, BooleanSupplier stopped) {
    if (least >= spend) {
      return new Timing(List.of(work.applyAsDouble(1)), 1);
    }
    double step = work.applyAsDouble(1);
    for (double spent = step; spent < spend * WARM_UP; spent += step) {
      step = work.applyAsDouble(1);
    }
    int steps = (int) Math.clamp(spend / BLOCKS / step, 1, 1_000_000);
    List<Double> seconds = new ArrayList<>();
    double spent = 0;
    do {
      double block = work.applyAsDouble(steps);
      seconds.add(block / steps);
      spent += block;
    } while (seconds.size() < BLOCKS && spent < spend && !stopped.getAsBoolean());
    return new Timing(seconds, steps);
  }

  double median() {
    int middle = seconds.size() / 2;
    return seconds.size() % 2 == 1
        ? seconds.get(middle)
        : (seconds.get(middle - 1) + seconds.get(middle)) / 2;
  }

  double least() {
    return seconds.getFirst();
  }

  double most() {
    return seconds.getLast();
  }

  int steps() {
    return seconds.size() * stepsPerBlock;
  }

  boolean isByFewSteps() {
    return steps() < MANY;
  }
}
