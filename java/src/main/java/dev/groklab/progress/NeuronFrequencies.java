package dev.groklab.progress;

/**
 * Which frequency a neuron computes with. A neuron's activations over the table of (x, y) are
 * transformed along both; frequency k has the share of their variance that lies in the eight waves
 * cos and sin of 2πkx/p, those of 2πky/p, and the four products of one of each. Neurons of a
 * network that has formed the circuit of addition fall into clusters, one to a key frequency: Nanda
 * et al. 2023, section 4.2, where 85 % of the variance make a member.
 *
 * @param frequency the frequency with the largest share, from 1 on; 0 for a constant neuron
 * @param share its share of the variance
 */
public record NeuronFrequencies(int frequency, double share) {

  /** Share of its variance from which on a neuron belongs to a cluster. */
  public static final double CLUSTERED = 0.85;

  /**
   * Looks at a neuron.
   *
   * @param p modulus
   * @param activations [p²] of each row, y running fastest
   * @return its frequency
   * @throws IllegalArgumentException if there are not p² activations
   */
  public static NeuronFrequencies of(int p, double[] activations) {
    double[] shares = shares(p, activations);
    int best = 0;
    for (int k = 1; k < shares.length; k++) {
      if (shares[k] > shares[best]) {
        best = k;
      }
    }
    return shares[best] == 0
        ? new NeuronFrequencies(0, 0)
        : new NeuronFrequencies(best + 1, shares[best]);
  }

  /**
   * The share of the variance in each frequency. What has two frequencies, one for x and one for y,
   * is in none.
   *
   * @param p modulus
   * @param activations [p²] of each row, y running fastest
   * @return [⌊p/2⌋] shares of frequencies 1, 2, …
   * @throws IllegalArgumentException if there are not p² activations
   */
  public static double[] shares(int p, double[] activations) {
    if (activations.length != p * p) {
      throw new IllegalArgumentException(
          activations.length + " activations are not those of " + p + "² rows");
    }
    double[][] waves = waves(p);
    double[][] alongY = new double[p][p]; // [x][wave of y]
    for (int x = 0; x < p; x++) {
      for (int w = 0; w < p; w++) {
        double sum = 0;
        for (int y = 0; y < p; y++) {
          sum += waves[w][y] * activations[x * p + y];
        }
        alongY[x][w] = sum;
      }
    }
    double[] power = new double[p / 2 + 1]; // by frequency; the constant first
    double variance = 0;
    for (int v = 0; v < p; v++) {
      double[] row = new double[p]; // of the wave v of x, by the wave of y
      for (int x = 0; x < p; x++) {
        for (int w = 0; w < p; w++) {
          row[w] += waves[v][x] * alongY[x][w];
        }
      }
      for (int w = 0; w < p; w++) {
        double square = row[w] * row[w];
        variance += v == 0 && w == 0 ? 0 : square;
        int kx = frequency(v);
        int ky = frequency(w);
        if (kx == ky || kx == 0 || ky == 0) {
          power[Math.max(kx, ky)] += square;
        }
      }
    }
    double[] shares = new double[p / 2];
    for (int k = 1; k < power.length && variance > 0; k++) {
      shares[k - 1] = power[k] / variance;
    }
    return shares;
  }

  /** Of the waves 1, cos 1, sin 1, cos 2, … */
  private static int frequency(int wave) {
    return (wave + 1) / 2;
  }

  /** The orthonormal waves on Z_p; for an even p, the last has no sine. */
  private static double[][] waves(int p) {
    Circle circle = new Circle(p);
    double[][] waves = new double[p][p];
    for (int w = 0; w < p; w++) {
      int k = frequency(w);
      double norm = Math.sqrt((k == 0 || 2 * k == p ? 1.0 : 2.0) / p);
      for (int x = 0; x < p; x++) {
        waves[w][x] = norm * (w % 2 == 1 || w == 0 ? circle.cos(k, x) : circle.sin(k, x));
      }
    }
    return waves;
  }
}
