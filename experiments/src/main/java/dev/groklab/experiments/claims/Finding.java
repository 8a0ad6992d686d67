package dev.groklab.experiments.claims;

import dev.groklab.analysis.ClaimRule;
import dev.groklab.analysis.Verdict;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A statement and what came of it.
 *
 * @param statement the statement
 * @param parts its comparisons; none if runs are missing
 * @param verdicts of each comparison, Holm's correction being over those of the statement
 */
public record Finding(Statement statement, List<Part> parts, List<Verdict> verdicts) {

  /** Copies the lists. */
  public Finding {
    parts = List.copyOf(parts);
    verdicts = List.copyOf(verdicts);
  }

  /**
   * Measures and judges.
   *
   * @param statement a statement
   * @param runs the runs
   * @return what came of it
   */
  public static Finding of(Statement statement, PaperRuns runs) {
    List<Part> parts = statement.measure().apply(runs);
    return new Finding(
        statement,
        parts,
        ClaimRule.judge(
            parts.stream().map(part -> new ClaimRule.Case(part.rule(), part.effect())).toList()));
  }

  /**
   * Whether there were runs to measure.
   *
   * @return false if not
   */
  public boolean isMeasured() {
    return !parts.isEmpty();
  }

  /**
   * The verdict on the statement: supported if all parts are, contradicted if one is, else
   * undecided.
   *
   * @return the verdict
   */
  public Verdict.Outcome outcome() {
    if (any(Verdict.Outcome.CONTRADICTED)) {
      return Verdict.Outcome.CONTRADICTED;
    }
    return isMeasured() && !any(Verdict.Outcome.UNDECIDED)
        ? Verdict.Outcome.SUPPORTED
        : Verdict.Outcome.UNDECIDED;
  }

  private boolean any(Verdict.Outcome outcome) {
    return verdicts.stream().anyMatch(verdict -> verdict.outcome() == outcome);
  }

  /**
   * The seeds behind it: of the group with the fewest.
   *
   * @return 0 if nothing was measured
   */
  public int seeds() {
    return IntStream.range(0, parts.size()).map(i -> parts.get(i).effect().seeds()).min().orElse(0);
  }
}
