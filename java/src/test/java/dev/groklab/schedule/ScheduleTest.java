package dev.groklab.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTest {

  @Test
  void constantIsConstant() {
    Schedule schedule = Schedule.constant(5e-4);

    assertThat(schedule.rate(0)).isEqualTo(5e-4);
    assertThat(schedule.rate(Long.MAX_VALUE)).isEqualTo(5e-4);
  }

  @Test
  void stepDecayMultipliesEverySoManySteps() {
    Schedule schedule = Schedule.step(5e-4, 0.8, 5000);

    assertThat(schedule.rate(0)).isEqualTo(5e-4);
    assertThat(schedule.rate(4999)).isEqualTo(5e-4);
    assertThat(schedule.rate(5000)).isEqualTo(5e-4 * 0.8);
    assertThat(schedule.rate(9999)).isEqualTo(5e-4 * 0.8);
    assertThat(schedule.rate(50_000)).isCloseTo(5e-4 * 0.1073741824, within(1e-18));
    assertThat(schedule.rate(Long.MAX_VALUE)).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-0.1|0.8|10|the learning rate is -0.1; a finite number that is at least 0 is allowed",
        "NaN|0.8|10|the learning rate is NaN; a finite number that is at least 0 is allowed",
        "Infinity|1|1|the learning rate is Infinity; a finite number that is at least 0 is allowed",
        "0.1|-1|10|the decay factor of the learning rate is -1.0;"
            + " a finite number that is at least 0 is allowed",
        "0.1|0.8|0|the learning rate is to decay every 0 steps; at least 1 is allowed",
      })
  void refusesOtherArguments(double rate, double factor, long every, String message) {
    assertThatThrownBy(() -> Schedule.step(rate, factor, every))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void refusesNegativeSteps() {
    assertThatThrownBy(() -> Schedule.constant(1).rate(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("step -1 is negative; steps count from 0");
  }
}
