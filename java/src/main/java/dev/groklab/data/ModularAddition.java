package dev.groklab.data;

import java.math.BigInteger;
import java.util.Locale;

/**
 * Addition modulo p: {@code (x₁, …, x_K) ↦ (x₁ + … + x_K) mod p}. Tokens 0 … p−1 are the numbers, p
 * is the operator and p+1 the equals sign. A row reads {@code x₁ + x₂ + … x_K =}, T = 2K tokens;
 * all p^K rows are there, x_K running fastest.
 *
 * @param p modulus, at least 2
 * @param summands K, 2 … 6
 */
public record ModularAddition(int p, int summands) implements Task {

  /** Name of the task. */
  public static final String NAME = "add";

  private static final int MAX_SUMMANDS = 6;

  /**
   * Checks the size of the table.
   *
   * @throws IllegalArgumentException if p or K is outside what is allowed, or the table would have
   *     more rows than a Java array can hold
   */
  public ModularAddition {
    if (p < 2) {
      throw new IllegalArgumentException("p is " + p + "; a modulus of at least 2 is allowed");
    }
    if (summands < 2 || summands > MAX_SUMMANDS) {
      throw new IllegalArgumentException(
          "the number of summands is " + summands + "; 2 to " + MAX_SUMMANDS + " are allowed");
    }
    BigInteger rows = BigInteger.valueOf(p).pow(summands);
    int most = TokenTable.mostRows(2 * summands);
    if (rows.compareTo(BigInteger.valueOf(most)) > 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "p = %d with %d summands gives a table of %,d rows; at most %,d are allowed",
              p,
              summands,
              rows,
              most));
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String formula() {
    String sum =
        switch (summands) {
          case 2 -> "x + y";
          case 3 -> "x + y + z";
          default -> "x₁ + … + x" + "₄₅₆".charAt(summands - 4);
        };
    return sum + " mod " + p;
  }

  /** 2K+1: the report counts the answer as a position too. */
  @Override
  public int positions() {
    return 2 * summands + 1;
  }

  /** p^K. */
  @Override
  public int rows() {
    return Math.powExact(p, summands);
  }

  /** p: the answer is a number. */
  @Override
  public int classes() {
    return p;
  }

  @Override
  public TokenTable table() {
    int rows = rows();
    int length = 2 * summands;
    int[] tokens = new int[rows * length];
    int[] targets = new int[rows];
    for (int row = 0; row < rows; row++) {
      int first = row * length;
      int rest = row;
      int sum = 0;
      for (int k = summands - 1; k >= 0; k--) {
        int x = rest % p;
        rest /= p;
        sum = (int) (((long) sum + x) % p);
        tokens[first + 2 * k] = x;
        tokens[first + 2 * k + 1] = k == summands - 1 ? equalsSign() : operator();
      }
      targets[row] = sum;
    }
    return new TokenTable(p + 2, length, tokens, targets);
  }

  private int operator() {
    return p;
  }

  private int equalsSign() {
    return p + 1;
  }
}
