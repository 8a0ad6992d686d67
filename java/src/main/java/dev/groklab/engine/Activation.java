package dev.groklab.engine;

import java.util.Objects;
import java.util.Optional;

/**
 * An activation of some rows. The arrays are the caller's own.
 *
 * @param info which one
 * @param values [rows, positions, width] row-major
 * @param gradients the same of the rows' mean loss; empty where there are none
 */
@SuppressWarnings("ArrayRecordComponent") // too large to copy or to compare
public record Activation(ActivationInfo info, double[] values, Optional<double[]> gradients) {

  /**
   * A number of the activation.
   *
   * @param row place of the row among those asked for
   * @param position 0 … positions − 1
   * @param column 0 … width − 1
   * @return the number
   * @throws IndexOutOfBoundsException if there is no such place
   */
  public double value(int row, int position, int column) {
    return values[index(row, position, column)];
  }

  private int index(int row, int position, int column) {
    int checkedPosition = Objects.checkIndex(position, info.positions());
    int checkedColumn = Objects.checkIndex(column, info.width());
    return (row * info.positions() + checkedPosition) * info.width() + checkedColumn;
  }
}
