package dev.groklab.experiments.bench;

/** Whether two sides compute the same: the losses of the first batches from the same weights. */
final class Losses {

  /** How many are compared. */
  static final int COUNT = 24;

  /** Largest relative difference that float32 explains. */
  static final double TOLERANCE = 1e-3;

  private Losses() {}

  /** The largest relative difference; infinite where a loss is no number. */
  static double difference(double[] ours, double[] theirs) {
    double largest = 0;
    for (int i = 0; i < ours.length; i++) {
      double difference = Math.abs(theirs[i] - ours[i]) / Math.abs(ours[i]);
      if (!Double.isFinite(difference)) {
        return Double.POSITIVE_INFINITY;
      }
      largest = Math.max(largest, difference);
    }
    return largest;
  }
}
