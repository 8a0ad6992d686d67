package dev.groklab.data;

import java.util.Locale;
import java.util.Objects;

/**
 * Pairs of token sequences: a source, and a target that a model learns to tell from it. The arrays
 * are not copied, neither in nor out; do not change them.
 *
 * @param sourceVocabulary symbols of the sources
 * @param sourceLength most tokens of a source, S
 * @param targetVocabulary symbols of the targets
 * @param targetLength most answers of a row, U: a target has at most U + 1 tokens
 * @param sources [rows, S]; −1 after a source's end
 * @param targets [rows, U + 1]; −1 after a target's end. The answer at position u is token u + 1
 */
@SuppressWarnings("ArrayRecordComponent") // too large to copy or to compare
public record PairTable(
    int sourceVocabulary,
    int sourceLength,
    int targetVocabulary,
    int targetLength,
    int[] sources,
    int[] targets) {

  /**
   * Checks that the arrays fit each other. The values are checked by the engine.
   *
   * @throws IllegalArgumentException if there is no row, or an array has another length than the
   *     sizes tell
   */
  public PairTable {
    Objects.requireNonNull(sources, "sources");
    Objects.requireNonNull(targets, "targets");
    if (sourceLength < 1 || targetLength < 1) {
      throw new IllegalArgumentException(
          "sources of "
              + sourceLength
              + " and targets of "
              + targetLength
              + " tokens are too short; at least 1 is needed");
    }
    if (sources.length == 0 || sources.length % sourceLength != 0) {
      throw new IllegalArgumentException(
          sources.length + " tokens are no rows of " + sourceLength + " tokens");
    }
    long expected = sources.length / sourceLength * (targetLength + 1L);
    if (targets.length != expected) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%d sources with targets of %d tokens need %d tokens, but there are %d",
              sources.length / sourceLength,
              targetLength + 1L,
              expected,
              targets.length));
    }
  }

  /**
   * Number of rows.
   *
   * @return at least 1
   */
  public int rows() {
    return sources.length / sourceLength;
  }

  /** The sizes; millions of tokens would help nobody. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "PairTable[rows=%d, sourceLength=%d, targetLength=%d]",
        rows(),
        sourceLength,
        targetLength);
  }
}
