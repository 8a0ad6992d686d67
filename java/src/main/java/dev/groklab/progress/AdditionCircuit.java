package dev.groklab.progress;

/**
 * The part of a network's logits that the algorithm of modular addition writes, and the rest: Nanda
 * et al. 2023, section 5.1. A network that adds on circles has logits near Σ_k α_k cos(2πk(x + y −
 * c)/p) over its key frequencies k; as functions of (x, y), they are combinations of cos(2πk(x +
 * y)/p) and sin(2πk(x + y)/p). The circuit is the projection of each class's logits on these waves.
 *
 * <ul>
 *   <li><b>Restricted loss</b>: with the circuit and the mean over all rows alone. It falls as the
 *       circuit forms, though the network's validation loss may hide it still.
 *   <li><b>Excluded loss</b>: on training rows, with the circuit taken out. It is low while they
 *       are known by heart, and rises as they are computed instead.
 * </ul>
 *
 * <p>The projection only needs the mean logits of the rows with each sum. It is exact if every sum
 * occurs equally often and on a whole table, or near on some of it: with every y for a few x, what
 * does not depend on x + y alone averages out.
 */
public final class AdditionCircuit {

  private final double[][] restricted; // [p][V] by sum
  private final double[][] circuit; // [p][V] the same without the mean

  private AdditionCircuit(double[][] restricted, double[][] circuit) {
    this.restricted = restricted;
    this.circuit = circuit;
  }

  /**
   * Splits logits.
   *
   * @param p modulus
   * @param sums [rows] x + y modulo p of each row; all sums occur
   * @param logits [rows][V]
   * @param keyFrequencies the frequencies of the circuit, from 1 to ⌊p/2⌋; there may be none
   * @return the circuit
   * @throws IllegalArgumentException if a sum is missing
   */
  public static AdditionCircuit of(int p, int[] sums, double[][] logits, int[] keyFrequencies) {
    double[][] means = means(p, sums, logits);
    int classes = means[0].length;
    Circle circle = new Circle(p);
    double[] constant = new double[classes];
    for (double[] mean : means) {
      addTo(constant, 1.0 / p, mean);
    }
    double[][] circuit = new double[p][classes];
    for (int k : keyFrequencies) {
      double[] cos = new double[classes];
      double[] sin = new double[classes];
      double norm = 2 * k == p ? 1.0 / p : 2.0 / p;
      for (int s = 0; s < p; s++) {
        addTo(cos, norm * circle.cos(k, s), means[s]);
        addTo(sin, norm * circle.sin(k, s), means[s]);
      }
      for (int s = 0; s < p; s++) {
        addTo(circuit[s], circle.cos(k, s), cos);
        addTo(circuit[s], circle.sin(k, s), sin);
      }
    }
    double[][] restricted = new double[p][];
    for (int s = 0; s < p; s++) {
      restricted[s] = circuit[s].clone();
      addTo(restricted[s], 1, constant);
    }
    return new AdditionCircuit(restricted, circuit);
  }

  /**
   * The mean logits of the rows with each sum. Their {@link Spectrum} is that of the logits along x
   * + y.
   *
   * @param p modulus
   * @param sums [rows] x + y modulo p of each row; all sums occur
   * @param logits [rows][V]
   * @return [p][V]
   * @throws IllegalArgumentException if a sum is missing
   */
  public static double[][] means(int p, int[] sums, double[][] logits) {
    double[][] means = new double[p][logits[0].length];
    int[] count = new int[p];
    for (int row = 0; row < sums.length; row++) {
      addTo(means[sums[row]], 1, logits[row]);
      count[sums[row]]++;
    }
    for (int s = 0; s < p; s++) {
      if (count[s] == 0) {
        throw new IllegalArgumentException("no row has the sum " + s + "; all sums are needed");
      }
      for (int c = 0; c < means[s].length; c++) {
        means[s][c] /= count[s];
      }
    }
    return means;
  }

  private static void addTo(double[] sum, double factor, double[] vector) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * vector[i];
    }
  }

  /**
   * The loss of the circuit alone, over the whole table.
   *
   * @return mean cross-entropy in nats; without key frequencies, about log V
   */
  public double restrictedLoss() {
    double sum = 0;
    for (int s = 0; s < restricted.length; s++) {
      sum += Logits.loss(restricted[s], s);
    }
    return sum / restricted.length;
  }

  /**
   * The accuracy of the circuit alone, over the whole table.
   *
   * @return share of the rows that are answered right
   */
  public double restrictedAccuracy() {
    int right = 0;
    for (int s = 0; s < restricted.length; s++) {
      right += Logits.answer(restricted[s]) == s ? 1 : 0;
    }
    return (double) right / restricted.length;
  }

  /**
   * The loss of rows without the circuit.
   *
   * @param sums [rows] x + y modulo p of each row
   * @param logits [rows][V] of the whole network
   * @param targets [rows] the classes that count as right
   * @return mean cross-entropy in nats; NaN if there are no rows
   */
  public double excludedLoss(int[] sums, double[][] logits, int[] targets) {
    double sum = 0;
    for (int row = 0; row < sums.length; row++) {
      sum += Logits.loss(excluded(sums[row], logits[row]), targets[row]);
    }
    return sum / sums.length;
  }

  /**
   * The circuit and the mean over all rows alone, for a row.
   *
   * @param sum x + y modulo p
   * @return [V] logits
   */
  public double[] restricted(int sum) {
    return restricted[sum].clone();
  }

  /**
   * What is left of a row's logits without the circuit.
   *
   * @param sum x + y modulo p
   * @param logits [V] of the whole network
   * @return [V] logits
   */
  public double[] excluded(int sum, double[] logits) {
    double[] rest = logits.clone();
    addTo(rest, -1, circuit[sum]);
    return rest;
  }
}
