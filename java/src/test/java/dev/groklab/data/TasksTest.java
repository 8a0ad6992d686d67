package dev.groklab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TasksTest {

  private static Set<String> names() {
    return Tasks.names();
  }

  @Test
  void tasksAreFoundByName() {
    assertThat(Tasks.names())
        .containsExactly(
            "add",
            "divide",
            "mixed_divide_subtract",
            "multiply",
            "s5",
            "s5_aba",
            "s5_conjugate",
            "subtract",
            "x2_plus_xy_plus_y2",
            "x2_plus_xy_plus_y2_plus_x",
            "x2_plus_y2",
            "x3_plus_xy",
            "x3_plus_xy2_plus_y");
    assertThat(Tasks.of("add", 5, 3)).isEqualTo(new ModularAddition(5, 3));
    String message = "there is no task \"mul\"; known: " + String.join(", ", Tasks.names());
    assertThatThrownBy(() -> Tasks.of("mul", 5, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> Tasks.defaultP("mul"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource({
    "add, 7, 2, x + y mod 7",
    "add, 7, 3, x + y + z mod 7",
    "add, 7, 4, x₁ + … + x₄ mod 7",
    "add, 7, 6, x₁ + … + x₆ mod 7",
    "divide, 97, 2, x / y mod 97",
    "x2_plus_xy_plus_y2_plus_x, 97, 2, x² + xy + y² + x mod 97",
    "s5_conjugate, 120, 2, xyx⁻¹ in S₅",
  })
  void tasksSayWhatTheyCompute(String name, int p, int summands, String formula) {
    assertThat(Tasks.of(name, p, summands).formula()).isEqualTo(formula);
  }

  /** Answers worked out by hand; a row reads x, operator, y, equals sign. */
  @ParameterizedTest
  @CsvSource({
    "add, 9409, 95, 4, 2",
    "subtract, 9409, 3, 5, 95",
    "multiply, 9409, 50, 2, 3",
    "divide, 9312, 3, 5, 20", // 20 · 5 = 100
    "x2_plus_y2, 9409, 10, 1, 4", // 101
    "x2_plus_xy_plus_y2, 9409, 10, 2, 27", // 124
    "x2_plus_xy_plus_y2_plus_x, 9409, 10, 2, 37", // 134
    "x3_plus_xy, 9409, 5, 2, 38", // 135
    "x3_plus_xy2_plus_y, 9409, 4, 3, 6", // 103
    "mixed_divide_subtract, 9409, 1, 2, 96", // 2 is even: 1 − 2
    "mixed_divide_subtract, 9409, 1, 3, 65", // 3 is odd: 65 · 3 = 195
    // 24 is 10234, which swaps 0 and 1; 6 is 02134, which swaps 1 and 2.
    "s5, 14400, 24, 6, 30", // 12034: first 6, then 24
    "s5, 14400, 6, 24, 48", // 20134
    "s5_conjugate, 14400, 24, 6, 54", // 21034 swaps 0 and 2
    "s5_conjugate, 14400, 30, 6, 54", // 12034 takes 1 to 2 and 2 to 0
    "s5_aba, 14400, 30, 0, 48", // 12034 twice: 20134
    "s5_aba, 14400, 24, 6, 54",
  })
  void writesRowsAsInThePaper(String name, int rows, int x, int y, int z) {
    int p = Tasks.defaultP(name);
    Task task = Tasks.of(name, p, 2);
    TokenTable table = task.table();
    int row = name.equals("divide") ? x * (p - 1) + y - 1 : x * p + y;

    assertThat(task.rows()).isEqualTo(rows);
    assertThat(Arrays.copyOfRange(table.tokens(), 4 * row, 4 * row + 4))
        .containsExactly(x, p, y, p + 1);
    assertThat(table.targets()[row]).isEqualTo(z);
  }

  @ParameterizedTest
  @MethodSource("names")
  void keepsWhatTasksPromise(String name) {
    int p = name.startsWith("s5") ? 120 : 13;
    Task task = Tasks.of(name, p, 2);
    TokenTable table = task.table();

    assertThat(task.name()).isEqualTo(name);
    assertThat(task.rows()).isEqualTo(table.rows());
    assertThat(task.positions()).isEqualTo(5);
    assertThat(task.classes()).isEqualTo(p);
    assertThat(table.vocabulary()).isEqualTo(p + 2);
    assertThat(table.sequenceLength()).isEqualTo(4);
    assertThat(Arrays.stream(table.targets()).min().getAsInt()).isNotNegative();
    assertThat(Arrays.stream(table.targets()).max().getAsInt()).isLessThan(p);
    assertThat(task.table().tokens()).isEqualTo(table.tokens());
    assertThat(task.table().targets()).isEqualTo(table.targets());
    for (int row = 1; row < table.rows(); row++) {
      assertThat(pair(table, row)).as("canonical order").isGreaterThan(pair(table, row - 1));
    }
  }

  private static int pair(TokenTable table, int row) {
    return table.tokens()[4 * row] * table.vocabulary() + table.tokens()[4 * row + 2];
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyTaskTakesItsDefaultP(String name) {
    int p = Tasks.defaultP(name);

    assertThat(p).isEqualTo(name.startsWith("s5") ? 120 : 97);
    assertThat(Tasks.of(name, p, 2).classes()).isEqualTo(p);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "multiply|97|3|the task multiply takes 2 operands, not 3",
        "s5|120|1|the task s5 takes 2 operands, not 1",
        "s5|97|2|the task s5 has 120 elements; p cannot be 97",
        "s5_aba|121|2|the task s5_aba has 120 elements; p cannot be 121",
        "divide|9|2|p is 9 = 3 · 3; division is possible modulo primes only",
        "mixed_divide_subtract|95|2|p is 95 = 5 · 19; division is possible modulo primes only",
        "multiply|1|2|the number of elements is 1; at least 2 are needed",
        "divide|-3|2|the number of elements is -3; at least 2 are needed",
        "divide|2147483647|2|2147483647 elements give a table of 4,611,686,014,132,420,609 rows;"
            + " at most 536,870,909 are allowed",
        "multiply|23171|2|23171 elements give a table of 536,895,241 rows;"
            + " at most 536,870,909 are allowed",
      })
  void refusesOtherSizes(String name, int p, int summands, String message) {
    assertThatThrownBy(() -> Tasks.of(name, p, summands))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
