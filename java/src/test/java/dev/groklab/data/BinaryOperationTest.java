package dev.groklab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BinaryOperationTest {

  @Test
  void writesARowForEachPair() {
    BinaryOperation maximum = BinaryOperation.of("maximum", 3, Math::max);
    TokenTable table = maximum.table();

    assertThat(maximum.name()).isEqualTo("maximum");
    assertThat(table.vocabulary()).isEqualTo(5);
    assertThat(table.sequenceLength()).isEqualTo(4);
    // y runs fastest; 3 is the operator, 4 the equals sign.
    assertThat(table.tokens())
        .startsWith(0, 3, 0, 4, 0, 3, 1, 4, 0, 3, 2, 4, 1, 3, 0, 4)
        .endsWith(2, 3, 2, 4);
    assertThat(table.targets()).containsExactly(0, 1, 2, 1, 1, 2, 2, 2, 2);
    assertThat(maximum).hasToString("BinaryOperation[maximum, elements=3, rows=9]");
  }

  @Test
  void reducesFormulasModuloP() {
    TokenTable table = BinaryOperation.modular("far", 3, (x, y) -> 10 * x - 100 * y).table();

    assertThat(table.targets()).containsExactly(0, 2, 1, 1, 0, 2, 2, 1, 0); // x − y
  }

  @Property(tries = 50)
  void leavesOutWhatIsNotInTheDomain(
      @ForAll @IntRange(min = 3, max = 20) int p, @ForAll @IntRange(min = 1, max = 3) int gap) {
    BinaryOperation whole = BinaryOperation.modular("product", p, (x, y) -> x * y);
    BinaryOperation part = whole.where((x, y) -> x <= y).where((x, y) -> (x + y) % gap == 0);
    TokenTable all = whole.table();
    TokenTable some = part.table();

    assertThat(part.rows()).isEqualTo(some.rows());
    int row = 0;
    for (int pair = 0; pair < p * p; pair++) {
      int x = pair / p;
      int y = pair % p;
      if (x <= y && (x + y) % gap == 0) {
        assertThat(some.tokens()[4 * row]).isEqualTo(x);
        assertThat(some.tokens()[4 * row + 2]).isEqualTo(y);
        assertThat(some.targets()[row++]).isEqualTo(all.targets()[pair]);
      }
    }
    assertThat(row).isEqualTo(some.rows());
  }

  @Test
  void refusesWhatMakesNoTable() {
    assertThatThrownBy(() -> BinaryOperation.of("one", 1, Math::max))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the number of elements is 1; at least 2 are needed");
    assertThatThrownBy(() -> BinaryOperation.of("many", 23_171, Math::max))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "23171 elements give a table of 536,895,241 rows; at most 536,870,909 are allowed");
    assertThat(BinaryOperation.of("most", 23_170, Math::max).rows()).isEqualTo(536_848_900);
    BinaryOperation maximum = BinaryOperation.of("maximum", 3, Math::max);
    assertThatThrownBy(() -> maximum.where((x, y) -> x > 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the domain of maximum would have no pairs");
    BinaryOperation sum = BinaryOperation.of("sum", 3, Integer::sum);
    assertThatThrownBy(sum::table)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sum makes 3 of 1 and 2; 0 to 2 are allowed");
    BinaryOperation difference = BinaryOperation.of("difference", 3, (x, y) -> x - y);
    assertThatThrownBy(difference::table)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("difference makes -1 of 0 and 1; 0 to 2 are allowed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "X", "x/y", "../x", "x y"})
  void refusesNamesThatAreNoFileNames(String name) {
    assertThatThrownBy(() -> BinaryOperation.of(name, 3, Math::max))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a task cannot be named \""
                + name
                + "\"; lower-case letters, digits and _ are allowed");
  }
}
