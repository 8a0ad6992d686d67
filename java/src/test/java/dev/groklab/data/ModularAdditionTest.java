package dev.groklab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModularAdditionTest {

  @Test
  void writesRowsAsInTheBook() {
    TokenTable table = new ModularAddition(3, 2).table();

    assertThat(table.vocabulary()).isEqualTo(5);
    assertThat(table.sequenceLength()).isEqualTo(4);
    assertThat(table.rows()).isEqualTo(9);
    // The last operand runs fastest; 3 is the operator, 4 the equals sign.
    assertThat(table.tokens())
        .startsWith(0, 3, 0, 4, 0, 3, 1, 4, 0, 3, 2, 4, 1, 3, 0, 4)
        .endsWith(2, 3, 2, 4);
    assertThat(table.targets()).containsExactly(0, 1, 2, 1, 2, 0, 2, 0, 1);
  }

  @Test
  void countsTheAnswerAsAPosition() {
    assertThat(new ModularAddition(97, 2).positions()).isEqualTo(5);
    assertThat(new ModularAddition(97, 3).positions()).isEqualTo(7);
  }

  @Test
  void knowsItsRowsAndClasses() {
    assertThat(new ModularAddition(97, 2).rows()).isEqualTo(9409);
    assertThat(new ModularAddition(41, 4).rows()).isEqualTo(2_825_761);
    assertThat(new ModularAddition(97, 3).classes()).isEqualTo(97);
  }

  @Property(tries = 50)
  void everyRowIsASumInCanonicalOrder(
      @ForAll @IntRange(min = 2, max = 9) int p, @ForAll @IntRange(min = 2, max = 5) int summands) {
    TokenTable table = new ModularAddition(p, summands).table();

    assertThat(table.rows()).isEqualTo((int) Math.round(Math.pow(p, summands)));
    for (int row = 0; row < table.rows(); row++) {
      int number = 0;
      int sum = 0;
      for (int k = 0; k < summands; k++) {
        int at = row * table.sequenceLength() + 2 * k;
        int x = table.tokens()[at];
        assertThat(x).isBetween(0, p - 1);
        assertThat(table.tokens()[at + 1]).isEqualTo(k < summands - 1 ? p : p + 1);
        number = number * p + x;
        sum += x;
      }
      assertThat(number).isEqualTo(row);
      assertThat(table.targets()[row]).isEqualTo(sum % p);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1|2|p is 1; a modulus of at least 2 is allowed",
        "-5|2|p is -5; a modulus of at least 2 is allowed",
        "97|1|the number of summands is 1; 2 to 6 are allowed",
        "97|7|the number of summands is 7; 2 to 6 are allowed",
        "97|6|p = 97 with 6 summands gives a table of 832,972,004,929 rows;"
            + " at most 178,956,969 are allowed",
        "2147483647|2|p = 2147483647 with 2 summands gives a table of"
            + " 4,611,686,014,132,420,609 rows; at most 536,870,909 are allowed",
      })
  void refusesOtherSizes(int p, int summands, String message) {
    assertThatThrownBy(() -> new ModularAddition(p, summands))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
