package dev.groklab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabelNoiseTest {

  @Property(tries = 300)
  void choosesTheShareAmongTheTrainingRows(
      @ForAll @IntRange(min = 2, max = 500) int rows,
      @ForAll @DoubleRange(min = 0, max = 1) double share,
      @ForAll @IntRange(min = 1, max = 120) int classes,
      @ForAll long seed) {
    int[] train = Split.random(2 * rows, 0.5, seed).train();
    int chosen =
        BigDecimal.valueOf(share)
            .multiply(BigDecimal.valueOf(rows))
            .setScale(0, RoundingMode.FLOOR)
            .intValueExact();

    LabelNoise noise = LabelNoise.random(train, share, classes, seed);

    assertThat(noise.rows()).hasSize(chosen).isSorted().doesNotHaveDuplicates();
    assertThat(Arrays.stream(noise.rows())).isSubsetOf(Arrays.stream(train).boxed().toList());
    assertThat(noise.labels()).hasSize(chosen);
    assertThat(Arrays.stream(noise.labels())).allMatch(label -> label >= 0 && label < classes);
  }

  @ParameterizedTest
  @CsvSource({
    "10, 0.7, 7", // 0.7 * 10 is 6.999999999999999 in binary
    "100, 0.29, 29", // 28.999999999999996
    "4704, 0.1, 470",
    "3, 0.3333333333333333, 0",
    "3, 0, 0",
    "3, 1, 3",
  })
  void takesTheFloorOfTheDecimalShare(int rows, double share, int chosen) {
    assertThat(LabelNoise.random(range(rows), share, 97, 0).rows()).hasSize(chosen);
  }

  @Property(tries = 100)
  void dependsOnTheSeedAndTheSetOfTrainingRowsAlone(@ForAll long seed) {
    int[] train = range(1000);
    int[] backwards = IntStream.range(0, 1000).map(row -> 999 - row).toArray();
    LabelNoise noise = LabelNoise.random(train, 0.5, 97, seed);

    for (int[] same : new int[][] {train, backwards}) {
      LabelNoise again = LabelNoise.random(same, 0.5, 97, seed);
      assertThat(again.rows()).isEqualTo(noise.rows());
      assertThat(again.labels()).isEqualTo(noise.labels());
    }
    for (long other : new long[] {seed + 1, seed + (1L << 32)}) {
      LabelNoise different = LabelNoise.random(train, 0.5, 97, other);
      assertThat(different.rows()).isNotEqualTo(noise.rows());
      assertThat(different.labels()).isNotEqualTo(noise.labels());
    }
    assertThat(train).isEqualTo(range(1000));
  }

  @Property(tries = 100)
  void largerSharesOnlyAddRows(@ForAll @DoubleRange(min = 0, max = 1) double share) {
    LabelNoise part = LabelNoise.random(range(300), share, 97, 7);
    LabelNoise all = LabelNoise.random(range(300), 1, 97, 7);

    assertThat(all.rows()).isEqualTo(range(300));
    for (int i = 0; i < part.rows().length; i++) {
      assertThat(part.labels()[i]).isEqualTo(all.labels()[part.rows()[i]]);
    }
  }

  /** The split and the order of batches may have the same seed; the choice must not follow them. */
  @Test
  void choiceIsNotThatOfTheSplit() {
    int[] train = Split.random(1000, 0.5, 3).train();
    int[] first = Arrays.copyOf(train, 250);
    Arrays.sort(first);

    assertThat(LabelNoise.random(range(1000), 0.25, 97, 3).rows()).isNotEqualTo(first);
    assertThat(LabelNoise.random(train, 0.5, 97, 3).rows()).isNotEqualTo(first);
  }

  /**
   * Pearson's χ² of 97,000 labels has mean 96 and standard deviation 13.9; five of them above and
   * below.
   */
  @Test
  void labelsAreUniform() {
    int[] counts = new int[97];
    for (int seed = 0; seed < 97; seed++) {
      for (int label : LabelNoise.random(range(1000), 1, 97, seed).labels()) {
        counts[label]++;
      }
    }
    double chiSquare =
        Arrays.stream(counts).mapToDouble(n -> (n - 1000.0) * (n - 1000)).sum() / 1000;

    assertThat(chiSquare).isBetween(96 - 5 * 13.9, 96 + 5 * 13.9);
  }

  /** Every row must have the same chance: 20,000 choices, five standard deviations. */
  @Test
  void everyTrainingRowIsEquallyLikelyToBeChosen() {
    int choices = 20_000;
    int[] counts = new int[11];
    for (int seed = 0; seed < choices; seed++) {
      for (int row : LabelNoise.random(range(11), 0.5, 97, seed).rows()) {
        counts[row]++;
      }
    }
    double share = 5.0 / 11;
    double deviation = Math.sqrt(choices * share * (1 - share));
    for (int count : counts) {
      assertThat((double) count)
          .isBetween(choices * share - 5 * deviation, choices * share + 5 * deviation);
    }
  }

  /** By a second implementation, in Python: runs must be repeatable years later. */
  @Test
  void knownSeedGivesKnownNoise() {
    LabelNoise noise = LabelNoise.random(range(20), 0.3, 97, 42);

    assertThat(noise.rows()).containsExactly(0, 4, 10, 13, 14, 16);
    assertThat(noise.labels()).containsExactly(94, 18, 42, 49, 39, 51);
    assertThat(noise).hasToString("LabelNoise[6 rows]");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.5, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesOtherShares(double share) {
    assertThatThrownBy(() -> LabelNoise.random(range(10), share, 97, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the share of random labels is " + share + "; a number from 0 to 1 is allowed");
  }

  @Test
  void refusesOtherArguments() {
    assertThatThrownBy(() -> LabelNoise.random(range(10), 0.5, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("labels cannot be drawn from 0 classes; at least 1 is needed");
    assertThatThrownBy(() -> LabelNoise.random(new int[] {4, 1, 4}, 0, 97, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("training row 4 is given twice");
    assertThatThrownBy(() -> new LabelNoise(range(3), range(2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("3 rows need as many labels, not 2");
    assertThatThrownBy(() -> new LabelNoise(new int[] {0, 2, 1}, range(3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("noisy row 1 comes after row 2; ascending rows are needed");
  }

  private static int[] range(int end) {
    return IntStream.range(0, end).toArray();
  }
}
