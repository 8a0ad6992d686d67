package dev.groklab.data.text;

import java.util.Objects;

/**
 * A sentence and its translation.
 *
 * @param source the German sentence
 * @param target the English one
 */
public record SentencePair(String source, String target) {

  /** Refuses null. */
  public SentencePair {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(target, "target");
  }
}
