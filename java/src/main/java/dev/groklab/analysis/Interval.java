package dev.groklab.analysis;

/**
 * A closed interval of real numbers; its ends may be infinite.
 *
 * @param low its lower end
 * @param high its upper end
 */
public record Interval(double low, double high) {

  /** Checks the order. */
  public Interval {
    if (!(low <= high)) {
      throw new IllegalArgumentException(
          "an interval cannot go from " + low + " to " + high + "; the lower end comes first");
    }
  }

  /**
   * The interval of one number.
   *
   * @param value the number
   * @return it alone
   */
  public static Interval point(double value) {
    return new Interval(value, value);
  }

  /**
   * Whether it is one number.
   *
   * @return whether both ends are the same
   */
  public boolean isPoint() {
    return low == high;
  }

  /**
   * Whether a number lies in it.
   *
   * @param value the number
   * @return whether it does; the ends do
   */
  public boolean contains(double value) {
    return low <= value && value <= high;
  }

  /** As people write it; a point as the number alone. */
  @Override
  public String toString() {
    return isPoint()
        ? Numbers.text(low)
        : "[" + Numbers.text(low) + ", " + Numbers.text(high) + "]";
  }
}
