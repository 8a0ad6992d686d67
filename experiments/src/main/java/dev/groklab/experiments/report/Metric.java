package dev.groklab.experiments.report;

import dev.groklab.run.MetricsRow;
import java.util.function.ToDoubleFunction;

/** A column of the evaluations that is drawn. */
@SuppressWarnings("ImmutableEnumChecker") // method references hold nothing
enum Metric {
  TRAIN_ACCURACY(MetricsRow::trainAccuracy),
  VALIDATION_ACCURACY(MetricsRow::validationAccuracy),
  TRAIN_LOSS(MetricsRow::trainLoss),
  VALIDATION_LOSS(MetricsRow::validationLoss);

  private final ToDoubleFunction<MetricsRow> column;

  Metric(ToDoubleFunction<MetricsRow> column) {
    this.column = column;
  }

  double of(MetricsRow row) {
    return column.applyAsDouble(row);
  }

  boolean isLoss() {
    return this == TRAIN_LOSS || this == VALIDATION_LOSS;
  }

  boolean isTraining() {
    return this == TRAIN_ACCURACY || this == TRAIN_LOSS;
  }
}
