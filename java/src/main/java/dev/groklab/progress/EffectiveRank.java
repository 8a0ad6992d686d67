package dev.groklab.progress;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * The effective rank of a matrix: exp of the entropy of its singular values, taken as shares of
 * their sum. n equal singular values give n, and small ones count little.
 *
 * @see <a href="https://infoscience.epfl.ch/record/110188">Roy, Vetterli: The effective rank: a
 *     measure of effective dimensionality (EUSIPCO 2007)</a>
 */
public final class EffectiveRank {

  private EffectiveRank() {}

  /**
   * The effective rank of a matrix.
   *
   * @param matrix [rows, columns] row-major; more numbers may follow
   * @param rows at least 1
   * @param columns at least 1
   * @return from 1 to min(rows, columns); 0 if all entries are 0; NaN if one is not finite
   * @throws IllegalArgumentException if there are fewer numbers
   */
  public static double of(double[] matrix, int rows, int columns) {
    if (rows < 1 || columns < 1 || matrix.length < (long) rows * columns) {
      throw new IllegalArgumentException(
          matrix.length + " numbers are no matrix of " + rows + " rows of " + columns);
    }
    DMatrixRMaj copy = new DMatrixRMaj(rows, columns);
    double largest = 0;
    for (int i = 0; i < rows * columns; i++) {
      copy.data[i] = matrix[i];
      largest = Math.max(largest, Math.abs(matrix[i])); // NaN if one is
    }
    if (!Double.isFinite(largest)) {
      return Double.NaN; // which a decomposition would look at forever
    }
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(rows, columns, false, false, true);
    if (!svd.decompose(copy)) {
      return Double.NaN;
    }
    return exponentialOfEntropy(svd.getSingularValues(), svd.numberOfSingularValues());
  }

  private static double exponentialOfEntropy(double[] values, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += values[i];
    }
    if (sum == 0) {
      return 0;
    }
    double entropy = 0;
    for (int i = 0; i < count; i++) {
      double share = values[i] / sum;
      entropy -= share == 0 ? 0 : share * Math.log(share);
    }
    return Math.exp(entropy);
  }
}
