package dev.groklab.progress;

/**
 * An embedding of Z_p taken apart by frequency: what is left of it with some frequencies alone, or
 * without them, and its picture on the circle of one of them.
 */
public final class EmbeddingParts {

  private EmbeddingParts() {}

  /**
   * The mean over all numbers and the given frequencies, and nothing else.
   *
   * @param table [rows, width] row-major, of which the first p rows are the numbers'
   * @param p modulus
   * @param width length of the vectors
   * @param frequencies from 1 to ⌊p/2⌋
   * @return another table; rows from p on are as they were
   */
  public static double[] only(double[] table, int p, int width, int[] frequencies) {
    double[] part = table.clone();
    double[] mean = new double[width];
    for (int x = 0; x < p; x++) {
      for (int i = 0; i < width; i++) {
        mean[i] += table[x * width + i] / p;
      }
    }
    for (int x = 0; x < p; x++) {
      System.arraycopy(mean, 0, part, x * width, width);
    }
    add(part, 1, table, p, width, frequencies);
    return part;
  }

  /**
   * All but the given frequencies.
   *
   * @param table [rows, width] row-major, of which the first p rows are the numbers'
   * @param p modulus
   * @param width length of the vectors
   * @param frequencies from 1 to ⌊p/2⌋
   * @return another table; rows from p on are as they were
   */
  public static double[] without(double[] table, int p, int width, int[] frequencies) {
    double[] part = table.clone();
    add(part, -1, table, p, width, frequencies);
    return part;
  }

  /**
   * The same with each number's vector as long as in another table: what reads an embedding expects
   * its length.
   *
   * @param part [rows, width] whose directions count
   * @param table [rows, width] whose lengths count
   * @param p modulus
   * @param width length of the vectors
   * @return another table; vectors of length 0 stay
   */
  public static double[] rescaled(double[] part, double[] table, int p, int width) {
    double[] scaled = part.clone();
    for (int x = 0; x < p; x++) {
      double had = 0;
      double has = 0;
      for (int i = x * width; i < (x + 1) * width; i++) {
        had += table[i] * table[i];
        has += part[i] * part[i];
      }
      for (int i = x * width; i < (x + 1) * width && has > 0; i++) {
        scaled[i] *= Math.sqrt(had / has);
      }
    }
    return scaled;
  }

  private static void add(
      double[] sum, double sign, double[] table, int p, int width, int[] frequencies) {
    Circle circle = new Circle(p);
    for (int k : frequencies) {
      double[][] waves = waves(table, p, width, k, circle);
      double norm = sign * (2 * k == p ? 1.0 : 2.0) / p;
      for (int x = 0; x < p; x++) {
        for (int i = 0; i < width; i++) {
          sum[x * width + i] +=
              norm * (circle.cos(k, x) * waves[0][i] + circle.sin(k, x) * waves[1][i]);
        }
      }
    }
  }

  /** Σ cos(2πkx/p) E_x and Σ sin(2πkx/p) E_x. */
  private static double[][] waves(double[] table, int p, int width, int k, Circle circle) {
    double[][] waves = new double[2][width];
    for (int x = 0; x < p; x++) {
      for (int i = 0; i < width; i++) {
        waves[0][i] += circle.cos(k, x) * table[x * width + i];
        waves[1][i] += circle.sin(k, x) * table[x * width + i];
      }
    }
    return waves;
  }

  /**
   * The numbers in the plane of a frequency. The plane's axes for the number x are the sums of cos
   * and sin over all <i>other</i> numbers: with its own part in them, even a random embedding would
   * show a circle. So what is seen is what the frequency has beyond its share in a flat spectrum; a
   * frequency that has less shows a circle that is turned by half.
   *
   * @param table [rows, width] row-major, of which the first p rows are the numbers'
   * @param p modulus
   * @param width length of the vectors
   * @param frequency from 1 to ⌊p/2⌋
   * @return [p][2] points, in units in which a pure wave has radius 1 and power 1
   */
  public static double[][] plane(double[] table, int p, int width, int frequency) {
    Circle circle = new Circle(p);
    double[][] waves = waves(table, p, width, frequency, circle);
    double[] norms = new double[2];
    for (int axis = 0; axis < 2; axis++) {
      for (double value : waves[axis]) {
        norms[axis] += value * value;
      }
    }
    double scale = 2 * (norms[0] + norms[1]) / p / 2; // of E_x · wave, for a pure wave
    double[][] points = new double[p][2];
    for (int x = 0; x < p; x++) {
      double[] own = {circle.cos(frequency, x), circle.sin(frequency, x)};
      for (int axis = 0; axis < 2; axis++) {
        double dot = 0;
        for (int i = 0; i < width; i++) {
          double value = table[x * width + i];
          dot += value * (waves[axis][i] - own[axis] * value);
        }
        points[x][axis] = scale == 0 ? 0 : dot / scale;
      }
    }
    return points;
  }
}
