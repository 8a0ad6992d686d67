package dev.groklab.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LogitsTest {

  @Test
  void lossIsCrossEntropy() {
    assertThat(Logits.loss(new double[] {5, 5, 5, 5}, 2)).isCloseTo(Math.log(4), within(1e-15));
    assertThat(Logits.loss(new double[] {0, Math.log(3)}, 1))
        .isCloseTo(Math.log(4 / 3.0), within(1e-15));
    assertThat(Logits.loss(new double[] {1000, 0}, 1)).isEqualTo(1000);
    assertThat(Logits.loss(new double[] {Double.NaN, 0}, 1)).isNaN();
  }

  @Test
  void scaleForgetsWhatEveryClassHas() {
    assertThat(Logits.scale(new double[][] {{1, -1}, {3, -3}})).isEqualTo(Math.sqrt(5));
    assertThat(Logits.scale(new double[][] {{101, 99}, {-7, -13}})).isEqualTo(Math.sqrt(5));
  }

  /** The others' mass is absorbed below 2⁻²⁵, half a unit in the last place below 1. */
  @Test
  void collapseBeginsWhereFp32RoundsToOne() {
    double edge = 25 * Math.log(2);
    assertThat(Logits.isCollapsed(new double[] {0, edge - 0.01}, 1)).isFalse();
    assertThat(Logits.isCollapsed(new double[] {0, edge + 0.01}, 1)).isTrue();
    assertThat(Logits.isCollapsed(new double[] {0, edge + 0.01, 0}, 1)).isFalse(); // twice the mass
    assertThat(Logits.isCollapsed(new double[] {0, 100}, 0)).isFalse(); // certain, and wrong
    assertThat(Logits.isCollapsed(new double[] {0, Double.NaN}, 0)).isFalse();
    float p = 1 / (1 + (float) Math.exp(-(edge + 0.01)));
    assertThat(p).isEqualTo(1);
  }
}
