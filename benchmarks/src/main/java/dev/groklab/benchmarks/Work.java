package dev.groklab.benchmarks;

/**
 * How much a benchmark has to do in one call, in the measure that limits it.
 *
 * @param amount how many operations or bytes, more than 0
 * @param measure which of the two
 */
public record Work(double amount, Measure measure) {

  /** What a kernel is bound by. */
  public enum Measure {
    /** Arithmetic: operations on floating-point numbers, a multiply-add being two. */
    OPERATIONS("GFLOP/s"),
    /** Memory traffic: every buffer read or written once; one that is updated counts twice. */
    BYTES("GB/s");

    private final String unit;

    Measure(String unit) {
      this.unit = unit;
    }

    /**
     * Unit of its rates.
     *
     * @return 10⁹ of it a second
     */
    public String unit() {
      return unit;
    }
  }

  /**
   * Refuses nothing to do.
   *
   * @throws IllegalArgumentException if the amount is not above 0
   */
  public Work {
    if (!(amount > 0)) {
      throw new IllegalArgumentException("the work is " + amount + "; it must be above 0");
    }
  }

  /**
   * Work of a product and the like.
   *
   * @param count how many
   * @return that many multiply-adds
   */
  public static Work multiplyAdds(double count) {
    return new Work(2 * count, Measure.OPERATIONS);
  }

  /**
   * Work of a kernel that does little arithmetic on each number.
   *
   * @param count numbers read and written, in float32 or int32
   * @return their traffic
   */
  public static Work words(double count) {
    return new Work(Float.BYTES * count, Measure.BYTES);
  }
}
