package dev.groklab.experiments.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.0123456, 0.0123",
    "0.9, 0.900",
    "4.5678, 4.57",
    "78.949, 78.9",
    "99.96, 100",
    "123.4, 123",
    "98765, 98765",
    "NaN, –",
    "Infinity, –",
  })
  void threeDigitsCount(double value, String shown) {
    assertThat(Numbers.three(value)).isEqualTo(shown);
  }

  @Test
  void sharesAndRanges() {
    assertThat(Numbers.percent(0.634)).isEqualTo("63 %");
    assertThat(Numbers.milliseconds(0.0071234)).isEqualTo("7.12");
    assertThat(Numbers.withRange(2, 1.5, 2.25)).isEqualTo("2.00 (1.50 to 2.25)");
  }
}
