package dev.groklab.analysis;

import static dev.groklab.analysis.Goldens.EXACT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RankCorrelationTest {

  static List<JsonNode> correlation() {
    return Goldens.cases("correlation");
  }

  @ParameterizedTest
  @MethodSource("correlation")
  void isTheReference(JsonNode golden) {
    RankCorrelation correlation =
        RankCorrelation.of(Goldens.numbers(golden.get("x")), Goldens.numbers(golden.get("y")), 0);

    assertThat(correlation.estimate().low()).isCloseTo(golden.get("rho").asDouble(), EXACT);
    assertThat(correlation.isExact()).isTrue();
    assertThat(correlation.pAbove(0)).isCloseTo(golden.get("p_above").asDouble(), EXACT);
    assertThat(correlation.pBelow(0)).isCloseTo(golden.get("p_below").asDouble(), EXACT);
    assertThat(correlation.interval(0.95))
        .matches(interval -> Goldens.same(interval, golden.get("interval")));
  }

  @Test
  void runsThatNeverGetThereAreTheLatest() {
    double[] scale = {1, 2, 3, 4, 5};
    List<Observation> runs =
        List.of(
            Observation.reached(10),
            Observation.reached(40),
            Observation.reached(90),
            Observation.censored(100),
            Observation.censored(90));
    RankCorrelation correlation = RankCorrelation.ofTimes(scale, runs, 0);

    assertThat(correlation.estimate())
        .isEqualTo(RankCorrelation.of(scale, new double[] {1, 2, 3, 7, 7}, 0).estimate());
    // Of 5! orders two are as good: the censored ones may change places.
    assertThat(correlation.pAbove(0)).isEqualTo(2 / 120.0);
    assertThat(correlation.leastPAbove(0)).isEqualTo(1 / 120.0);
    assertThatThrownBy(
            () ->
                RankCorrelation.ofTimes(
                    new double[] {1, 2},
                    List.of(Observation.reached(10), Observation.censored(9)),
                    0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a run was censored at 9.0, before another got there at 10.0;"
                + " cut all runs at the smallest budget first");
  }

  @Test
  void perfectIsNotCertain() {
    double[] scale = {1, 2, 3, 4, 5, 6};
    Interval interval = RankCorrelation.of(scale, scale, 0).interval(0.95);

    assertThat(interval.high()).isEqualTo(1);
    assertThat(interval.low()).isBetween(0.3, 0.9);
    assertThat(RankCorrelation.of(new double[] {1, 2, 3}, scaleOf(3), 0).interval(0.95))
        .isEqualTo(new Interval(-1, 1));
    RankCorrelation constant = RankCorrelation.of(scale, new double[6], 0);
    assertThat(constant.estimate()).isEqualTo(Interval.point(0));
    assertThat(constant.p(0)).isEqualTo(1);
  }

  /** 25 runs in five groups are sampled; without a relation one tail is about one half. */
  @Test
  void samplesManyRuns() {
    double[] scale = IntStream.range(0, 25).mapToDouble(i -> Math.floorDiv(i, 5)).toArray();
    double[] values = IntStream.range(0, 25).mapToDouble(i -> i * 7 % 25).toArray();
    RankCorrelation correlation = RankCorrelation.of(scale, values, 3);

    assertThat(correlation.isExact()).isFalse();
    double z = correlation.estimate().low() * Math.sqrt(24);
    double normal = NormalDistribution.of(0, 1).survivalProbability(z);
    assertThat(correlation.pAbove(0)).isCloseTo(normal, within(0.02));
    assertThat(RankCorrelation.of(scale, values, 3).pAbove(0)).isEqualTo(correlation.pAbove(0));
    assertThat(RankCorrelation.of(scale, values, 4).pAbove(0))
        .isNotEqualTo(correlation.pAbove(0))
        .isCloseTo(correlation.pAbove(0), within(0.01));
  }

  private static double[] scaleOf(int values) {
    return IntStream.range(0, values).asDoubleStream().toArray();
  }

  @Test
  void refusesOtherArguments() {
    double[] two = {1, 2};

    assertThatThrownBy(() -> RankCorrelation.of(two, new double[] {1, 2, 3}, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("3 values need as many places on the scale, not 2");
    assertThatThrownBy(() -> RankCorrelation.of(new double[] {3, 3}, two, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the scale is 3.0 everywhere; different places are needed");
    assertThatThrownBy(() -> RankCorrelation.of(new double[1], new double[1], 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the scale has 1 values; at least 2 are needed");
    assertThatThrownBy(() -> RankCorrelation.of(two, two, 0).pAbove(0.2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a rank correlation is tested against 0, not against 0.2");
  }
}
