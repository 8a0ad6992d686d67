package dev.groklab.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Map;
import java.util.function.BinaryOperator;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The laws of arithmetic, as the tables of the modular tasks must hold them. */
class ModularLawsTest {

  private static final Map<String, BinaryOperator<BigInteger>> FORMULAS =
      Map.of(
          "subtract", BigInteger::subtract,
          "multiply", BigInteger::multiply,
          "x2_plus_y2", (x, y) -> x.pow(2).add(y.pow(2)),
          "x2_plus_xy_plus_y2", (x, y) -> x.pow(2).add(x.multiply(y)).add(y.pow(2)),
          "x2_plus_xy_plus_y2_plus_x", (x, y) -> x.pow(2).add(x.multiply(y)).add(y.pow(2)).add(x),
          "x3_plus_xy", (x, y) -> x.pow(3).add(x.multiply(y)),
          "x3_plus_xy2_plus_y", (x, y) -> x.pow(3).add(x.multiply(y.pow(2))).add(y));

  @Property(tries = 40)
  void formulasAreThoseOfBigIntegers(@ForAll @IntRange(min = 2, max = 40) int p) {
    FORMULAS.forEach(
        (name, formula) -> {
          int[] z = targets(name, p);
          for (int x = 0; x < p; x++) {
            for (int y = 0; y < p; y++) {
              BigInteger exact = formula.apply(BigInteger.valueOf(x), BigInteger.valueOf(y));
              assertThat(z[x * p + y])
                  .as("%s of %d and %d modulo %d", name, x, y, p)
                  .isEqualTo(exact.mod(BigInteger.valueOf(p)).intValueExact());
            }
          }
        });
  }

  /** The last row is that of x = y = −1; its powers would not fit 32 bits. */
  @ParameterizedTest
  @CsvSource({
    "multiply, 1",
    "divide, 1",
    "x2_plus_y2, 2",
    "x2_plus_xy_plus_y2, 3",
    "x2_plus_xy_plus_y2_plus_x, 2",
    "x3_plus_xy, 0",
    "x3_plus_xy2_plus_y, 1996",
  })
  void largeNumbersDoNotOverflow(String name, int z) {
    int[] targets = targets(name, 1999);

    assertThat(targets[targets.length - 1]).isEqualTo(z);
  }

  @Property(tries = 40)
  void subtractionIsTheInverseOfAddition(@ForAll @IntRange(min = 2, max = 60) int p) {
    int[] add = targets("add", p);
    int[] subtract = targets("subtract", p);

    for (int x = 0; x < p; x++) {
      for (int y = 0; y < p; y++) {
        assertThat(add[subtract[x * p + y] * p + y]).isEqualTo(x);
      }
    }
  }

  @Property(tries = 40)
  void multiplicationIsCommutativeAssociativeAndDistributive(
      @ForAll @IntRange(min = 2, max = 12) int p) {
    int[] add = targets("add", p);
    int[] multiply = targets("multiply", p);

    for (int x = 0; x < p; x++) {
      assertThat(multiply[x * p + 1]).isEqualTo(x);
      for (int y = 0; y < p; y++) {
        int xy = multiply[x * p + y];
        assertThat(xy).isEqualTo(multiply[y * p + x]);
        for (int w = 0; w < p; w++) {
          assertThat(multiply[xy * p + w]).isEqualTo(multiply[x * p + multiply[y * p + w]]);
          assertThat(multiply[x * p + add[y * p + w]]).isEqualTo(add[xy * p + multiply[x * p + w]]);
        }
      }
    }
  }

  @Property(tries = 40)
  void divisionIsTheInverseOfMultiplication(@ForAll("primes") int p) {
    int[] multiply = targets("multiply", p);
    TokenTable divide = Tasks.of("divide", p, 2).table();

    assertThat(divide.rows()).isEqualTo(p * (p - 1));
    for (int row = 0; row < divide.rows(); row++) {
      int x = divide.tokens()[4 * row];
      int y = divide.tokens()[4 * row + 2];
      assertThat(y).isNotZero();
      assertThat(multiply[divide.targets()[row] * p + y]).isEqualTo(x);
    }
  }

  @Property(tries = 40)
  void mixedTaskDividesByOddNumbersAndSubtractsEvenOnes(@ForAll("primes") int p) {
    int[] add = targets("add", p);
    int[] multiply = targets("multiply", p);
    int[] mixed = targets("mixed_divide_subtract", p);

    for (int x = 0; x < p; x++) {
      for (int y = 0; y < p; y++) {
        int[] inverse = y % 2 == 1 ? multiply : add;
        assertThat(inverse[mixed[x * p + y] * p + y]).isEqualTo(x);
      }
    }
  }

  @Provide
  static Arbitrary<Integer> primes() {
    return Arbitraries.of(2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 97);
  }

  /** The answers, that of x and y in place x·p + y where all pairs have rows. */
  private static int[] targets(String name, int p) {
    return Tasks.of(name, p, 2).table().targets();
  }
}
