package dev.groklab.analysis;

import dev.groklab.progress.Collapse;
import dev.groklab.run.Summary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * What was measured over a run's evaluations, such as validation accuracy.
 *
 * <p>Measures of smoothness depend on how often a run was evaluated. Compare curves with the same
 * evaluations, or put them on the same {@linkplain #onLogGrid(int) grid} first.
 *
 * @param steps steps of the evaluations, ascending
 * @param values what was measured, finite
 */
public record Curve(long[] steps, double[] values) {

  /** Checks and copies. */
  public Curve {
    steps = steps.clone();
    values = values.clone();
    if (steps.length != values.length) {
      throw new IllegalArgumentException(
          values.length + " values need as many steps, not " + steps.length);
    }
    Numbers.requireSample("the curve", values, 1);
    for (int i = 0; i < steps.length; i++) {
      if (steps[i] < 0 || (i > 0 && steps[i] <= steps[i - 1])) {
        throw new IllegalArgumentException(
            "the curve has step "
                + steps[i]
                + (i > 0 ? " after step " + steps[i - 1] : "")
                + "; steps are at least 0 and ascend");
      }
    }
  }

  /**
   * When a level was first reached, whether or not it held.
   *
   * @param level the level
   * @return the step of the first value that is at least the level, empty if there is none
   */
  public OptionalLong firstReaching(double level) {
    for (int i = 0; i < steps.length; i++) {
      if (values[i] >= level) {
        return OptionalLong.of(steps[i]);
      }
    }
    return OptionalLong.empty();
  }

  /**
   * From when on a level held, as {@link Summary} defines it.
   *
   * @param level the level
   * @return the step, empty if the last value is below the level
   */
  public OptionalLong holdsFrom(double level) {
    return Summary.holdsFrom(steps, values, level);
  }

  /**
   * The steps until {@link #holdsFrom(double)}, as an observation that is censored at the last
   * step.
   *
   * @param level the level
   * @return the observation
   */
  public Observation timeUntil(double level) {
    OptionalLong step = holdsFrom(level);
    return step.isPresent()
        ? Observation.reached((double) step.getAsLong())
        : Observation.censored((double) steps[steps.length - 1]);
  }

  /**
   * The later part of the curve.
   *
   * @param step where to begin; at most the last step
   * @return the evaluations from there on
   */
  public Curve from(long step) {
    int first = 0;
    while (first < steps.length && steps[first] < step) {
      first++;
    }
    if (first == steps.length) {
      throw new IllegalArgumentException(
          "the curve ends at step " + steps[first - 1] + "; nothing is known from step " + step);
    }
    return new Curve(
        Arrays.copyOfRange(steps, first, steps.length),
        Arrays.copyOfRange(values, first, values.length));
  }

  /**
   * The curve at steps that are evenly spaced on a logarithmic axis, rounded to whole steps; each
   * takes the latest value that was known then. The grid is the same for all curves.
   *
   * @param perDecade grid steps from one power of ten to the next, at least 1
   * @return the curve on the grid, from the first grid step that is no earlier than its first
   *     evaluation to the last that is no later than its last
   * @throws IllegalArgumentException if there is no such grid step
   */
  public Curve onLogGrid(int perDecade) {
    if (perDecade < 1) {
      throw new IllegalArgumentException(
          "the grid has " + perDecade + " steps per decade; at least 1 is needed");
    }
    List<Long> grid = new ArrayList<>();
    List<Double> known = new ArrayList<>();
    int at = 0;
    for (int i = 0; ; i++) {
      long step = Math.round(Math.pow(10, (double) i / perDecade));
      if (step > steps[steps.length - 1]) {
        break;
      }
      while (at + 1 < steps.length && steps[at + 1] <= step) {
        at++;
      }
      if (steps[at] <= step && (grid.isEmpty() || grid.getLast() < step)) {
        grid.add(step);
        known.add(values[at]);
      }
    }
    if (grid.isEmpty()) {
      throw new IllegalArgumentException(
          "no step of a grid of "
              + perDecade
              + " per decade lies between steps "
              + steps[0]
              + " and "
              + steps[steps.length - 1]
              + " of the curve");
    }
    return new Curve(
        grid.stream().mapToLong(Long::longValue).toArray(),
        known.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /**
   * Total variation: all rises and falls added up.
   *
   * @return Σ |vᵢ₊₁ − vᵢ|
   */
  public double totalVariation() {
    double sum = 0;
    for (int i = 1; i < values.length; i++) {
      sum += Math.abs(values[i] - values[i - 1]);
    }
    return sum;
  }

  /**
   * How much the curve goes to and fro: {@link #totalVariation()} beyond what its way from the
   * first to the last value needs.
   *
   * @return 0 for a curve that only rises or only falls
   */
  public double oscillation() {
    return Math.max(0, totalVariation() - Math.abs(values[values.length - 1] - values[0]));
  }

  /**
   * The falls after a level was reached. A fall begins below the lower level and ends at the upper
   * one, so that a value that trembles about either is not counted again and again.
   *
   * @param upper the level that counts as reached, as 0.99
   * @param lower the level below which it counts as lost, as 0.9; at most the upper
   * @return the falls, in order
   */
  public List<Collapse> collapses(double upper, double lower) {
    return Collapse.of(steps, values, upper, lower);
  }

  /**
   * The area between a ceiling and the curve, by trapezoids; what lies above the ceiling counts
   * negative. With accuracy, 1 and steps it is the mean number of steps that a row is answered
   * wrong for, and needs no threshold.
   *
   * @param ceiling the ceiling, 1 for accuracies
   * @param axis how steps are measured; a logarithmic axis leaves out step 0
   * @return the area, in steps or decades
   */
  public double areaAbove(double ceiling, Axis axis) {
    double area = 0;
    for (int i = 1; i < values.length; i++) {
      if (axis == Axis.LINEAR || steps[i - 1] > 0) {
        double width =
            axis == Axis.LINEAR
                ? steps[i] - steps[i - 1]
                : Math.log10((double) steps[i] / steps[i - 1]);
        area += width * (ceiling - (values[i] + values[i - 1]) / 2);
      }
    }
    return area;
  }
}
