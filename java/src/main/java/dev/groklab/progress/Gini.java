package dev.groklab.progress;

import java.util.Arrays;

/**
 * The Gini coefficient: how unevenly an amount is spread. 0: evenly; 1 − 1/n: one of n has it all.
 *
 * <p>For ascending values it is Σᵢ (2i − n − 1) xᵢ / (n Σᵢ xᵢ), half the relative mean absolute
 * difference (Gini 1912). Hurley and Rickard 2009 show that, of the usual measures of sparsity, it
 * alone has all the properties asked of one.
 *
 * @see <a href="https://doi.org/10.1109/TIT.2009.2027527">Hurley, Rickard: Comparing measures of
 *     sparsity (IEEE Trans. Inf. Theory 2009)</a>
 */
public final class Gini {

  private Gini() {}

  /**
   * The coefficient of some amounts.
   *
   * @param amounts at least one, none negative
   * @return from 0 to 1 − 1/n; 0 if all are 0; NaN if one is
   * @throws IllegalArgumentException if there is none or one is negative
   */
  public static double of(double[] amounts) {
    double[] ascending = amounts.clone();
    Arrays.sort(ascending);
    int n = ascending.length;
    if (n == 0 || ascending[0] < 0) {
      throw new IllegalArgumentException(
          n == 0 ? "of no amounts there is no Gini coefficient" : ascending[0] + " is no amount");
    }
    double sum = 0;
    double weighted = 0;
    for (int i = 0; i < n; i++) {
      sum += ascending[i];
      weighted += (2.0 * i + 1 - n) * ascending[i];
    }
    return sum == 0 ? 0 : weighted / (n * sum);
  }
}
