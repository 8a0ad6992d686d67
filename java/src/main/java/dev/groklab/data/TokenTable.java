package dev.groklab.data;

import java.util.Locale;
import java.util.Objects;

/**
 * All rows of a task: sequences of tokens, and the class that each sequence's last position shall
 * predict. The arrays are not copied, neither in nor out; do not change them.
 *
 * @param vocabulary number of symbols V; tokens and targets lie in 0 … V−1
 * @param sequenceLength tokens in a row, T
 * @param tokens [rows, T] row-major
 * @param targets [rows]
 */
@SuppressWarnings("ArrayRecordComponent") // too large to copy or to compare
public record TokenTable(int vocabulary, int sequenceLength, int[] tokens, int[] targets) {

  /** The longest array that every Java virtual machine allocates. */
  private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

  /**
   * Checks that the arrays fit each other. The values are checked by the engine.
   *
   * @throws IllegalArgumentException if there is no row, or {@code tokens} is not rows × T long
   */
  public TokenTable {
    Objects.requireNonNull(tokens, "tokens");
    Objects.requireNonNull(targets, "targets");
    if (vocabulary < 2) {
      throw new IllegalArgumentException(
          "a vocabulary of " + vocabulary + " symbols is too small; at least 2 are needed");
    }
    if (sequenceLength < 1) {
      throw new IllegalArgumentException(
          "rows of " + sequenceLength + " tokens are too short; at least 1 is needed");
    }
    if (targets.length == 0) {
      throw new IllegalArgumentException("a table without rows cannot be trained on");
    }
    long expected = (long) targets.length * sequenceLength;
    if (tokens.length != expected) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d targets with rows of %d tokens need %d tokens, but there are %d",
              targets.length,
              sequenceLength,
              expected,
              tokens.length));
    }
  }

  /** The most rows of so many tokens that a table can have. */
  static int mostRows(int sequenceLength) {
    return MAX_ARRAY / sequenceLength;
  }

  /**
   * Number of rows.
   *
   * @return rows of the table, at least 1
   */
  public int rows() {
    return targets.length;
  }

  /** The sizes; millions of tokens would help nobody. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "TokenTable[rows=%d, sequenceLength=%d, vocabulary=%d]",
        rows(),
        sequenceLength,
        vocabulary);
  }
}
