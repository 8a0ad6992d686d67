package dev.groklab.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RawIntegersTest {

  private static Set<Integer> pairs(RawIntegers data, int from, int to) {
    Set<Integer> pairs = new HashSet<>();
    for (int row = from; row < to; row++) {
      int first = whole(data.features()[2 * row]);
      int second = whole(data.features()[2 * row + 1]);
      assertThat(first).isBetween(0, data.p() - 1);
      assertThat(second).isBetween(0, data.p() - 1);
      assertThat(data.targets()[row]).isEqualTo((first + second) % data.p());
      pairs.add(first * data.p() + second);
    }
    return pairs;
  }

  private static int whole(float number) {
    assertThat(number).isEqualTo(Math.round(number));
    return Math.round(number);
  }

  @Test
  void distinctPairsDoNotMeet() {
    RawIntegers data = RawIntegers.distinct(97, 5000, 1000, 3);
    assertThat(pairs(data, 0, 6000)).hasSize(6000);
    assertThat(data.testRowsTrainedOn()).isZero();
  }

  /** 1 − (1 − 1/97²)^5000 = 41 % of the article's test rows are trained on. */
  @Test
  void drawnPairsMeet() {
    RawIntegers data = RawIntegers.drawn(97, 5000, 1000, 3);
    Set<Integer> train = pairs(data, 0, 5000);
    assertThat(train.size()).isBetween(3800, 3960); // of 9409 · 0.412 = 3879
    int seen = 0;
    for (int row = 5000; row < 6000; row++) {
      seen += train.containsAll(pairs(data, row, row + 1)) ? 1 : 0;
    }
    assertThat(data.testRowsTrainedOn()).isEqualTo(seen).isBetween(340, 480);
  }

  @Test
  void areAFunctionOfTheSeed() {
    assertThat(RawIntegers.distinct(11, 60, 30, 5).features())
        .isEqualTo(RawIntegers.distinct(11, 60, 30, 5).features())
        .isNotEqualTo(RawIntegers.distinct(11, 60, 30, 6).features())
        .isNotEqualTo(RawIntegers.drawn(11, 60, 30, 5).features());
    assertThat(RawIntegers.distinct(11, 91, 30, 5).toString())
        .isEqualTo("RawIntegers[p=11, 91 training and 30 test rows]");
  }

  @Test
  void impossibleSizesAreRefused() {
    assertThatThrownBy(() -> RawIntegers.distinct(1, 1, 1, 0))
        .hasMessage("the modulus is 1; allowed are 2 to 4096");
    assertThatThrownBy(() -> RawIntegers.drawn(4097, 1, 1, 0)).hasMessageContaining("is 4097");
    assertThatThrownBy(() -> RawIntegers.distinct(11, 0, 1, 0))
        .hasMessage("0 training and 1 test rows; both need at least one");
    assertThatThrownBy(() -> RawIntegers.distinct(11, 100, 22, 0))
        .hasMessageContaining("more than the 121 pairs of numbers below 11");
  }
}
