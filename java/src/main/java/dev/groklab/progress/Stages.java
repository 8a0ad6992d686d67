package dev.groklab.progress;

import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The three stages of a run that groks, after Nanda et al. 2023, section 5.2: memorization, circuit
 * formation, cleanup. A stage that has not ended has no end; those after it have not begun.
 *
 * <p>By the circuit, see {@link AdditionCircuit}:
 *
 * <ul>
 *   <li>Memorization ends where the excluded loss is first, and from then on, at least 0.1 nats
 *       above the training loss: until there, the training rows are known as well without the
 *       circuit.
 *   <li>Circuit formation ends where the restricted accuracy first reaches 99 %: the circuit alone
 *       answers the whole table, whatever the rest of the network adds.
 *   <li>Cleanup ends where validation accuracy first reaches 99 %: the rest is no longer in the
 *       way.
 * </ul>
 *
 * <p>By accuracy, where there is no circuit to be measured: memorization ends where training
 * accuracy first reaches 99 %, circuit formation where validation accuracy first reaches 50 %,
 * cleanup as above.
 *
 * <p>All ends are evaluations no later than the end of cleanup; a stage can have no length.
 *
 * @param rule what the ends were found by
 * @param memorizationEnd step at which circuit formation begins
 * @param circuitFormationEnd step at which cleanup begins
 * @param cleanupEnd step at which the run has generalized
 */
public record Stages(
    Rule rule,
    OptionalLong memorizationEnd,
    OptionalLong circuitFormationEnd,
    OptionalLong cleanupEnd) {

  /** What ends of stages are found by. */
  public enum Rule {
    /** Restricted and excluded loss. */
    CIRCUIT,
    /** Accuracies alone. */
    ACCURACY
  }

  /** Accuracy from which on something counts as learnt. */
  private static final double LEARNT = 0.99;

  /** Accuracy at which validation counts as on its way. */
  private static final double HALF = 0.5;

  /** How much the circuit does for the training loss where it counts, in nats. */
  private static final double GAP = 0.1;

  /**
   * Splits a run by its circuit. Values that are not finite are passed over.
   *
   * @param steps steps of the evaluations, ascending
   * @param validationAccuracy accuracy on the validation split
   * @param restrictedAccuracy accuracy of the circuit alone
   * @param excludedLoss training loss without the circuit
   * @param trainLoss training loss
   * @return the stages
   */
  public static Stages byCircuit(
      long[] steps,
      double[] validationAccuracy,
      double[] restrictedAccuracy,
      double[] excludedLoss,
      double[] trainLoss) {
    OptionalInt generalized = first(steps.length, i -> validationAccuracy[i] >= LEARNT);
    int evaluations = generalized.isPresent() ? generalized.getAsInt() + 1 : steps.length;
    OptionalInt memorized = memorized(excludedLoss, trainLoss, evaluations);
    OptionalInt formed =
        memorized.isEmpty()
            ? memorized
            : first(evaluations, i -> i >= memorized.getAsInt() && restrictedAccuracy[i] >= LEARNT);
    return of(Rule.CIRCUIT, steps, memorized, formed, generalized);
  }

  /** From where on the training loss rests on the circuit. */
  private static OptionalInt memorized(double[] excluded, double[] train, int evaluations) {
    OptionalInt from = OptionalInt.empty();
    for (int i = 0; i < evaluations; i++) {
      if (excluded[i] - train[i] < GAP) {
        from = OptionalInt.empty();
      } else if (from.isEmpty() && excluded[i] - train[i] >= GAP) { // neither, if one is NaN
        from = OptionalInt.of(i);
      }
    }
    return from;
  }

  /**
   * Splits a run by its accuracies.
   *
   * @param steps steps of the evaluations, ascending
   * @param trainAccuracy accuracy on the training split
   * @param validationAccuracy accuracy on the validation split
   * @return the stages
   */
  public static Stages byAccuracy(
      long[] steps, double[] trainAccuracy, double[] validationAccuracy) {
    OptionalInt generalized = first(steps.length, i -> validationAccuracy[i] >= LEARNT);
    OptionalInt memorized = first(steps.length, i -> trainAccuracy[i] >= LEARNT);
    OptionalInt formed =
        memorized.isEmpty()
            ? memorized
            : first(steps.length, i -> i >= memorized.getAsInt() && validationAccuracy[i] >= HALF);
    return of(Rule.ACCURACY, steps, memorized, formed, generalized);
  }

  private static OptionalInt first(int evaluations, IntPredicate holds) {
    return IntStream.range(0, evaluations).filter(holds).findFirst();
  }

  private static Stages of(
      Rule rule, long[] steps, OptionalInt memorized, OptionalInt formed, OptionalInt generalized) {
    return new Stages(
        rule,
        step(steps, memorized, generalized),
        step(steps, formed, generalized),
        step(steps, generalized, generalized));
  }

  /** The end of a stage; what generalizes has been through all of them. */
  private static OptionalLong step(long[] steps, OptionalInt end, OptionalInt generalized) {
    if (end.isEmpty() && generalized.isEmpty()) {
      return OptionalLong.empty();
    }
    int last = generalized.orElse(steps.length - 1);
    return OptionalLong.of(steps[Math.min(end.orElse(last), last)]);
  }
}
