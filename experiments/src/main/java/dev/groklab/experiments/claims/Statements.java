package dev.groklab.experiments.claims;

import java.util.List;
import java.util.stream.Stream;

/** All statements of the report that are put to the test, in its order. */
public final class Statements {

  private Statements() {}

  /**
   * The statements.
   *
   * @return a list, section after section
   */
  public static List<Statement> all() {
    return Stream.of(
            Oscillations.statements(),
            Fractions.statements(),
            Models.statements(),
            Optimizers.statements(),
            Dropout.statements(),
            Summands.statements(),
            Regularization.statements())
        .flatMap(List::stream)
        .toList();
  }
}
