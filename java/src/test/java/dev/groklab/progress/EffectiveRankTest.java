package dev.groklab.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EffectiveRankTest {

  @Test
  void equalSingularValuesAreCounted() {
    double[] identity = new double[25];
    Arrays.setAll(identity, i -> i % 6 == 0 ? 3 : 0);
    assertThat(EffectiveRank.of(identity, 5, 5)).isCloseTo(5, within(1e-12));
    double[] wide = {2, 0, 0, 0, 0, 0, -2, 0};
    assertThat(EffectiveRank.of(wide, 2, 4)).isCloseTo(2, within(1e-12));
    assertThat(EffectiveRank.of(wide, 4, 2)).isCloseTo(1.0, within(1e-7)); // (2, 0), 0, 0, (-2, 0)
  }

  /** Singular values 3 and 1: exp(−¾ ln ¾ − ¼ ln ¼). */
  @Test
  void smallSingularValuesCountLittle() {
    double[] matrix = {2, 1, 1, 2};
    double entropy = -0.75 * Math.log(0.75) - 0.25 * Math.log(0.25);
    assertThat(EffectiveRank.of(matrix, 2, 2)).isCloseTo(Math.exp(entropy), within(1e-12));
  }

  @Test
  void aRandomMatrixHasNearlyFullRank() {
    SplittableRandom random = new SplittableRandom(0);
    double[] matrix = new double[97 * 128];
    Arrays.setAll(matrix, _ -> random.nextGaussian());
    assertThat(EffectiveRank.of(matrix, 97, 128)).isBetween(80.0, 97.0);
  }

  @Test
  void whatIsNotFiniteHasNoRank() {
    assertThat(EffectiveRank.of(new double[4], 2, 2)).isZero();
    assertThat(EffectiveRank.of(new double[] {1, Double.NaN, 0, 1}, 2, 2)).isNaN();
    assertThat(EffectiveRank.of(new double[] {1, Double.NEGATIVE_INFINITY}, 1, 2)).isNaN();
    assertThatThrownBy(() -> EffectiveRank.of(new double[3], 2, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("3 numbers are no matrix of 2 rows of 2");
  }
}
