package dev.groklab.experiments.report;

import dev.groklab.run.MetricsRow;

/** A column of the evaluations that is drawn. */
@SuppressWarnings("ImmutableEnumChecker") // method references hold nothing
enum Metric {
  TRAIN_ACCURACY,
  VALIDATION_ACCURACY,
  TRAIN_LOSS,
  VALIDATION_LOSS;

  double of(MetricsRow row) {
    return switch (this) {
      case TRAIN_ACCURACY -> row.trainAccuracy();
      case VALIDATION_ACCURACY -> row.validationAccuracy();
      case TRAIN_LOSS -> row.trainLoss();
      case VALIDATION_LOSS -> row.validationLoss();
    };
  }

  boolean isLoss() {
    return this == TRAIN_LOSS || this == VALIDATION_LOSS;
  }
}
