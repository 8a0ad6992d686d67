package dev.groklab.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CosineTest {

  /**
   * What {@code CosineAnnealingLR(optimizer, T_max=10, eta_min=1e-5)} of PyTorch 2.14.1 gives at
   * steps 0 … 10 for lr = 5e-4, stepped as well as in closed form; repr() of the numbers.
   */
  @Test
  void isPyTorchsCosineAnnealing() {
    double[] expected = {
      0.0005,
      0.00048800884649231267,
      0.00045320916362186214,
      0.00039900738681165594,
      0.00033070916362186215,
      0.000255,
      0.0001792908363781379,
      0.0001109926131883441,
      5.67908363781379e-05,
      2.1991153507687383e-05,
      1e-05
    };
    Schedule schedule = Schedule.cosine(5e-4, 1e-5, 10);

    for (int step = 0; step < expected.length; step++) {
      assertThat(schedule.rate(step)).isCloseTo(expected[step], within(1e-18));
    }
    assertThat(schedule.rate(11)).isEqualTo(1e-5);
  }

  @Property(tries = 500)
  void fallsFromTheRateToTheMinimum(
      @ForAll @DoubleRange(min = 0, max = 10) double a,
      @ForAll @DoubleRange(min = 0, max = 10) double b,
      @ForAll @LongRange(min = 1, max = 1L << 40) long steps,
      @ForAll @DoubleRange(min = 0, max = 1) double where) {
    double learningRate = Math.max(a, b);
    double minimum = Math.min(a, b);
    Schedule schedule = Schedule.cosine(learningRate, minimum, steps);
    long step = (long) (where * (steps - 1));

    assertThat(schedule.rate(0)).isEqualTo(learningRate);
    assertThat(schedule.rate(steps)).isEqualTo(minimum);
    assertThat(schedule.rate(Long.MAX_VALUE)).isEqualTo(minimum);
    assertThat(schedule.rate(step)).isBetween(minimum, learningRate);
    assertThat(schedule.rate(step + 1)).isBetween(minimum, schedule.rate(step));
    // Half a period is symmetric: what has fallen at step s is what is left at steps − s.
    assertThat(schedule.rate(step) + schedule.rate(steps - step))
        .isCloseTo(learningRate + minimum, within(1e-14 * (learningRate + minimum)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-0.1|0|10|the learning rate is -0.1; a finite number that is at least 0 is allowed",
        "0.1|-0.1|10|the minimum of the learning rate is -0.1;"
            + " a finite number that is at least 0 is allowed",
        "0.1|NaN|10|the minimum of the learning rate is NaN;"
            + " a finite number that is at least 0 is allowed",
        "0.1|0.2|10|the minimum of the learning rate is 0.2;"
            + " at most the rate of step 0, 0.1, is allowed",
        "0.1|0|0|the learning rate is to reach its minimum at step 0; at least 1 is allowed",
      })
  void refusesOtherArguments(double rate, double minimum, long steps, String message) {
    assertThatThrownBy(() -> Schedule.cosine(rate, minimum, steps))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
