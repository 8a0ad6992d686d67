package dev.groklab.experiments.claims;

import java.util.List;
import java.util.function.Function;

/**
 * Something that the report says, and how it is put to the test.
 *
 * @param section where the report says it, such as {@code 2.2}
 * @param quote the report's words
 * @param measured what is measured, and on which runs
 * @param figures the figures whose runs are needed, by the report's numbers
 * @param measure makes the comparisons, which are judged together; none if runs are missing
 */
public record Statement(
    String section,
    String quote,
    String measured,
    List<Integer> figures,
    Function<PaperRuns, List<Part>> measure) {

  /** Copies the list. */
  public Statement {
    figures = List.copyOf(figures);
  }
}
