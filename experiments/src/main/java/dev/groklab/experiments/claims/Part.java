package dev.groklab.experiments.claims;

import dev.groklab.analysis.ClaimRule;
import dev.groklab.analysis.Effect;
import java.util.List;

/**
 * One comparison of a statement: a rule, stated beforehand, and what was measured.
 *
 * @param rule the claim in words, and what decides about it
 * @param time what is timed, such as "steps to generalization"
 * @param samples the times, by group
 * @param effectName what the effect is, in words
 * @param effect the effect
 * @param facts more numbers, for the reader; nothing follows from them
 */
public record Part(
    ClaimRule rule,
    String time,
    List<Sample> samples,
    String effectName,
    Effect effect,
    List<Fact> facts) {

  /**
   * A number with its name.
   *
   * @param name what it is
   * @param value the number, in words
   */
  public record Fact(String name, String value) {}

  /** Copies the lists. */
  public Part {
    samples = List.copyOf(samples);
    facts = List.copyOf(facts);
  }
}
