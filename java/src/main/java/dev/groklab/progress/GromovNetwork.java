package dev.groklab.progress;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * A network that adds modulo p, with weights in closed form: one hidden layer of quadratic units,
 * none of which was trained. Unit i has a frequency k_i and phases a_i, b_i;
 *
 * <pre>{@code
 * h_i = (cos(2πk_i x/p + a_i) + cos(2πk_i y/p + b_i))²
 * logit_c = Σ_i cos(2πk_i c/p + a_i + b_i) h_i
 * }</pre>
 *
 * Of the products, those that depend on x + y − c alone add up over the units; the others have
 * random phases and cancel, the better the more units there are.
 *
 * @param p modulus
 * @param left [p][N] weights from x to the units
 * @param right [p][N] weights from y
 * @param readout [p][N] weights to the classes
 * @see <a href="https://arxiv.org/abs/2301.02679">Gromov: Grokking modular arithmetic (2023), the
 *     analytic solution</a>
 */
public record GromovNetwork(int p, double[][] left, double[][] right, double[][] readout) {

  /**
   * A network whose units take the frequencies 1 … ⌊p/2⌋ in turn.
   *
   * @param p modulus, at least 2
   * @param units N, at least 1
   * @param random where the phases come from
   * @return the network
   */
  public static GromovNetwork of(int p, int units, RandomGenerator random) {
    return of(p, IntStream.range(0, units).map(i -> i % (p / 2) + 1).toArray(), random);
  }

  /**
   * A network with units of these frequencies.
   *
   * @param p modulus, at least 2
   * @param frequencies [N] the frequency of each unit, from 1 to ⌊p/2⌋
   * @param random where the phases come from, uniform on the circle
   * @return the network
   */
  public static GromovNetwork of(int p, int[] frequencies, RandomGenerator random) {
    int units = frequencies.length;
    double[][] left = new double[p][units];
    double[][] right = new double[p][units];
    double[][] readout = new double[p][units];
    for (int i = 0; i < units; i++) {
      double a = random.nextDouble(2 * Math.PI);
      double b = random.nextDouble(2 * Math.PI);
      for (int x = 0; x < p; x++) {
        double angle = 2 * Math.PI * ((long) frequencies[i] * x % p) / p;
        left[x][i] = Math.cos(angle + a);
        right[x][i] = Math.cos(angle + b);
        readout[x][i] = Math.cos(angle + a + b);
      }
    }
    return new GromovNetwork(p, left, right, readout);
  }

  /**
   * The logits of a row.
   *
   * @param x first summand
   * @param y second summand
   * @return [p]
   */
  public double[] logits(int x, int y) {
    int units = left[0].length;
    double[] hidden = new double[units];
    for (int i = 0; i < units; i++) {
      double sum = left[x][i] + right[y][i];
      hidden[i] = sum * sum;
    }
    double[] logits = new double[p];
    for (int c = 0; c < p; c++) {
      for (int i = 0; i < units; i++) {
        logits[c] += readout[c][i] * hidden[i];
      }
    }
    return logits;
  }

  /**
   * The logits of the whole table.
   *
   * @return [p²][p], y running fastest
   */
  public double[][] table() {
    return IntStream.range(0, p * p)
        .mapToObj(row -> logits(row / p, row % p))
        .toArray(double[][]::new);
  }

  /**
   * The share of the table that is answered right.
   *
   * @return accuracy
   */
  public double accuracy() {
    long right =
        IntStream.range(0, p * p)
            .filter(row -> Logits.answer(logits(row / p, row % p)) == (row / p + row % p) % p)
            .count();
    return (double) right / (p * p);
  }

  /**
   * A matrix of weights as one array, as measures take it.
   *
   * @param matrix {@link #left()}, {@link #right()} or {@link #readout()}
   * @return [p · N] row-major
   */
  public static double[] flat(double[][] matrix) {
    return Arrays.stream(matrix).flatMapToDouble(Arrays::stream).toArray();
  }
}
