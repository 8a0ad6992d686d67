package dev.groklab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitTest {

  @Property(tries = 300)
  void partitionsTheTable(
      @ForAll @IntRange(min = 2, max = 70) int p,
      @ForAll @DoubleRange(min = 0, max = 1, minIncluded = false, maxIncluded = false)
          double fraction,
      @ForAll long seed) {
    int rows = p * p;
    int trained =
        BigDecimal.valueOf(fraction)
            .multiply(BigDecimal.valueOf(rows))
            .setScale(0, RoundingMode.FLOOR)
            .intValueExact();
    Assume.that(trained > 0);

    Split split = Split.random(rows, fraction, seed);

    assertThat(split.train()).hasSize(trained);
    assertThat(sortedUnion(split)).containsExactly(IntStream.range(0, rows).toArray());
  }

  @Property(tries = 100)
  void dependsOnTheSeedAlone(@ForAll long seed) {
    Split split = Split.random(1000, 0.5, seed);

    assertThat(split.train()).isEqualTo(Split.random(1000, 0.5, seed).train());
    assertThat(split.train()).isNotEqualTo(Split.random(1000, 0.5, seed + 1).train());
    assertThat(split.train()).isNotEqualTo(Split.random(1000, 0.5, seed + (1L << 32)).train());
    // A larger fraction only adds rows: splits of one seed can be compared.
    assertThat(Split.random(1000, 0.7, seed).train()).startsWith(split.train());
  }

  @ParameterizedTest
  @CsvSource({
    "10, 0.7, 7", // 0.7 * 10 is 6.999999999999999 in binary
    "100, 0.29, 29", // 28.999999999999996
    "1681, 0.7, 1176",
    "9409, 0.5, 4704",
    "3, 0.3333333333333333, 0",
    "3, 0.34, 1",
    "2, 0.999, 1",
  })
  void takesTheFloorOfTheDecimalFraction(int rows, double fraction, int trained) {
    if (trained == 0) {
      assertThatThrownBy(() -> Split.random(rows, fraction, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "a training fraction of 0.3333333333333333 of 3 rows leaves no row to train on");
    } else {
      assertThat(Split.random(rows, fraction, 0).train()).hasSize(trained);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, -0.1, 1.5, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesOtherFractions(double fraction) {
    assertThatThrownBy(() -> Split.random(100, fraction, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the training fraction is %s; a number above 0 and below 1 is allowed", fraction);
  }

  /** Every row must have the same chance: 20,000 splits, five standard deviations. */
  @Test
  void everyRowIsEquallyLikelyToTrain() {
    int rows = 11;
    int splits = 20_000;
    int[] counts = new int[rows];
    for (int seed = 0; seed < splits; seed++) {
      for (int row : Split.random(rows, 0.5, seed).train()) {
        counts[row]++;
      }
    }
    double share = 5.0 / rows;
    double deviation = Math.sqrt(splits * share * (1 - share));
    for (int count : counts) {
      assertThat((double) count)
          .isBetween(splits * share - 5 * deviation, splits * share + 5 * deviation);
    }
  }

  @Test
  void takesTrainingRowsThatAreGiven() {
    Split split = Split.ofTrainRows(6, new int[] {4, 0, 3});

    assertThat(split.train()).containsExactly(4, 0, 3);
    assertThat(split.validation()).containsExactly(1, 2, 5);
    assertThat(split).hasToString("Split[train=3 rows, validation=3 rows]");
  }

  @Test
  void refusesTrainingRowsThatMakeNoSplit() {
    assertThatThrownBy(() -> Split.ofTrainRows(6, new int[] {4, 6}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("training row 6 is not in the table; its rows are 0 to 5");
    assertThatThrownBy(() -> Split.ofTrainRows(6, new int[] {-1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("training row -1 is not in the table; its rows are 0 to 5");
    assertThatThrownBy(() -> Split.ofTrainRows(6, new int[] {4, 1, 4}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("training row 4 is given twice");
    assertThatThrownBy(() -> Split.ofTrainRows(2, new int[] {0, 1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a split into 2 training and 0 validation rows; both need at least one");
    assertThatThrownBy(() -> Split.ofTrainRows(2, new int[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a split into 0 training and 2 validation rows; both need at least one");
    assertThatThrownBy(() -> Split.random(1, 0.5, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a table of 1 rows cannot be split; at least 2 are needed");
  }

  @Test
  void evaluatesLargeTablesOnASubset() {
    assertThat(Split.defaultEvaluationRows(65_536)).isEqualTo(65_536);
    assertThat(Split.defaultEvaluationRows(65_537)).isEqualTo(16_384);
  }

  @Property(tries = 100)
  void subsetsAreSubsetsWithoutRepetition(
      @ForAll @IntRange(min = 1, max = 400) int most, @ForAll long seed) {
    Split split = Split.random(500, 0.3, 1);

    Split subset = split.evaluationSubset(most, seed);

    assertThat(subset.train()).hasSize(Math.min(most, 150)).doesNotHaveDuplicates();
    assertThat(subset.validation()).hasSize(Math.min(most, 350)).doesNotHaveDuplicates();
    assertThat(split.train()).contains(subset.train());
    assertThat(split.validation()).contains(subset.validation());
    assertThat(split.evaluationSubset(most, seed).train()).isEqualTo(subset.train());
  }

  @Test
  void refusesToEvaluateNoRows() {
    assertThatThrownBy(() -> Split.random(10, 0.5, 0).evaluationSubset(0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("0 rows are to be evaluated; at least 1 is allowed");
  }

  private static int[] sortedUnion(Split split) {
    return IntStream.concat(Arrays.stream(split.train()), Arrays.stream(split.validation()))
        .sorted()
        .toArray();
  }
}
