package dev.groklab.data;

/**
 * The field of the numbers modulo a prime: what division needs, since only there every number but 0
 * has an inverse.
 */
public final class PrimeField {

  private final int p;
  private final int[] inverses;

  /**
   * Finds the inverses of all numbers.
   *
   * @param p a prime, 2 … 23,170, which is the most that {@link BinaryOperation} takes
   * @throws IllegalArgumentException if p is too large or not prime
   */
  public PrimeField(int p) {
    BinaryOperation.requirePairs(p);
    for (int factor = 2; factor * factor <= p; factor++) {
      if (p % factor == 0) {
        throw new IllegalArgumentException(
            "p is "
                + p
                + " = "
                + factor
                + " · "
                + p / factor
                + "; division is possible modulo primes only");
      }
    }
    this.p = p;
    this.inverses = new int[p];
    inverses[1] = 1;
    for (int y = 2; y < p; y++) {
      // With p = q·y + r: y · (−q · r⁻¹) = r · r⁻¹ = 1 modulo p.
      inverses[y] = Math.floorMod(-(long) (p / y) * inverses[p % y], p);
    }
  }

  /**
   * The quotient x / y.
   *
   * @param x any number
   * @param y any number that p does not divide
   * @return the number z in 0 … p−1 for which z·y is congruent to x
   * @throws IllegalArgumentException if y is 0 modulo p
   */
  public int divide(long x, long y) {
    int divisor = Math.floorMod(y, p);
    if (divisor == 0) {
      throw new IllegalArgumentException("division of " + x + " by " + y + ", 0 modulo " + p);
    }
    return Math.floorMod((long) Math.floorMod(x, p) * inverses[divisor], p);
  }
}
