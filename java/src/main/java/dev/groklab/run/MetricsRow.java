package dev.groklab.run;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One evaluation: a row of {@code metrics.csv}. Numbers are written with as many digits as bring
 * back the same double.
 *
 * @param step steps made
 * @param epoch steps made, as a multiple of the steps of an epoch
 * @param trainLoss mean cross-entropy over the training split
 * @param trainAccuracy share of its rows that are answered right
 * @param validationLoss mean cross-entropy over the validation split
 * @param validationAccuracy share of its rows that are answered right
 * @param learningRate rate of the latest step
 * @param weightNorm Euclidean norm of all parameters
 * @param seconds wall-clock time spent on the run so far, over all its sessions
 * @param measures progress measures, in the columns after these
 */
public record MetricsRow(
    long step,
    double epoch,
    double trainLoss,
    double trainAccuracy,
    double validationLoss,
    double validationAccuracy,
    double learningRate,
    double weightNorm,
    double seconds,
    Measures measures) {

  /** Names of the columns that every {@code metrics.csv} begins with. */
  public static final List<String> COLUMNS =
      List.of(
          "step",
          "epoch",
          "train_loss",
          "train_accuracy",
          "val_loss",
          "val_accuracy",
          "learning_rate",
          "weight_norm",
          "seconds");

  /** What the first line of {@code metrics.csv} begins with. */
  static final String HEADER = String.join(",", COLUMNS);

  /**
   * An evaluation without progress measures.
   *
   * @param step steps made
   * @param epoch steps made, as a multiple of the steps of an epoch
   * @param trainLoss mean cross-entropy over the training split
   * @param trainAccuracy share of its rows that are answered right
   * @param validationLoss mean cross-entropy over the validation split
   * @param validationAccuracy share of its rows that are answered right
   * @param learningRate rate of the latest step
   * @param weightNorm Euclidean norm of all parameters
   * @param seconds wall-clock time spent on the run so far, over all its sessions
   */
  public MetricsRow(
      long step,
      double epoch,
      double trainLoss,
      double trainAccuracy,
      double validationLoss,
      double validationAccuracy,
      double learningRate,
      double weightNorm,
      double seconds) {
    this(
        step,
        epoch,
        trainLoss,
        trainAccuracy,
        validationLoss,
        validationAccuracy,
        learningRate,
        weightNorm,
        seconds,
        Measures.NONE);
  }

  /**
   * The values of {@link #COLUMNS}; seconds to the millisecond.
   *
   * @return in the order of {@link #COLUMNS}, the step as a Long, the rest as Doubles
   */
  public List<Number> values() {
    return List.of(
        step,
        epoch,
        trainLoss,
        trainAccuracy,
        validationLoss,
        validationAccuracy,
        learningRate,
        weightNorm,
        Math.round(1000 * seconds) / 1000.0);
  }

  /** The row as a line of the file, without its line break. */
  String toCsv() {
    return Stream.concat(
            values().stream().map(Number::toString),
            Arrays.stream(measures.values()).mapToObj(Double::toString))
        .collect(Collectors.joining(","));
  }

  /**
   * Reads a line of the file.
   *
   * @param line the line, without its line break
   * @param measures names of the columns after {@link #COLUMNS}
   * @return the row
   * @throws IllegalArgumentException if it is no such line
   */
  static MetricsRow parse(String line, List<String> measures) {
    String[] cells = line.split(",", -1);
    if (cells.length != COLUMNS.size() + measures.size()) {
      throw new IllegalArgumentException("the row '" + line + "' has other columns");
    }
    List<Double> values = Arrays.stream(cells).map(Double::parseDouble).toList();
    return of(Long.parseLong(cells[0]), values, measures);
  }

  /**
   * The row with these values, in the order of {@link #COLUMNS} and then of the measures; the first
   * one is not looked at.
   */
  static MetricsRow of(long step, List<Double> values, List<String> measures) {
    double[] further =
        values.stream().skip(COLUMNS.size()).mapToDouble(Double::doubleValue).toArray();
    return new MetricsRow(
        step,
        values.get(1),
        values.get(2),
        values.get(3),
        values.get(4),
        values.get(5),
        values.get(6),
        values.get(7),
        values.get(8),
        new Measures(measures, further));
  }
}
