package dev.groklab.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BootstrapTest {

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().getAsDouble();
  }

  /** The bootstrap distribution of the mean of 1 … 100 is near normal, with σ = 2.887. */
  @Test
  void isNearTheNormalIntervalOfAMean() {
    List<Double> values = IntStream.rangeClosed(1, 100).asDoubleStream().boxed().toList();
    Interval interval =
        Bootstrap.percentile(List.of(values), groups -> mean(groups.getFirst()), 0.95, 4000, 1);

    assertThat(interval.low()).isCloseTo(50.5 - 1.96 * 2.887, within(0.35));
    assertThat(interval.high()).isCloseTo(50.5 + 1.96 * 2.887, within(0.35));
    assertThat(Bootstrap.percentile(List.of(values), g -> mean(g.getFirst()), 0.95, 4000, 1))
        .isEqualTo(interval);
    assertThat(Bootstrap.percentile(List.of(values), g -> mean(g.getFirst()), 0.95, 4000, 2))
        .isNotEqualTo(interval);
  }

  @Test
  void mediansThatAreNotReachedAreInfinite() {
    List<Observation> fast = Goldens.group("fast");
    List<Observation> slow = Goldens.group("slow");
    List<Observation> never = Goldens.group("never");

    Interval interval = Bootstrap.ratioOfMedians(fast, slow, 0.95, 2000, 1);
    assertThat(interval.low()).isBetween(0.9, 1.7);
    assertThat(interval.high()).isInfinite();
    assertThat(Bootstrap.ratioOfMedians(fast, never, 0.95, 2000, 1))
        .isEqualTo(Interval.point(Double.POSITIVE_INFINITY));
    assertThat(Bootstrap.ratioOfMedians(never, never, 0.95, 2000, 1))
        .isEqualTo(new Interval(0, Double.POSITIVE_INFINITY));
  }

  /** How many nominal 95% intervals of a ratio of geometric means hold the truth. */
  @ParameterizedTest
  @CsvSource({"5, 0.83, 0.87", "15, 0.90, 0.94"})
  void isTooNarrowForFewRuns(int runs, double least, double most) {
    Simulation simulation = new Simulation(3);
    int held = 0;
    int experiments = 1000;
    for (int i = 0; i < experiments; i++) {
      List<List<Double>> logs =
          List.of(
              simulation.exponential(runs, 1, 1e9).stream().map(o -> Math.log(o.time())).toList(),
              simulation.exponential(runs, 3, 1e9).stream().map(o -> Math.log(o.time())).toList());
      Interval interval =
          Bootstrap.percentile(
              logs, drawn -> mean(drawn.getLast()) - mean(drawn.getFirst()), 0.95, 400, i);
      held += interval.contains(Math.log(3)) ? 1 : 0;
    }
    assertThat((double) held / experiments).isBetween(least, most);
  }

  @Test
  void refusesOtherArguments() {
    List<Observation> runs = Goldens.group("fast");

    assertThatThrownBy(() -> Bootstrap.ratioOfMedians(runs, List.of(), 0.95, 1000, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a group has no runs; at least 1 is needed");
    assertThatThrownBy(() -> Bootstrap.ratioOfMedians(runs, runs, 0.95, 99, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the bootstrap is to draw 99 samples; at least 100 are needed");
    assertThatThrownBy(() -> Bootstrap.ratioOfMedians(runs, runs, 95, 1000, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the confidence level is 95.0; a number between 0 and 1 is allowed, as 0.95");
  }
}
