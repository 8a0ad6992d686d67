package dev.groklab.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.groklab.run.Status;
import dev.groklab.run.Summary;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObservationTest {

  @Test
  void isWhatTheSummarySays() {
    Summary half =
        new Summary(
            Status.DONE,
            5000,
            Optional.empty(),
            OptionalLong.of(400),
            OptionalLong.empty(),
            1,
            Optional.empty(),
            OptionalInt.empty());

    assertThat(Observation.fit(half)).isEqualTo(Observation.reached(400));
    assertThat(Observation.generalization(half)).isEqualTo(Observation.censored(5000));
  }

  @Test
  void smallerBudgetsHideWhatComesLater() {
    List<Observation> runs =
        List.of(Observation.reached(10), Observation.reached(20), Observation.censored(30));

    assertThat(Observation.cutAt(runs, 20))
        .isEqualTo(
            List.of(Observation.reached(10), Observation.reached(20), Observation.censored(20)));
    assertThat(Observation.cutAt(runs, 15))
        .isEqualTo(
            List.of(Observation.reached(10), Observation.censored(15), Observation.censored(15)));
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesOtherTimes(double time) {
    assertThatThrownBy(() -> Observation.reached(time))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the time of a run is " + time + "; a finite number that is at least 0 is allowed");
  }

  @Test
  void intervalsAreWrittenAsPeopleDo() {
    assertThat(new Interval(0.123456, Double.POSITIVE_INFINITY)).hasToString("[0.1235, ∞]");
    assertThat(Interval.point(1200)).hasToString("1200");
    assertThat(new Interval(1, 2).contains(2)).isTrue();
    assertThat(new Interval(1, 2).contains(2.1)).isFalse();
    for (double low : new double[] {2.1, Double.NaN}) {
      assertThatThrownBy(() -> new Interval(low, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("an interval cannot go from " + low + " to 2.0; the lower end comes first");
    }
  }
}
