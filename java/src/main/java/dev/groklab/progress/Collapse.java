package dev.groklab.progress;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * A fall of a curve after it had reached a level: generalization lost again ("slingshots").
 *
 * @param start step of the first evaluation below the lower level
 * @param lowest step of the lowest value
 * @param end step of the evaluation that is back at the upper level, empty if none is
 * @param depth upper level minus the lowest value
 * @see <a href="https://arxiv.org/abs/2206.04817">Thilak, Littwin, Zhai, Saremi, Paiss, Susskind:
 *     The slingshot mechanism (2022)</a>
 */
public record Collapse(long start, long lowest, OptionalLong end, double depth) {

  /**
   * The falls after a level was reached. A fall begins below the lower level and ends at the upper
   * one, so that a value that trembles about either is not counted again and again.
   *
   * @param steps steps of the evaluations, ascending
   * @param values what was measured there
   * @param upper the level that counts as reached, as 0.99
   * @param lower the level below which it counts as lost, as 0.9; at most the upper
   * @return the falls, in order
   * @throws IllegalArgumentException if the levels are the other way round
   */
  public static List<Collapse> of(long[] steps, double[] values, double upper, double lower) {
    if (!(lower <= upper)) {
      throw new IllegalArgumentException(
          "a level is lost below "
              + lower
              + "; at most the level reached, "
              + upper
              + ", is allowed");
    }
    List<Collapse> collapses = new ArrayList<>();
    boolean reached = false;
    int start = -1;
    int lowest = -1;
    for (int i = 0; i < values.length; i++) {
      if (values[i] >= upper) {
        if (start >= 0) {
          OptionalLong end = OptionalLong.of(steps[i]);
          collapses.add(new Collapse(steps[start], steps[lowest], end, upper - values[lowest]));
          start = -1;
        }
        reached = true;
      } else if (reached && start < 0 && values[i] < lower) {
        start = i;
        lowest = i;
      } else if (start >= 0 && values[i] < values[lowest]) {
        lowest = i;
      }
    }
    if (start >= 0) {
      OptionalLong never = OptionalLong.empty();
      collapses.add(new Collapse(steps[start], steps[lowest], never, upper - values[lowest]));
    }
    return List.copyOf(collapses);
  }
}
