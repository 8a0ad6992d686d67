package dev.groklab.experiments.report;

import dev.groklab.experiments.table.RunRecord;
import dev.groklab.run.MetricsRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What seeds have in common: at each step the median of a metric over the runs, and its range. A
 * run that ended before the others keeps its last value, so that the median does not pass to the
 * slow ones alone.
 *
 * @param points by step
 */
record Band(List<Point> points) {

  record Point(long step, double low, double median, double high) {}

  /** Values that are not finite, of a run that diverged, count as the worst of all. */
  static Band of(List<RunRecord> runs, Metric metric) {
    List<RunRecord> evaluated = runs.stream().filter(run -> !run.metrics().isEmpty()).toList();
    long[] steps =
        evaluated.stream()
            .flatMap(run -> run.metrics().stream())
            .mapToLong(MetricsRow::step)
            .sorted()
            .distinct()
            .toArray();
    int[] at = new int[evaluated.size()];
    List<Point> points = new ArrayList<>();
    for (long step : steps) {
      double[] values = new double[evaluated.size()];
      int known = 0;
      for (int i = 0; i < values.length; i++) {
        List<MetricsRow> rows = evaluated.get(i).metrics();
        while (at[i] + 1 < rows.size() && rows.get(at[i] + 1).step() <= step) {
          at[i]++;
        }
        if (rows.get(at[i]).step() <= step) {
          double value = metric.of(rows.get(at[i]));
          values[known++] = Double.isFinite(value) ? value : worst(metric);
        }
      }
      points.add(point(step, Arrays.copyOf(values, known)));
    }
    return new Band(points);
  }

  private static double worst(Metric metric) {
    return metric.isLoss() ? Double.POSITIVE_INFINITY : 0;
  }

  private static Point point(long step, double[] values) {
    Arrays.sort(values);
    int middle = values.length / 2;
    double median =
        values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    return new Point(step, values[0], median, values[values.length - 1]);
  }
}
