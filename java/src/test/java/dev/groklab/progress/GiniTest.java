package dev.groklab.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class GiniTest {

  @Test
  void knownCoefficients() {
    assertThat(Gini.of(new double[] {3, 3, 3, 3})).isZero();
    assertThat(Gini.of(new double[] {0, 7, 0, 0})).isEqualTo(0.75);
    assertThat(Gini.of(new double[] {2, 1})).isCloseTo(1 / 6.0, within(1e-15));
    assertThat(Gini.of(new double[] {4, 2, 1, 3})).isEqualTo(0.25); // 1 … n: (n − 1) / 3n
    assertThat(Gini.of(new double[] {400, 200, 100, 300})).isEqualTo(0.25);
    assertThat(Gini.of(new double[] {0, 0})).isZero();
    assertThat(Gini.of(new double[] {1, Double.NaN})).isNaN();
  }

  @Test
  void amountsAreNotNegative() {
    assertThatThrownBy(() -> Gini.of(new double[0])).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Gini.of(new double[] {1, -1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("-1.0 is no amount");
  }
}
