package dev.groklab.experiments.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LossesTest {

  @Test
  void theLargestRelativeDifferenceCounts() {
    assertThat(Losses.difference(new double[] {4, 2}, new double[] {4.004, 1.99}))
        .isCloseTo(0.005, within(1e-12));
    assertThat(Losses.difference(new double[] {4}, new double[] {4})).isZero();
  }

  @Test
  void whatIsNoNumberAgreesWithNothing() {
    assertThat(Losses.difference(new double[] {4, 4}, new double[] {4, Double.NaN})).isInfinite();
    assertThat(Losses.difference(new double[] {Double.NaN}, new double[] {4})).isInfinite();
  }
}
