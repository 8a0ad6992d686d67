package dev.groklab.experiments.explain;

import java.util.Arrays;
import java.util.List;

/**
 * A table to be drawn in colours.
 *
 * @param title what stands above
 * @param values [rows][columns], the first row above; what is not finite stays white
 * @param low value of the darkest colour
 * @param high value of the lightest; above low
 * @param across what the columns are
 * @param down what the rows are
 * @param marks words below columns
 * @param sides words left of rows
 */
record Heat(
    String title,
    double[][] values,
    double low,
    double high,
    String across,
    String down,
    List<Mark> marks,
    List<Mark> sides) {

  /** A word at a column or row. */
  record Mark(double place, String text) {}

  /** A table over (x, y), with colours from the least to the largest value. */
  static Heat ofTable(String title, int p, double[] values) {
    double low = Arrays.stream(values).min().orElseThrow();
    double high = Arrays.stream(values).max().orElseThrow();
    return ofTable(title, p, values, low, high);
  }

  /** A table over (x, y), x downwards. */
  static Heat ofTable(String title, int p, double[] values, double low, double high) {
    double[][] rows = new double[p][];
    for (int x = 0; x < p; x++) {
      rows[x] = Arrays.copyOfRange(values, x * p, (x + 1) * p);
    }
    return new Heat(title, rows, low, high > low ? high : low + 1, "y", "x", List.of(), List.of());
  }
}
