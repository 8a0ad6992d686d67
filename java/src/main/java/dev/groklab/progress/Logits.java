package dev.groklab.progress;

/** What logits say, in double whatever precision they were computed in. */
public final class Logits {

  private Logits() {}

  /**
   * The cross-entropy of a row.
   *
   * @param logits [V]
   * @param target the right class
   * @return loss in nats
   */
  public static double loss(double[] logits, int target) {
    double most = logits[answer(logits)];
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp(logit - most);
    }
    return Math.log(sum) + most - logits[target];
  }

  /**
   * The class that a row is answered with.
   *
   * @param logits [V], at least one
   * @return the first of the largest logits
   */
  public static int answer(double[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }

  /**
   * The scale of logits: the root mean square of their distances from their row's mean. Adding a
   * number to a row, which no softmax sees, does not change it.
   *
   * @param rows [rows][V], at least one
   * @return the scale, at least 0
   */
  public static double scale(double[][] rows) {
    double squares = 0;
    long count = 0;
    for (double[] row : rows) {
      double mean = 0;
      for (double logit : row) {
        mean += logit;
      }
      mean /= row.length;
      for (double logit : row) {
        squares += (logit - mean) * (logit - mean);
      }
      count += row.length;
    }
    return Math.sqrt(squares / count);
  }

  /**
   * Whether the softmax of a row has collapsed in fp32: the probability of the right class rounds
   * to exactly 1, so its loss and its gradient are exactly 0 and nothing is learnt from it any more
   * (Prieto et al. 2025, section 3). Here the softmax is computed in double and rounded once, so
   * that the answer does not depend on the order of a sum.
   *
   * @param logits [V]
   * @param target the right class
   * @return true if so
   */
  public static boolean isCollapsed(double[] logits, int target) {
    double others = 0;
    for (int i = 0; i < logits.length; i++) {
      others += i == target ? 0 : Math.exp(logits[i] - logits[target]);
    }
    return (float) (1 / (1 + others)) == 1;
  }
}
