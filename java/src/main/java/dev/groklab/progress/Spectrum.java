package dev.groklab.progress;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;

/**
 * The power of a table of vectors in each Fourier frequency of Z_p: with the vector E_x in row x,
 *
 * <pre>{@code
 * power[0] = ‖Σ E_x‖² / p
 * power[k] = 2 (‖Σ cos(2πkx/p) E_x‖² + ‖Σ sin(2πkx/p) E_x‖²) / p,   0 < k < p/2
 * power[p/2] = ‖Σ (-1)^x E_x‖² / p,   where p is even
 * }</pre>
 *
 * so that the powers add up to ‖E‖² (Parseval). Nanda et al. 2023, section 4.1, look at a
 * Transformer's embedding in this basis.
 *
 * @param width d, the length of the vectors
 * @param power [⌊p/2⌋ + 1] power of each frequency, the constant first
 */
public record Spectrum(int width, double[] power) {

  /** A key frequency has at least so many times the mean power. */
  private static final double KEY = 1.5;

  /** … and more than a random table's frequency has with this probability. */
  private static final double CHANCE = 1e-5;

  /** Copies. */
  public Spectrum {
    power = power.clone();
  }

  /**
   * Transforms a table.
   *
   * @param table [rows, width] row-major, of which the first p rows count: an embedding whose other
   *     tokens come after the numbers
   * @param p modulus, at least 2
   * @param width d, at least 1
   * @return the spectrum
   * @throws IllegalArgumentException if the table has fewer than p rows
   */
  public static Spectrum of(double[] table, int p, int width) {
    if (p < 2 || width < 1 || table.length < (long) p * width) {
      throw new IllegalArgumentException(
          table.length + " numbers are no table of " + p + " rows of " + width);
    }
    Circle circle = new Circle(p);
    double[] power = new double[p / 2 + 1];
    double[] cos = new double[width];
    double[] sin = new double[width];
    for (int k = 0; k < power.length; k++) {
      Arrays.fill(cos, 0);
      Arrays.fill(sin, 0);
      for (int x = 0; x < p; x++) {
        double c = circle.cos(k, x);
        double s = circle.sin(k, x);
        for (int i = 0; i < width; i++) {
          cos[i] += c * table[x * width + i];
          sin[i] += s * table[x * width + i];
        }
      }
      boolean pair = k > 0 && 2 * k < p; // else the sine is 0 everywhere
      power[k] = pair ? 2 * (square(cos) + square(sin)) / p : square(cos) / p;
    }
    return new Spectrum(width, power);
  }

  private static double square(double[] vector) {
    double sum = 0;
    for (double value : vector) {
      sum += value * value;
    }
    return sum;
  }

  /**
   * The share of each frequency in the power of all but the constant, which every number has alike.
   *
   * @return [⌊p/2⌋] shares of frequencies 1, 2, …; they add up to 1, or are all 0 where there is no
   *     power
   */
  public double[] shares() {
    double sum = 0;
    for (int k = 1; k < power.length; k++) {
      sum += power[k];
    }
    double whole = sum == 0 ? 1 : sum;
    return IntStream.range(1, power.length).mapToDouble(k -> power[k] / whole).toArray();
  }

  /**
   * How unevenly the power is spread over the frequencies.
   *
   * @return {@link Gini} of {@link #shares()}
   */
  public double gini() {
    return Gini.of(shares());
  }

  /**
   * The frequencies that stand out: those with at least 1.5 times the mean share, and, which says
   * more for narrow tables, more than chance gives them. The power of a random table of normal
   * numbers in a frequency is χ² distributed with 2d degrees of freedom; it exceeds the quantile
   * taken here once in 10⁵ times. Nanda et al. 2023 read the key frequencies off a picture.
   *
   * @return frequencies from 1 to ⌊p/2⌋, ascending; none if nothing stands out
   */
  public int[] keyFrequencies() {
    double[] shares = shares();
    double degrees = 2.0 * width;
    double chance = ChiSquaredDistribution.of(degrees).inverseSurvivalProbability(CHANCE) / degrees;
    double least = Math.max(KEY, chance) / shares.length;
    return IntStream.rangeClosed(1, shares.length).filter(k -> shares[k - 1] >= least).toArray();
  }
}
