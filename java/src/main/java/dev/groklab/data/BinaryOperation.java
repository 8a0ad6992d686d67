package dev.groklab.data;

import java.util.Locale;
import java.util.Objects;
import java.util.function.IntBinaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.regex.Pattern;

/**
 * A binary operation {@code (x, y) ↦ z} on the elements 0 … n−1, as in Power et al., "Grokking:
 * Generalization beyond overfitting on small algorithmic datasets" (2022). Tokens 0 … n−1 are the
 * elements, n is the operator and n+1 the equals sign. A row reads {@code x o y =}, T = 4 tokens;
 * there is one for each pair in the domain, y running fastest.
 */
public final class BinaryOperation implements Task {

  /** Which pairs of operands have a row: a pure function, asked more than once. */
  @FunctionalInterface
  public interface Domain {

    /**
     * Whether a pair has a row.
     *
     * @param x left operand
     * @param y right operand
     * @return true if it has
     */
    boolean contains(int x, int y);
  }

  private static final int LENGTH = 4;
  private static final Pattern NAME = Pattern.compile("[a-z0-9_]+");

  private final String name;
  private final String formula;
  private final int elements;
  private final Domain domain;
  private final int rows;
  private final IntBinaryOperator function;

  private BinaryOperation(
      String name,
      String formula,
      int elements,
      Domain domain,
      int rows,
      IntBinaryOperator function) {
    this.name = name;
    this.formula = formula;
    this.elements = elements;
    this.domain = domain;
    this.rows = rows;
    this.function = function;
  }

  /**
   * An operation on all pairs of any n elements, such as those of a group.
   *
   * @param name name of the task: lower-case letters, digits and {@code _}
   * @param elements n, 2 … 23,170; the pairs of more would not fit a Java array
   * @param function (x, y) ↦ z, of and into 0 … n−1; a pure function
   * @return the operation
   * @throws IllegalArgumentException if the name or n is not allowed
   */
  public static BinaryOperation of(String name, int elements, IntBinaryOperator function) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "a task cannot be named \"" + name + "\"; lower-case letters, digits and _ are allowed");
    }
    int rows = requirePairs(elements);
    Objects.requireNonNull(function, "function");
    return new BinaryOperation(name, name, elements, (_, _) -> true, rows, function);
  }

  /**
   * An operation on all pairs of numbers modulo p.
   *
   * @param name name of the task: lower-case letters, digits and {@code _}
   * @param p modulus, 2 … 23,170
   * @param formula (x, y) ↦ any number congruent to z; a pure function. With so small a p, {@code
   *     long} holds polynomials up to degree 4; higher powers must be reduced on the way.
   * @return the operation
   * @throws IllegalArgumentException if the name or p is not allowed
   */
  public static BinaryOperation modular(String name, int p, LongBinaryOperator formula) {
    Objects.requireNonNull(formula, "formula");
    return of(name, p, (x, y) -> Math.floorMod(formula.applyAsLong(x, y), p));
  }

  /**
   * The same operation on fewer pairs.
   *
   * @param condition which of the pairs keep their rows
   * @return another operation
   * @throws IllegalArgumentException if no pair is left
   */
  public BinaryOperation where(Domain condition) {
    Domain both = (x, y) -> domain.contains(x, y) && condition.contains(x, y);
    int left = 0;
    for (int x = 0; x < elements; x++) {
      for (int y = 0; y < elements; y++) {
        left += both.contains(x, y) ? 1 : 0;
      }
    }
    if (left == 0) {
      throw new IllegalArgumentException("the domain of " + name + " would have no pairs");
    }
    return new BinaryOperation(name, formula, elements, both, left, function);
  }

  /**
   * The same operation with another {@link #formula}.
   *
   * @param text what a person writes for it, such as {@code x² + y² mod 97}
   * @return another operation
   */
  public BinaryOperation written(String text) {
    return new BinaryOperation(name, text, elements, domain, rows, function);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String formula() {
    return formula;
  }

  /** T+1: the answer counts as a position too, as with {@link ModularAddition}. */
  @Override
  public int positions() {
    return LENGTH + 1;
  }

  @Override
  public int rows() {
    return rows;
  }

  /** n: the answer is one of the elements. */
  @Override
  public int classes() {
    return elements;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if a result is not one of the elements
   */
  @Override
  public TokenTable table() {
    int[] tokens = new int[rows * LENGTH];
    int[] targets = new int[rows];
    int row = 0;
    for (int x = 0; x < elements; x++) {
      for (int y = 0; y < elements; y++) {
        if (domain.contains(x, y)) {
          int first = row * LENGTH;
          tokens[first] = x;
          tokens[first + 1] = elements;
          tokens[first + 2] = y;
          tokens[first + 3] = elements + 1;
          targets[row++] = apply(x, y);
        }
      }
    }
    return new TokenTable(elements + 2, LENGTH, tokens, targets);
  }

  private int apply(int x, int y) {
    int z = function.applyAsInt(x, y);
    if (z < 0 || z >= elements) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s makes %d of %d and %d; 0 to %d are allowed",
              name,
              z,
              x,
              y,
              elements - 1));
    }
    return z;
  }

  /** Refuses numbers of elements that make no table; returns the number of pairs. */
  static int requirePairs(int elements) {
    if (elements < 2) {
      throw new IllegalArgumentException(
          "the number of elements is " + elements + "; at least 2 are needed");
    }
    long pairs = (long) elements * elements;
    int most = TokenTable.mostRows(LENGTH);
    if (pairs > most) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d elements give a table of %,d rows; at most %,d are allowed",
              elements,
              pairs,
              most));
    }
    return (int) pairs;
  }

  /** Name and sizes. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "BinaryOperation[%s, elements=%d, rows=%d]", name, elements, rows);
  }
}
