package dev.groklab.data;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Parts of a number of rows. */
final class Shares {

  private Shares() {}

  /**
   * ⌊share · rows⌋, where the share counts as the decimal number that it is written as: 0.7 of 10
   * rows are 7, though the nearest binary number is a little less.
   */
  static int floor(double share, int rows) {
    return BigDecimal.valueOf(share)
        .multiply(BigDecimal.valueOf(rows))
        .setScale(0, RoundingMode.FLOOR)
        .intValueExact();
  }
}
