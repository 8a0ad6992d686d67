package dev.groklab.data;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntBinaryOperator;
import java.util.function.IntFunction;
import java.util.function.LongBinaryOperator;

/**
 * The tasks by name: {@link ModularAddition} of K numbers, multiplication, and the other binary
 * operations of Power et al., "Grokking: Generalization beyond overfitting on small algorithmic
 * datasets" (2022), appendix A.1.1. {@code x2_plus_y2} is x² + y² modulo p, and so on; {@code
 * divide} has rows for y ≠ 0 only, {@code mixed_divide_subtract} is x / y where y is odd, else x −
 * y. Division is that of the field of p elements, so p must be prime. {@code s5} is x∘y, {@code
 * s5_conjugate} x∘y∘x⁻¹, {@code s5_aba} x∘y∘x in {@link SymmetricGroup} S₅, always with p = 120
 * elements.
 */
public final class Tasks {

  private static final int MODULUS = 97; // the paper's
  private static final SymmetricGroup S5 = new SymmetricGroup(5);

  /** One line for each; docs/add-a-task.md tells how to add one. */
  private static final SortedMap<String, Kind> KINDS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(ModularAddition.NAME, new Kind(MODULUS, ModularAddition::new)),
              modular("subtract", "x − y", (x, y) -> x - y),
              modular("multiply", "x · y", (x, y) -> x * y),
              binary("divide", MODULUS, Tasks::divide),
              modular("x2_plus_y2", "x² + y²", (x, y) -> x * x + y * y),
              modular("x2_plus_xy_plus_y2", "x² + xy + y²", (x, y) -> x * x + x * y + y * y),
              modular(
                  "x2_plus_xy_plus_y2_plus_x",
                  "x² + xy + y² + x",
                  (x, y) -> x * x + x * y + y * y + x),
              modular("x3_plus_xy", "x³ + xy", (x, y) -> x * x * x + x * y),
              modular("x3_plus_xy2_plus_y", "x³ + xy² + y", (x, y) -> x * x * x + x * y * y + y),
              binary("mixed_divide_subtract", MODULUS, Tasks::divideOrSubtract),
              s5("s5", "xy in S₅", S5::product),
              s5(
                  "s5_conjugate",
                  "xyx⁻¹ in S₅",
                  (x, y) -> S5.product(S5.product(x, y), S5.inverse(x))),
              s5("s5_aba", "xyx in S₅", (x, y) -> S5.product(S5.product(x, y), x))));

  /** What is known of a task before its sizes are. */
  private record Kind(int defaultP, Maker maker) {}

  @FunctionalInterface
  private interface Maker {
    Task make(int p, int summands);
  }

  private Tasks() {}

  /**
   * Names of the tasks.
   *
   * @return the names in alphabetical order
   */
  public static Set<String> names() {
    return Collections.unmodifiableSet(KINDS.keySet());
  }

  /**
   * The p of a task where nobody says otherwise; for tasks on a group, which has as many elements
   * as it has, the only p.
   *
   * @param name one of {@link #names()}
   * @return modulus or number of elements
   * @throws IllegalArgumentException if there is no such task
   */
  public static int defaultP(String name) {
    return kind(name).defaultP();
  }

  /**
   * Makes a task.
   *
   * @param name one of {@link #names()}
   * @param p modulus, or the number of elements of the group
   * @param summands number of operands K; 2 for all but {@code add}
   * @return the task
   * @throws IllegalArgumentException if there is no such task, or it does not take these sizes
   */
  public static Task of(String name, int p, int summands) {
    return kind(name).maker().make(p, summands);
  }

  private static Kind kind(String name) {
    Kind kind = KINDS.get(name);
    if (kind == null) {
      throw new IllegalArgumentException(
          "there is no task \"" + name + "\"; known: " + String.join(", ", names()));
    }
    return kind;
  }

  private static Map.Entry<String, Kind> modular(
      String name, String written, LongBinaryOperator formula) {
    return binary(
        name,
        MODULUS,
        p -> BinaryOperation.modular(name, p, formula).written(written + " mod " + p));
  }

  private static BinaryOperation divide(int p) {
    PrimeField field = new PrimeField(p);
    return BinaryOperation.modular("divide", p, field::divide)
        .where((_, y) -> y != 0)
        .written("x / y mod " + p);
  }

  /** x / y where y is odd, else x − y. */
  private static BinaryOperation divideOrSubtract(int p) {
    PrimeField field = new PrimeField(p);
    return BinaryOperation.modular(
            "mixed_divide_subtract", p, (x, y) -> y % 2 == 1 ? field.divide(x, y) : x - y)
        .written("x / y (y odd) or x − y mod " + p);
  }

  private static Map.Entry<String, Kind> s5(
      String name, String written, IntBinaryOperator function) {
    return binary(
        name,
        S5.order(),
        p -> {
          if (p != S5.order()) {
            throw new IllegalArgumentException(
                "the task " + name + " has " + S5.order() + " elements; p cannot be " + p);
          }
          return BinaryOperation.of(name, p, function).written(written);
        });
  }

  private static Map.Entry<String, Kind> binary(
      String name, int defaultP, IntFunction<BinaryOperation> operation) {
    Maker maker =
        (p, summands) -> {
          if (summands != 2) {
            throw new IllegalArgumentException(
                "the task " + name + " takes 2 operands, not " + summands);
          }
          return operation.apply(p);
        };
    return Map.entry(name, new Kind(defaultP, maker));
  }
}
