package dev.groklab.analysis;

/**
 * What results say about a claim.
 *
 * @param rule the claim and the rule by which it was judged
 * @param outcome the verdict
 * @param estimate the effect
 * @param interval its confidence interval
 * @param pFor p-value for the claim, corrected for all claims judged together
 * @param pAgainst p-value against it, corrected likewise
 * @param reason why, in words
 */
public record Verdict(
    ClaimRule rule,
    Outcome outcome,
    Interval estimate,
    Interval interval,
    double pFor,
    double pAgainst,
    String reason) {

  /** The three verdicts. */
  public enum Outcome {
    /** The results are what the claim says, and hardly chance. */
    SUPPORTED,
    /** The results are the opposite, and hardly chance. */
    CONTRADICTED,
    /** The results do not say. */
    UNDECIDED
  }
}
